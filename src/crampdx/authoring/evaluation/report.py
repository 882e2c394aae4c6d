"""An evaluation as a document, and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from crampdx.authoring.cases.expectations import reasons
from crampdx.authoring.evaluation.measures import Evaluation, Measures, Outcome
from crampdx.authoring.evaluation.perturbation import STEADY, JointSteps, LineEffect, SingleSteps
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.assessor import Assessor
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.places import ShownPlace
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
)
from crampdx.outputs.blocks import inline as said
from crampdx.outputs.labels import weight

__all__ = ["Miss", "Report", "as_json", "blocks", "misses"]

SHOWN_EFFECTS = 20
"""So many of the steps that change most are shown; JSON has all."""

SHOWN_CANDIDATES = 3
"""So many candidates of a case are shown."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A case whose diagnosis is not first, and why it is not."""

    outcome: Outcome
    cause: str
    why_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of an evaluation.

    Attributes:
        knowledge: The rules.
        evaluation: What was counted.
        misses: The worst cases.
        single: What one judged strength one step off would change, if that was asked for.
        joint: What many at once would change, if that was asked for.
    """

    knowledge: KnowledgeBase
    evaluation: Evaluation
    misses: tuple[Miss, ...]
    single: SingleSteps | None = None
    joint: JointSteps | None = None


def misses(outcomes: Iterable[Outcome], assessor: Assessor) -> tuple[Miss, ...]:
    """Why the diagnosis of each case is not first; of several right causes, the best one."""
    return tuple(_miss(outcome, assessor) for outcome in outcomes)


def _miss(outcome: Outcome, assessor: Assessor) -> Miss:
    trace = assessor.trace(outcome.located.patient)
    best = max(outcome.diagnosis, key=lambda cause: trace.scored[cause].score)
    ranked = trace.scored[best]
    unknown = [line.evidence.id for line in ranked.undecided if line.weight > 0]
    lines = [*reasons(ranked)]
    lines += [f"unknown: {', '.join(sorted(unknown))}"] if unknown else []
    return Miss(outcome, best, tuple(lines))


# ------------------------------------------------------------------------------------ a document


def blocks(report: Report, shown: ShownPlace = str) -> list[Block]:
    """The report as a document.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    return [
        *_overall(report),
        *_by_cause(report.evaluation),
        *_confused(report.evaluation),
        *_missed(report.misses, shown),
        *_single(report.single),
        *_joint(report.joint),
    ]


def _code(text: str) -> Inline:
    return said(Span(text, Style.CODE))


def _overall(report: Report) -> Iterator[Block]:
    packs = ", ".join(f"{pack.name} {pack.version}" for pack in report.knowledge.packs)
    overall = report.evaluation.overall
    yield Heading(said("Evaluation"), 1)
    yield Paragraph(
        said(
            f"{overall.cases} cases with a known diagnosis; rules {packs}, digest",
            Span(f" {report.knowledge.digest[:12]}", Style.CODE),
            ". Intervals are of 95 %.",
        )
    )
    yield Table(
        ("measure", "share (interval), count"),
        tuple((said(label), said(text)) for label, text in _rows(overall)),
        flexible=1,
    )


def _rows(measures: Measures) -> Iterator[tuple[str, str]]:
    yield "diagnosis first", str(measures.top_1)
    yield "among the first 3", str(measures.top_3)
    yield "among the first 5", str(measures.top_5)
    yield "mean reciprocal rank", _number(measures.mean_reciprocal_rank)
    yield "red flags raised", str(measures.red_flags)
    yield "do not miss: in the lane", str(measures.do_not_miss_lane)
    yield "do not miss: in the lane or first 3", str(measures.do_not_miss_shown)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _by_cause(evaluation: Evaluation) -> Iterator[Block]:
    counted = evaluation.by_cause.items()
    if counted:
        yield Heading(said("By cause, in %"))
        yield Table(
            ("cause", "cases", "first", "first 3", "first 5"),
            tuple(_ranks_row(*item) for item in counted),
            right=frozenset({1}),
        )
    grave = [(cause, m) for cause, m in counted if m.do_not_miss_lane.of or m.red_flags.of]
    if grave:
        yield Heading(said("What must not be missed, by cause, in %"))
        yield Table(
            ("cause", "in the lane", "in the lane or first 3", "red flags raised"),
            tuple(_grave_row(*item) for item in grave),
        )
    if evaluation.by_red_flag:
        yield Heading(said("By red flag"))
        yield Table(
            ("red flag", "raised where expected"),
            tuple((_code(f), said(str(raised))) for f, raised in evaluation.by_red_flag.items()),
        )


def _ranks_row(cause: str, measures: Measures) -> tuple[Inline, ...]:
    found = (measures.top_1, measures.top_3, measures.top_5)
    return _code(cause), said(str(measures.cases)), *(said(share.brief()) for share in found)


def _grave_row(cause: str, measures: Measures) -> tuple[Inline, ...]:
    found = (measures.do_not_miss_lane, measures.do_not_miss_shown, measures.red_flags)
    return _code(cause), *(said(share.brief()) for share in found)


def _confused(evaluation: Evaluation) -> Iterator[Block]:
    taken = [
        (cause, first, count)
        for cause, firsts in evaluation.confusion.items()
        for first, count in firsts.items()
        if first != cause
    ]
    if not taken:
        return
    taken.sort(key=lambda found: (-found[2], found))
    yield Heading(said("Ranked first instead"))
    rows = tuple((_code(c), _code(first), said(str(count))) for c, first, count in taken)
    yield Table(("diagnosis", "ranked first", "cases"), rows, right=frozenset({2}))


