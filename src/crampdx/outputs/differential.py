"""The differential of an assessment as blocks: the ranking, and each candidate with its reasons."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.assessment import Assessment, Band, Candidate, Line
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
    below,
    inline,
)
from crampdx.outputs.labels import Labels, listed, spoken, weight

__all__ = ["NOT_COUNTED", "differential_blocks"]

NOT_COUNTED = "Not counted: a stronger line in the same cluster counts."
"""What is said of a line that adds nothing to the score."""

NO_WEIGHT = " (adds no weight)"

Blocks = Iterator[Block]


def differential_blocks(assessment: Assessment, labels: Labels) -> Blocks:
    """Arrange the candidates of an assessment, and what none of the leading ones explains."""
    yield from _ranking(assessment)
    yield from _do_not_miss(assessment)
    yield from _candidates(assessment, labels)
    yield from _unexplained(assessment, labels)


def _ranking(assessment: Assessment) -> Blocks:
    if not assessment.candidates:
        return
    yield Heading(inline("Ranking"))
    shown = [c for c in assessment.candidates if c.band is not Band.UNLIKELY]
    yield Table(
        ("#", "candidate", "band", "score", "share of odds"),
        tuple(_rank_row(candidate) for candidate in shown),
        right=frozenset({0, 3, 4}),
        flexible=1,
    )
    unlikely = [
        f"{c.name} ({weight(c.score)})" for c in assessment.candidates if c.band is Band.UNLIKELY
    ]
    if unlikely:
        yield Paragraph(inline(Span("Unlikely: ", Style.FAINT), ", ".join(unlikely)))


def _rank_row(candidate: Candidate) -> tuple[Inline, ...]:
    leads = candidate.band is Band.LEADING
    return (
        inline(str(candidate.rank)),
        inline(Span(candidate.name, Style.STRONG if leads else Style.PLAIN)),
        inline(Span(str(candidate.band), Style.FAVORS if leads else Style.PLAIN)),
        inline(weight(candidate.score)),
        inline(f"{candidate.share:.2f}"),
    )


def _do_not_miss(assessment: Assessment) -> Blocks:
    if not assessment.do_not_miss:
        return
    yield Heading(inline("Do not miss"))
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(item.name, Style.STRONG),
                    f" (rank {item.rank}): {weight(item.evidence)} of evidence, excluding pretest",
                )
            )
            for item in assessment.do_not_miss
        )
    )


def _candidates(assessment: Assessment, labels: Labels) -> Blocks:
    shown = [c for c in assessment.candidates if c.band is not Band.UNLIKELY]
    if shown:
        yield Heading(inline("Why, and why not"))
    for candidate in shown:
        yield from _candidate(candidate, labels)


def _candidate(candidate: Candidate, labels: Labels) -> Blocks:
    meta = [weight(candidate.score), str(candidate.band)]
    meta += ["do not miss"] if candidate.do_not_miss else []
    yield Heading(
        inline(
            f"{candidate.rank}. {candidate.name}",
            Span("".join(f" · {m}" for m in meta), Style.FAINT),
        ),
        3,
    )
    weighed = (*candidate.supporting, *candidate.opposing)
    evidence = (_evidence(line, labels) for line in weighed)
    yield Listing((_pretest(candidate, labels), *evidence), right=True)
    facts = below(
        _fact("Not known", labels.missing(candidate)),
        _fact("Possible origin", listed(labels.names("cause", candidate.because_of)), NO_WEIGHT),
    )
    if facts:
        yield Listing(facts)


def _fact(label: str, text: str, remark: str = "") -> Inline:
    return inline(Span(f"{label}: ", Style.STRONG), text + remark) if text else ()


def _pretest(candidate: Candidate, labels: Labels) -> Item:
    known = labels.knowledge.causes.get(candidate.cause)
    name = f" '{spoken(known.pretest)}'" if known else ""
    return Item(
        inline(
            Span(f"Pretest class{name}: a coarse starting point, not a prevalence.", Style.FAINT)
        ),
        Span(weight(candidate.pretest), Style.FAINT),
    )


def _evidence(line: Line, labels: Labels) -> Item:
    evidence = line.evidence
    label = weight(line.weight)
    style = Style.FAVORS if line.weight > 0 else Style.OPPOSES
    measured = f" Measured likelihood ratio {evidence.lr:g}." if evidence.lr is not None else ""
    text = inline(
        Span("" if line.weight > 0 else "Against: ", style),
        labels.cited(evidence.because + measured, evidence.sources),
    )
    if line.counted:
        return Item(text, Span(label, style), below(labels.record(line.observed)))
    return Item(
        text,
        Span(f"({label})", Style.FAINT),
        below(labels.record(line.observed), inline(Span(NOT_COUNTED, Style.FAINT))),
    )


def _unexplained(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.unexplained:
        return
    yield Heading(inline("Unexplained findings"))
    yield Listing(
        tuple(
            Item(inline(labels.finding(seen.finding), labels.places(seen.places)))
            for seen in assessment.unexplained
        )
    )
