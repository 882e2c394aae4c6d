"""Every changed rule of a knowledge base: one change of one rule each.

What would not load is left out, and so is what no record can tell apart from what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crampdx.authoring.mutation.bounds import changed_limits
from crampdx.authoring.mutation.criteria import ChangedCriterion, Implications, changed_criteria
from crampdx.authoring.mutation.models import Change, Mutant, Operator, RuleKey
from crampdx.engine.evaluators.reference import Verdict, add_derived, evaluate
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Atom, Criterion
from crampdx.knowledge.criterion_parts import flow
from crampdx.knowledge.graph import closure
from crampdx.knowledge.models import (
    AttributeValue,
    Cause,
    Caution,
    CautionLevel,
    Evidence,
    Finding,
    Indication,
    MeasuredValue,
    Model,
    OneOf,
    Pretest,
    Prevention,
    RedFlag,
    ShownBy,
    Strength,
    Test,
    Urgency,
)
from crampdx.outputs.labels import Labels

__all__ = ["mutants", "rules_of"]

_FAVORS = (Strength.WEAK, Strength.MODERATE, Strength.STRONG, Strength.CONFIRMS)
_OPPOSES = (Strength.WEAK, Strength.MODERATE, Strength.STRONG, Strength.RULES_OUT)
_OPPOSITE = {Strength.CONFIRMS: Strength.RULES_OUT, Strength.RULES_OUT: Strength.CONFIRMS}

MAX_LR = 1000
"""The highest measured likelihood ratio that a rule file may give."""


def rules_of(knowledge: KnowledgeBase) -> dict[RuleKey, Model]:
    """Every rule that can be changed, lines of causes and treatments apart, by kind and id."""
    return {located.rule: located.item for located in _located(knowledge)}


def mutants(knowledge: KnowledgeBase) -> Iterator[Mutant]:
    """Every changed rule, in a fixed order."""
    changes = _Changes(knowledge)
    for located in _located(knowledge):
        for change in changes.of(located):
            yield Mutant(
                rule=located.rule,
                place=knowledge.places.get((located.rule.kind, located.rule.id)),
                change=change,
                collection=located.collection,
                key=located.entry.id,
                entry=located.entry_with(change.item),
                owner=located.entry.id,
            )


# ------------------------------------------------------------------------------ where rules stand


@dataclass(frozen=True, slots=True)
class _Located:
    """A rule, and the entry of the knowledge base that it is, or is a line of."""

    rule: RuleKey
    item: Model
    collection: str
    entry: Any
    field: str = ""

    def entry_with(self, item: Model | None) -> Model | None:
        """The entry with the rule changed, or without it; nothing where the entry is dropped."""
        if not self.field:
            return item
        lines = getattr(self.entry, self.field)
        changed = tuple(item if line is self.item else line for line in lines)
        kept = tuple(line for line in changed if line is not None)
        without: Model = self.entry.model_copy(update={self.field: kept})
        return without


_ENTRIES = {
    "findings": "finding",
    "causes": "cause",
    "tests": "test",
    "prevention": "prevention",
    "red_flags": "red_flag",
}
_LINES = (
    ("groups", "evidence", "evidence"),
    ("causes", "evidence", "evidence"),
    ("treatments", "indications", "indication"),
    ("treatments", "cautions", "caution"),
)


def _located(knowledge: KnowledgeBase) -> Iterator[_Located]:
    for collection, kind in _ENTRIES.items():
        for entry in getattr(knowledge, collection).values():
            yield _Located(RuleKey(kind, entry.id), entry, collection, entry)
    for collection, field, kind in _LINES:
        for entry in getattr(knowledge, collection).values():
            for line in getattr(entry, field):
                yield _Located(RuleKey(kind, line.id), line, collection, entry, field)


# ------------------------------------------------------------------------------ the words for them


_STATES: Mapping[Verdict, str] = {True: "present", False: "absent", None: "unknown"}
_VERDICTS: Mapping[Verdict, str] = {True: "true", False: "false", None: "unknown"}


def _case_with(atoms: Iterable[Atom]) -> str:
    """A case with these states of findings, in words."""
    states = ", ".join(f"{atom.finding} {_STATES[atom.present]}" for atom in atoms)
    return f"a case with {states}, and nothing else that decides"


_SEES: Mapping[str, str] = {
    "evidence": "in 'fired', 'not_fired' or 'undecided', or in a score",
    "indication": "in 'treatments' or 'not_treatments'",
    "caution": "in 'cautions'",
    "prevention": "in 'prevention' or 'not_prevention'",
    "red_flag": "in 'red_flags' or 'no_red_flags'",
    "finding": "in 'findings'",
}
"""Where a case can say what it expects of a rule's criterion."""


# --------------------------------------------------------------------------------------- changes