def _missed(missed: Sequence[Miss], shown: ShownPlace) -> Iterator[Block]:
    if missed:
        yield Heading(said("Worst cases"))
        yield Listing(tuple(_missed_case(miss, shown) for miss in missed))


def _missed_case(miss: Miss, shown: ShownPlace) -> Item:
    outcome = miss.outcome
    where = f"rank {outcome.rank}" if outcome.rank else "not a candidate"
    head = said(
        Span(outcome.located.case.name, Style.STRONG),
        Span(f" ({shown(outcome.located.place)})", Style.FAINT),
        f": {' or '.join(outcome.diagnosis)} is {where}",
    )
    first = ", ".join(
        f"{cause} {weight(score)}" for cause, score in outcome.first[:SHOWN_CANDIDATES]
    )
    return Item(
        head,
        children=(
            Item(said(f"first: {first or 'no candidate'}")),
            Item(
                said(f"why not {miss.cause}:"), children=tuple(Item(said(w)) for w in miss.why_not)
            ),
        ),
    )


def _single(single: SingleSteps | None) -> Iterator[Block]:
    if single is None:
        return
    yield Heading(said("If one judged strength were one step off"))
    yield Paragraph(
        said(
            f"{single.judged} lines rest on judgement. No single step changes whether the"
            f" diagnosis is first in {single.steady_top_1} cases, and whether it is among the"
            f" first 3 in {single.steady_top_3}."
        )
    )
    if single.effects:
        head = ("line", "step", "cases", "first", "first 3")
        rows = tuple(_effect_row(effect) for effect in single.effects[:SHOWN_EFFECTS])
        yield Table(head, rows, right=frozenset({2, 3, 4}))
    more = len(single.effects) - SHOWN_EFFECTS
    if more > 0:
        yield Paragraph(said(f"And {more} more steps, all of them in the JSON."))


def _effect_row(effect: LineEffect) -> tuple[Inline, ...]:
    step = "stronger" if effect.step > 0 else "weaker"
    counts = (effect.cases, effect.top_1, effect.top_3)
    return _code(effect.line), said(step), *(said(str(count)) for count in counts)


def _joint(joint: JointSteps | None) -> Iterator[Block]:
    if joint is None:
        return
    kept = "" if joint.top_3_kept is None else f", on average in {100 * joint.top_3_kept:.0f} %"
    yield Heading(said("If all judged strengths may be one step off"))
    yield Paragraph(
        said(
            f"{joint.draws} draws. A right first candidate stays first in at least"
            f" {100 * STEADY:.0f} % of them in {joint.steady_top_1} cases. A diagnosis among the"
            f" first 3 stays there in {joint.steady_top_3} cases{kept} of the draws."
        )
    )
    yield Table(
        ("over all cases", "lowest draw", "median", "highest draw"),
        (
            _range_row("diagnosis first", joint.top_1_range),
            _range_row("among the first 3", joint.top_3_range),
        ),
        right=frozenset({1, 2, 3}),
    )


def _range_row(label: str, shares: Iterable[float]) -> tuple[Inline, ...]:
    return said(label), *(said(f"{100 * share:.0f} %") for share in shares)


# ------------------------------------------------------------------------------------ plain data


def as_json(report: Report, shown: ShownPlace = str) -> dict[str, Any]:
    """The report as lists and mappings; shares are from 0 to 1.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    evaluation, knowledge = report.evaluation, report.knowledge
    data: dict[str, Any] = {
        "rules": {
            "packs": [{"name": pack.name, "version": pack.version} for pack in knowledge.packs],
            "digest": knowledge.digest,
        },
        "overall": _plain(evaluation.overall),
        "by_cause": {cause: _plain(found) for cause, found in evaluation.by_cause.items()},
        "by_red_flag": {flag: raised.as_json() for flag, raised in evaluation.by_red_flag.items()},
        "confusion": {cause: dict(firsts) for cause, firsts in evaluation.confusion.items()},
        "cases": [_case_json(outcome, shown) for outcome in evaluation.outcomes],
        "worst": [
            {**_case_json(miss.outcome, shown), "cause": miss.cause, "why_not": list(miss.why_not)}
            for miss in report.misses
        ],
    }
    if report.single is not None:
        effects = [asdict(effect) for effect in report.single.effects]
        data["single_steps"] = {**_plain(report.single), "effects": effects}
    if report.joint is not None:
        data["joint_steps"] = _plain(report.joint)
    return data


def _plain(counted: Measures | SingleSteps | JointSteps) -> Mapping[str, Any]:
    values = {field.name: getattr(counted, field.name) for field in fields(counted)}
    return {
        name: value.as_json() if isinstance(value, Proportion) else value
        for name, value in values.items()
    }


def _case_json(outcome: Outcome, shown: ShownPlace) -> dict[str, Any]:
    return {
        "place": shown(outcome.located.place),
        "name": outcome.located.case.name,
        "diagnosis": list(outcome.diagnosis),
        "rank": outcome.rank,
        "first": [{"cause": cause, "score": score} for cause, score in outcome.first],
        "in_do_not_miss_lane": outcome.in_lane if outcome.must_not_be_missed else None,
        "red_flags": dict(outcome.flags_raised),
    }
