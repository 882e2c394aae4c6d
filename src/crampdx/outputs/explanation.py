"""Explanations as documents, for a terminal or as Markdown (see `crampdx.outputs.blocks`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crampdx.engine.evaluators.reference import Verdict
from crampdx.explanation.results import (
    Answer,
    CauseMove,
    CausePosition,
    CautionMove,
    CitedSource,
    Cluster,
    FindingChange,
    FindingPart,
    FiredLine,
    Need,
    Part,
    Position,
    Query,
    Rule,
    UnfiredLine,
    WhatIf,
    Why,
    WhyNot,
)
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    Table,
    inline,
)
from crampdx.outputs.differential import NOT_COUNTED
from crampdx.outputs.labels import Labels, counted, first_of, spoken, weight

__all__ = ["query_blocks", "what_if_blocks", "why_blocks", "why_not_blocks"]

SHOWN_MOVES = 3
"""How many causes an answer to a question is shown to move; the rest are counted."""

_STATES: dict[Verdict, str] = {True: "present", False: "absent", None: "unknown"}
_VERDICTS: dict[Verdict, Span] = {
    True: Span("true", Style.FAVORS),
    False: Span("false", Style.OPPOSES),
    None: Span("unknown", Style.FAINT),
}
_CLAUSES = {"all": "All of", "any": "Any of"}
_SAYS = {None: "nothing", "applies": "applies", "check_before": "check before"}


# --------------------------------------------------------------------------------------------- why


def why_blocks(why: Why, knowledge: KnowledgeBase) -> list[Block]:
    """What a score is made of, line by line."""
    labels = Labels(knowledge)
    named = f"Pretest class '{spoken(why.pretest_class)}'"
    pretest = Item(inline(Span(f"{named}: starting score.", Style.FAINT)), _weighed(why.pretest))
    clusters = (*why.supporting, *why.opposing)
    lines = [line for cluster in clusters for line in cluster.lines]
    blocks: list[Block] = [
        Heading(inline(f"Why: {why.name}"), 1),
        Paragraph(_standing(why.standing)),
        *_unread(why.standing),
        Heading(inline("What the score is made of")),
        Listing(
            (pretest, *(item for cluster in clusters for item in _cluster(cluster, labels))),
            True,
        ),
    ]
    if why.because_of:
        blocks.append(Heading(inline("Possible origins")))
        blocks.append(Paragraph(inline(Span("They add no weight.", Style.FAINT))))
        blocks.append(
            Listing(
                tuple(
                    Item(inline(f"{o.name}, {f'rank {o.rank}' if o.rank else 'not a candidate'}"))
                    for o in why.because_of
                )
            )
        )
    return [*blocks, *_sources(line.rule for line in lines)]


def _standing(standing: CausePosition) -> Inline:
    place = standing.position
    parts = [
        f"Rank {place.rank}" if place.rank is not None else "Not a candidate",
        weight(place.score),
        str(place.band or ""),
        f"share of odds {place.share:.2f}" if place.share is not None else "",
        "do not miss" if standing.do_not_miss else "",
        "not ranked for a person of this age or sex" if standing.outside_population else "",
    ]
    return inline(" · ".join(part for part in parts if part))


def _unread(standing: CausePosition) -> Iterator[Block]:
    """What could not be read of the findings of a cause, if anything."""
    if standing.unread:
        yield Heading(inline("Unread entries that concern it"))
        yield Listing(
            tuple(
                Item(inline(Span(warning.place, Style.CODE), f": {warning.message}"))
                for warning in standing.unread
            )
        )


def _weighed(decibans: int, *, counted: bool = True) -> Span:
    if not counted:
        return Span(f"({weight(decibans)})", Style.FAINT)
    style = Style.FAVORS if decibans > 0 else Style.OPPOSES if decibans < 0 else Style.FAINT
    return Span(weight(decibans), style)


def _cluster(cluster: Cluster, labels: Labels) -> Iterator[Item]:
    last = len(cluster.lines) - 1
    for number, line in enumerate(cluster.lines):
        total = [] if number < last else [_remark(f"Sum so far: {weight(cluster.sum)}")]
        yield _fired(line, total, labels)


def _fired(line: FiredLine, total: Sequence[Item], labels: Labels) -> Item:
    notes = [] if line.counted else [_remark(NOT_COUNTED)]
    return Item(
        _rule(line.rule),
        _weighed(line.rule.weight, counted=line.counted),
        (_part(line.criterion, labels), *notes, *total),
    )


def _remark(text: str) -> Item:
    return Item(inline(Span(text, Style.FAINT)), Span(""))


def _rule(rule: Rule) -> Inline:
    """What a line says, what it rests on, and what its weight means."""
    ratio = f"{'measured ' if rule.measured else ''}likelihood ratio {rule.likelihood_ratio:g}"
    group = ", of the group" if rule.of_group else ""
    cited = ", ".join(source.id for source in rule.sources)
    return inline(
        "Against: " if rule.weight < 0 else "",
        rule.because,
        Span(f" ({ratio}{group}) ", Style.FAINT),
        Span(f"{rule.id} [{cited}]", Style.CODE),
    )


def _sources(rules: Iterable[Rule]) -> list[Block]:
    cited = {source.id: source for rule in rules for source in rule.sources}
    if not cited:
        return []
    return [
        Heading(inline("Sources")),
        Listing(tuple(_source(source) for _, source in sorted(cited.items()))),
    ]


def _source(source: CitedSource) -> Item:
    kind = "" if source.id.startswith(source.kind) else f" ({source.kind})"
    where = f". {source.identifier}" if source.identifier else ""
    title = source.title.rstrip(".")
    return Item(inline(Span(source.id, Style.CODE), f"{kind}: {title}{where}"))


# ------------------------------------------------------------------------------ a criterion's tree


def _part(part: Part, labels: Labels) -> Item:
    """A part of a criterion with its verdict, and its parts below it."""
    if isinstance(part, FindingPart):
        text = _asked(part, labels)
        parts: tuple[Part, ...] = (part.follows_from,) if part.follows_from else ()
    else:
        text = inline(f"{_CLAUSES.get(part.clause) or f'At least {part.needed} of'}:")
        parts = part.parts
    return Item(text, _VERDICTS[part.verdict], tuple(_part(one, labels) for one in parts))


def _asked(part: FindingPart, labels: Labels) -> Inline:
    """What is asked for, what it is where that is not so, and where the record says so."""
    asked = part.name if part.present else f"no {part.name}"
    if part.observed is None:
        unresolved = " (the record contradicts itself, or is unreadable)" if part.unresolved else ""
        return inline(asked, Span(unresolved, Style.FAINT))
    state = f", {_STATES[part.state]}" if part.verdict is False else ""
    names = labels.names("finding", part.observed.via)
    via = f", as {', '.join(names)}" if names else ""
    places = f" ({', '.join(part.observed.places)})" if part.observed.places else ""
    return inline(asked, Span(f"{state}{via}", Style.FAINT), Span(places, Style.CODE))


# ----------------------------------------------------------------------------------------- why not


def why_not_blocks(why_not: WhyNot, knowledge: KnowledgeBase) -> list[Block]:
    """The lines that did not fire, with what is false, what is unknown, and what would do."""
    labels = Labels(knowledge)
    blocks: list[Block] = [
        Heading(inline(f"Why not: {why_not.name}"), 1),
        Paragraph(_standing(why_not.standing)),
        *_unread(why_not.standing),
        Heading(inline("Lines that did not fire, nearest first")),
    ]
    if not why_not.lines:
        return [*blocks, Paragraph(inline("None: all lines are true."))]
    blocks.append(Listing(tuple(_unfired(line, labels) for line in why_not.lines), True))
    return [*blocks, *_sources(line.rule for line in why_not.lines)]


def _unfired(line: UnfiredLine, labels: Labels) -> Item:
    facts = [
        _fact("False", _asked_for(line.false), Style.OPPOSES),
        _fact("Unknown", _asked_for(line.unknown), Style.FAINT),
        _fact("It fires if", _supposed(line.change or ()), Style.FAVORS),
        _fact("It cannot fire", line.obstacle, Style.OPPOSES),
    ]
    if not line.adds:
        facts.append(_remark("It would add nothing: a line of its cluster already counts."))
    if not isinstance(line.criterion, FindingPart) or line.criterion.follows_from:
        facts.append(_part(line.criterion, labels))
    shown = tuple(fact for fact in facts if fact.text)
    return Item(_rule(line.rule), _weighed(line.rule.weight), shown)


def _fact(label: str, text: str, style: Style) -> Item:
    return Item(inline(Span(f"{label}: ", style), text) if text else (), Span(""))


def _asked_for(needs: Iterable[Need]) -> str:
    return ", ".join(need.name if need.present else f"no {need.name}" for need in needs)


def _supposed(needs: Iterable[Need]) -> str:
    """Findings with what they would have to be, and what they are."""
    return ", ".join(
        f"{need.name} stays {_STATES[need.state]}"
        if need.state is need.present
        else f"{need.name} is {_STATES[need.present]} (now {_STATES[need.state]})"
        for need in needs
    )


# ----------------------------------------------------------------------------------------- what if


def what_if_blocks(what_if: WhatIf, knowledge: KnowledgeBase) -> list[Block]:
    """What a supposition would change."""
    labels = Labels(knowledge)
    supposed = ", ".join(f"{c.name} {_STATES[c.after]}" for c in what_if.supposed) or "nothing"
    blocks: list[Block] = [Heading(inline(f"What if: {supposed}"), 1)]
    if what_if.changes_nothing:
        return [*blocks, Paragraph(inline("Nothing would change."))]
    blocks.append(Paragraph(inline(_leaders(what_if, labels))))
    if what_if.causes:
        blocks.append(Heading(inline("Causes that move")))
        blocks.append(
            Table(
                ("cause", "before", "after"),
                tuple(_move_row(move) for move in what_if.causes),
                flexible=0,
            )
        )
    for title, items in _sections(what_if, labels):
        if items:
            blocks += [Heading(inline(title)), Listing(items)]
    return blocks


def _leaders(what_if: WhatIf, labels: Labels) -> str:
    before, after = what_if.leading_before, what_if.leading_after
    if before == after:
        return f"As before, {_led(after, labels)}."
    return f"Before, {_led(before, labels)}; after, {_led(after, labels)}."


def _led(causes: Sequence[str], labels: Labels) -> str:
    names = ", ".join(labels.names("cause", causes))
    return f"{names} {'lead' if len(causes) > 1 else 'leads'}" if names else "nothing leads"


def _move_row(move: CauseMove) -> tuple[Inline, ...]:
    return inline(move.name), inline(_place(move.before)), inline(_place(move.after))


def _place(place: Position) -> str:
    rank = f"{place.rank}. {place.band}" if place.rank is not None else "not a candidate"
    return f"{rank}, {weight(place.score)}"


def _sections(what_if: WhatIf, labels: Labels) -> Iterator[tuple[str, tuple[Item, ...]]]:
    named = (
        ("Red flags raised", "red_flag", what_if.red_flags_raised),
        ("Red flags no longer raised", "red_flag", what_if.red_flags_lowered),
        ("Treatments added", "treatment", what_if.treatments_added),
        ("Treatments removed", "treatment", what_if.treatments_removed),
    )
    for title, kind, entries in named:
        yield title, _items(labels.names(kind, entries))
    yield "Cautions that change", tuple(_caution(move, labels) for move in what_if.cautions)
    yield "Findings that change", _items(_change(change) for change in what_if.findings)
    yield "Lines that become true", _items(what_if.fired)
    yield "Lines that are no longer true", _items(what_if.unfired)


def _items(texts: Iterable[str]) -> tuple[Item, ...]:
    return tuple(Item(inline(text)) for text in texts)


def _change(change: FindingChange) -> str:
    return f"{change.name}: {_STATES[change.before]}, then {_STATES[change.after]}"


def _caution(move: CautionMove, labels: Labels) -> Item:
    name = labels.treatment(move.treatment)
    says = f"{_SAYS[move.before]}, then {_SAYS[move.after]}"
    return Item(inline(f"{name}: {says}. {move.because}"))


# --------------------------------------------------------------------------------------- what next


def query_blocks(queries: Sequence[Query], knowledge: KnowledgeBase) -> list[Block]:
    """What to find out next, and what each answer would do."""
    labels = Labels(knowledge)
    blocks: list[Block] = [Heading(inline("What to find out next"), 1)]
    if not queries:
        return [*blocks, Paragraph(inline("No single finding would change the leading order."))]
    about = "Findings that would most change the leading order, with what each answer would do."
    blocks.append(Paragraph(inline(Span(about, Style.FAINT))))
    blocks.append(
        Listing(
            tuple(
                Item(
                    _query(query, labels),
                    Span(f"{number}.", Style.FAINT),
                    _answers(query, labels),
                )
                for number, query in enumerate(queries, 1)
            )
        )
    )
    return blocks


def _query(query: Query, labels: Labels) -> Inline:
    tests = ", ".join(labels.names("test", query.tests))
    return inline(
        Span(query.name, Style.STRONG),
        f". {query.ask}" if query.ask else ".",
        Span(f" Shown by: {tests}." if tests else "", Style.FAINT),
    )


def _answers(query: Query, labels: Labels) -> tuple[Item, ...]:
    return (
        Item(_answer("If present", query.if_present, labels), Span("")),
        Item(_answer("If absent", query.if_absent, labels), Span("")),
    )


def _answer(label: str, answer: Answer, labels: Labels) -> Inline:
    what_if = answer.what_if
    scores = [f"{move.name} {weight(move.after.score)}" for move in what_if.causes]
    moved = f"; {first_of(scores, SHOWN_MOVES)}" if scores else ""
    pairs = counted(answer.reorders, "pair turns", "pairs turn")
    flags = ", ".join(labels.names("red_flag", what_if.red_flags_raised))
    return inline(
        Span(f"{label}: ", Style.FAINT),
        f"{pairs}; {_led(what_if.leading_after, labels)}{moved}.",
        Span(f" Red flag: {flags}." if flags else "", Style.ALERT),
    )