class _Changes:
    """The changes of a rule, by its kind."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.implications = Implications(knowledge)
        self.telling = _telling(knowledge)
        self.edges = {f.id: f.implies for f in knowledge.findings.values()}
        self.complaint = _complaint_states(knowledge, self.implications)
        self.by_kind: Mapping[str, Callable[[Any, _Located], Iterator[Change]]] = {
            "evidence": self.evidence,
            "cause": self.cause,
            "finding": self.finding,
            "test": self.test,
            "indication": self.meant_for,
            "prevention": self.meant_for,
            "caution": self.caution,
            "red_flag": self.red_flag,
        }

    def of(self, located: _Located) -> Iterator[Change]:
        """Every change of one rule."""
        return self.by_kind[located.rule.kind](located.item, located)

    # ---- criteria

    def criterion(self, item: Any, key: str, kind: str) -> Iterator[Change]:
        for changed in self.changed(item, getattr(item, key)):
            where = f"{key}.{changed.where}" if changed.where else key
            was, becomes = (_VERDICTS[verdict] for verdict in changed.verdicts)
            shows = (
                f"{_case_with(changed.witness)}: '{item.id}' is {was} there (with the change:"
                f" {becomes}), which shows {_SEES[kind]}"
            )
            yield Change(
                changed.operator,
                where,
                changed.before,
                changed.after or "(dropped)",
                shows,
                item.model_copy(update={key: changed.criterion}),
            )

    def changed(self, item: Any, criterion: Criterion) -> Iterator[ChangedCriterion]:
        """The changed criteria of a rule: those that load, and that show in an assessment.

        Evidence that the complaint alone makes true does not load. Of an indication, or of
        prevention, nothing shows whether it is false or unknown.
        """
        favors = isinstance(item, Evidence) and _favors(item)
        only_truth = isinstance(item, Indication | Prevention)
        for changed in changed_criteria(criterion, self.implications):
            is_hidden = only_truth and True not in changed.verdicts
            if not is_hidden and not (favors and evaluate(changed.criterion, self.complaint)):
                yield changed

    def dropped(self, item: Any, holds: str) -> Change:
        return Change(Operator.RULE, "", item.id, "(dropped)", f"a case {holds}", None)

    def condition(self, criterion: Criterion) -> str:
        return Labels(self.knowledge).criterion(criterion)

    # ---- evidence and causes

    def evidence(self, line: Evidence, located: _Located) -> Iterator[Change]:
        """A line of evidence. A group's lines can only favor weakly, and stay so."""
        condition = self.condition(line.when)
        owner = located.entry.id
        counts = (
            f"a case with {condition} that expects the score of '{owner}', or a rank or band that"
            " hangs on this line"
        )
        if isinstance(located.entry, Cause):
            for operator, update in _weights(line):
                changed = line.model_copy(update=update)
                if operator is Operator.DIRECTION and self.is_complaint_alone(changed):
                    continue
                yield Change(operator, "", _weight(line), _weight(changed), counts, changed)
        yield from self.criterion(line, "when", "evidence")
        yield self.dropped(line, f"with {condition} that expects the score of '{owner}'")

    def is_complaint_alone(self, line: Evidence) -> bool:
        return _favors(line) and bool(evaluate(line.when, self.complaint))

    def cause(self, cause: Cause, _: _Located) -> Iterator[Change]:
        score = f"a case that expects the score of '{cause.id}', or a rank that hangs on its class"
        for other in _beside(cause.pretest, tuple(Pretest)):
            changed = cause.model_copy(update={"pretest": other})
            yield Change(
                Operator.PRETEST, "pretest", str(cause.pretest), str(other), score, changed
            )
        lane = (
            f"a case with strong evidence for '{cause.id}' that expects it in"
            f" '{'do_not_miss' if cause.do_not_miss else 'not_do_not_miss'}'"
        )
        flipped = cause.model_copy(update={"do_not_miss": not cause.do_not_miss})
        words = str(cause.do_not_miss).lower(), str(flipped.do_not_miss).lower()
        yield Change(Operator.DO_NOT_MISS, "do_not_miss", *words, lane, flipped)
        for kept, name in _each_dropped(cause.because_of):
            yield Change(
                Operator.BECAUSE_OF,
                "because_of",
                name,
                "(dropped)",
                f"a case with '{cause.id}' and '{name}' as candidates that expects"
                f" 'because_of: {{{cause.id}: [{name}]}}'",
                cause.model_copy(update={"because_of": kept}),
            )

    # ---- findings

    def finding(self, finding: Finding, _: _Located) -> Iterator[Change]:
        if finding.derived is not None:
            yield from self.criterion(finding, "derived", "finding")
        for number, form in enumerate(finding.shown_by):
            for change, other in self.form(form, finding.id, f"shown_by[{number}]"):
                forms = finding.shown_by
                kept = (*forms[:number], *((other,) if other else ()), *forms[number + 1 :])
                yield change._replace(item=finding.model_copy(update={"shown_by": kept}))
        for kept, name in _each_dropped(finding.implies):
            if name in closure({**self.edges, finding.id: kept})[finding.id]:
                continue
            yield Change(
                Operator.IMPLIES,
                "implies",
                name,
                "(dropped)",
                f"a case with {finding.id} present that says nothing of {name}, and expects what"
                f" {name} leads to (or the other way around, with {name} absent)",
                finding.model_copy(update={"implies": kept}),
            )

    def form(
        self, form: ShownBy, finding: str, where: str
    ) -> Iterator[tuple[Change, ShownBy | None]]:
        """Changes of a way of showing a finding, each with the form that stands there instead."""
        if isinstance(form, MeasuredValue | AttributeValue):
            for limit in changed_limits(form, self.plausible(form)):
                was, becomes = (_STATES[state] for state in limit.states)
                shows = (
                    f"a case with a value of {limit.value:g} {self.unit(form)}: '{finding}' is"
                    f" {was} there (with the change: {becomes})"
                )
                words = (limit.before, limit.after)
                yield Change(Operator.THRESHOLD, where, *words, shows, None), limit.form
        if isinstance(form, AttributeValue):
            for changed, side, word in _words_dropped(form):
                shows = (
                    f"a case in which {form.attribute} is '{word}' alone, and that makes"
                    f" '{finding}' {side}"
                )
                place = f"{where}.{side}"
                yield Change(Operator.PART, place, word, "(dropped)", shows, None), changed
        if not (isinstance(form, MeasuredValue) and self.is_referred_to(form)):
            shows = f"a case whose record shows '{finding}' in this way alone"
            yield Change(Operator.RULE, where, _named(form), "(dropped)", shows, None), None

    def plausible(self, form: MeasuredValue | AttributeValue) -> Any:
        return self.definition(form).plausible if isinstance(form, MeasuredValue) else None

    def unit(self, form: MeasuredValue | AttributeValue) -> str:
        of = self.definition(form) if isinstance(form, MeasuredValue) else form
        return of.unit or ""

    def definition(self, form: MeasuredValue) -> MeasuredValue:
        if form.defines_measurement:
            return form
        return self.knowledge.measurements()[str(form.measurement)]

    def is_referred_to(self, form: MeasuredValue) -> bool:
        """Whether another form reads the measurement that this one defines."""
        return form.defines_measurement and any(
            isinstance(other, MeasuredValue)
            and other is not form
            and other.measurement is not None
            and other.measurement == form.measurement
            for finding in self.knowledge.findings.values()
            for other in finding.shown_by
        )

    # ---- tests, treatments, prevention, red flags

    def test(self, test: Test, _: _Located) -> Iterator[Change]:
        if len(test.shows) > 1:
            for kept, name in _each_dropped(test.shows):
                if not (self.shown(test.shows) - self.shown(kept)) & self.telling:
                    continue
                shows = (
                    f"a case in which, of what '{test.id}' shows, only {name} would tell causes"
                    f" apart, with '{test.id}' in 'tests'"
                )
                changed = test.model_copy(update={"shows": kept})
                yield Change(Operator.SHOWS, "shows", name, "(dropped)", shows, changed)
        yield self.dropped(
            test, f"in which it would tell causes apart, with '{test.id}' in 'tests'"
        )

    def shown(self, names: Iterable[str]) -> set[str]:
        """All that a test shows: what it names, and what implies it."""
        return {below for name in names for below in (name, *self.implications.descendants[name])}

    def meant_for(self, item: Indication | Prevention, located: _Located) -> Iterator[Change]:
        """An indication, or a measure of prevention."""
        kind = located.rule.kind
        expected = "treatments" if kind == "indication" else "prevention"
        if item.when is not None:
            yield from self.criterion(item, "when", kind)
            if item.causes or kind == "prevention":
                shows = (
                    f"a case in which {self.condition(item.when)} is not true, but all else that"
                    f" '{item.id}' asks for is, with '{located.entry.id}' in 'not_{expected}'"
                )
                changed = item.model_copy(update={"when": None})
                yield Change(Operator.PART, "when", flow(item.when), "(dropped)", shows, changed)
        if len(item.causes) > 1 or (item.causes and item.when is not None):
            for kept, name in _each_dropped(item.causes):
                shows = (
                    f"a case with '{name}', and none of the other causes, leading or plausible,"
                    f" that expects '{located.entry.id}' in '{expected}'"
                )
                changed = item.model_copy(update={"causes": kept})
                yield Change(Operator.CAUSES, "causes", name, "(dropped)", shows, changed)
        yield self.dropped(
            item, f"in which only '{item.id}' holds, with '{located.entry.id}' in '{expected}'"
        )

    def caution(self, caution: Caution, located: _Located) -> Iterator[Change]:
        yield from self.criterion(caution, "when", "caution")
        for level in _beside(caution.level, tuple(CautionLevel)):
            changed = caution.model_copy(update={"level": level})
            shows = f"a case that expects the level of '{caution.id}'"
            yield Change(Operator.LEVEL, "level", str(caution.level), str(level), shows, changed)
        yield self.dropped(
            caution,
            f"with {self.condition(caution.when)} to which '{located.entry.id}' is offered, with"
            f" '{caution.id}' in 'cautions: {{applies: [...]}}'",
        )

    def red_flag(self, flag: RedFlag, _: _Located) -> Iterator[Change]:
        yield from self.criterion(flag, "when", "red_flag")
        if flag.unless is not None:
            shows = f"a case with {self.condition(flag.unless)} and '{flag.id}' in 'no_red_flags'"
            dropped = flag.model_copy(update={"unless": None})
            yield Change(Operator.PART, "unless", flow(flag.unless), "(dropped)", shows, dropped)
        for urgency in _beside(flag.urgency, tuple(Urgency)):
            changed = flag.model_copy(update={"urgency": urgency})
            shows = f"a case that expects the urgency of '{flag.id}'"
            yield Change(
                Operator.URGENCY, "urgency", str(flag.urgency), str(urgency), shows, changed
            )
        condition = self.condition(flag.when)
        yield self.dropped(flag, f"with {condition} and '{flag.id}' in 'red_flags'")


def _complaint_states(knowledge: KnowledgeBase, implications: Implications) -> dict[str, bool]:
    """The states of findings where only the complaint is known."""
    complaint = knowledge.complaint
    states = (implications.states([Atom(complaint, True)]) if complaint else None) or {}
    derived = knowledge.derived()
    for _ in derived:  # one may rest on another, in whatever order they stand
        add_derived(states, derived.items())
    return states


def _telling(knowledge: KnowledgeBase) -> set[str]:
    """The findings whose answers can count for or against a cause."""
    named = {name for _, line in knowledge.evidence() for name in knowledge.rests_on(line.when)}
    above, below = knowledge.ancestors(), knowledge.descendants()
    return named.union(*(above[name] | below[name] for name in named))


def _favors(line: Evidence) -> bool:
    return line.favors is not None or (line.lr or 0) > 1


def _weight(line: Evidence) -> str:
    if line.favors is not None:
        return f"favors: {line.favors}"
    return f"opposes: {line.opposes}" if line.opposes is not None else f"lr: {line.lr:g}"


def _weights(line: Evidence) -> Iterator[tuple[Operator, dict[str, Any]]]:
    """What the weight of a line may be instead: a step more, a step less, the other direction."""
    if line.favors is not None:
        for step in _beside(line.favors, _FAVORS):
            yield Operator.STRENGTH, {"favors": step}
        opposite = _OPPOSITE.get(line.favors, line.favors)
        yield Operator.DIRECTION, {"favors": None, "opposes": opposite}
    elif line.opposes is not None:
        for step in _beside(line.opposes, _OPPOSES):
            yield Operator.STRENGTH, {"opposes": step}
        opposite = _OPPOSITE.get(line.opposes, line.opposes)
        yield Operator.DIRECTION, {"favors": opposite, "opposes": None}
    elif line.lr is not None:
        for ratio in (line.lr * 2, line.lr / 2):
            if 0 < ratio <= MAX_LR:
                yield Operator.STRENGTH, {"lr": ratio}
        if line.lr != 1 and 1 / line.lr <= MAX_LR:
            yield Operator.DIRECTION, {"lr": 1 / line.lr}


def _beside(value: Any, scale: Sequence[Any]) -> Iterator[Any]:
    """The steps of a scale next to a value."""
    position = scale.index(value)
    yield from scale[max(0, position - 1) : position]
    yield from scale[position + 1 : position + 2]


def _each_dropped(names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for number, name in enumerate(names):
        yield (*names[:number], *names[number + 1 :]), name


def _words_dropped(form: AttributeValue) -> Iterator[tuple[AttributeValue, str, str]]:
    for side in ("present", "absent"):
        given = getattr(form, side)
        if isinstance(given, OneOf) and len(given.one_of) > 1:
            for kept, word in _each_dropped(given.one_of):
                fewer = given.model_copy(update={"one_of": kept})
                yield form.model_copy(update={side: fewer}), side, word


def _named(form: ShownBy) -> str:
    """A form on one line, as it stands in a rule file."""
    given = form.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    return ", ".join(f"{key}: {value}" for key, value in given.items())[:120]
