"""An assessment as something to read: text for a terminal, and Markdown.

Both forms are made of the same blocks (`crampdx.outputs.blocks`), in the order in which a clinician
needs them: what should not wait, what leads, why and why not, what to ask, test and consider next.

>>> import crampdx
>>> rules = crampdx.KnowledgeBase.load("article")
>>> answer = crampdx.assess({"findings": {"hypokalemia": True}}, rules)
>>> "Low potassium" in to_text(answer, rules)
True
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from crampdx.assessment import Assessment, Band, Level, RaisedFlag
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    below,
    inline,
    lines,
)
from crampdx.outputs.differential import differential_blocks
from crampdx.outputs.labels import Labels, listed, source_item, spoken
from crampdx.outputs.markdown import markdown_of
from crampdx.outputs.plan import SHOWN_TESTS, plan_blocks
from crampdx.outputs.terminal import text_of

__all__ = ["blocks", "to_markdown", "to_text"]

Blocks = Iterator[Block]

_NOT_USED = {
    "outside_vocabulary": "outside the vocabulary",
    "only_ordered": "only ordered, not done or taken",
    "family": "about relatives, which no rule asks for",
    "past": "past, which no rule asks for",
    "says_too_little": "too general to show a finding",
    "excludes_too_little": "absent, but too special to exclude a finding",
}


def to_text(
    assessment: Assessment, knowledge: KnowledgeBase, *, color: bool = False, width: int = 80
) -> str:
    """Write an assessment as text.

    Args:
        assessment: What to show.
        knowledge: The rules that gave the assessment; names of findings and titles of sources
            come from there.
        color: Use ANSI styles, for a terminal.
        width: Where lines are wrapped.
    """
    return text_of(blocks(assessment, knowledge), color=color, width=width)


def to_markdown(assessment: Assessment, knowledge: KnowledgeBase) -> str:
    """Write an assessment as Markdown; text of rules and records is escaped.

    Args:
        assessment: What to show.
        knowledge: The rules that gave the assessment.
    """
    return markdown_of(blocks(assessment, knowledge))


def blocks(assessment: Assessment, knowledge: KnowledgeBase) -> list[Block]:
    """Arrange an assessment as a document, from what is most urgent to what it rests on."""
    labels = Labels(knowledge)
    sections = (
        _title(assessment, labels),
        _red_flags(assessment, labels),
        _clarify(assessment, labels),
        _notes(assessment),
        _conclusion(assessment),
        differential_blocks(assessment, labels),
        plan_blocks(assessment, labels),
        _warnings(assessment, labels),
        _not_used(assessment, labels),
        _sources(assessment, labels),
        _basis(assessment, labels),
        _intended_use(assessment),
    )
    return list(chain.from_iterable(sections))


# ------------------------------------------------------------------------------- what comes first


def _title(assessment: Assessment, labels: Labels) -> Blocks:
    complaint = labels.knowledge.complaint
    of = f": {labels.finding(complaint)}" if complaint else ""
    yield Heading(inline(f"Differential diagnosis{of}"), 1)
    when = [f"As of {assessment.as_of}"] if assessment.as_of else []
    yield Paragraph(inline(Span(" · ".join([*when, f"Rules: {_packs(assessment)}"]), Style.FAINT)))


def _packs(assessment: Assessment) -> str:
    packs = assessment.knowledge.packs
    return ", ".join(f"{pack.name} {pack.version} ({pack.status})" for pack in packs)


def _red_flags(assessment: Assessment, labels: Labels) -> Blocks:
    if assessment.red_flags:
        yield Heading(inline(Span("Red flags", Style.ALERT)))
        yield Listing(tuple(_red_flag(raised, labels) for raised in assessment.red_flags))


def _red_flag(raised: RaisedFlag, labels: Labels) -> Item:
    flag = raised.flag
    return Item(
        inline(Span(flag.name, Style.STRONG), ". ", flag.consider),
        Span(flag.urgency.upper(), Style.ALERT),
        below(labels.cited(flag.because, flag.sources), labels.record(raised.observed)),
    )


def _clarify(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.clarify:
        return
    yield Heading(inline(Span("Clarify first", Style.ALERT)))
    yield Paragraph(inline("The record contradicts itself or could not be read; these stay open:"))
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(item.name, Style.STRONG),
                    " (red flag)" if item.kind == "red_flag" else " (a caution of this treatment)",
                    f": check {labels.findings(item.findings)}",
                )
            )
            for item in assessment.clarify
        )
    )


def _notes(assessment: Assessment) -> Blocks:
    messages = [note.message for note in assessment.notes if note.code != "not_enough_to_rank"]
    if assessment.inference == "reference":
        messages.append(
            "The reference evaluator gave this answer: the same as the others, and slower."
        )
    if messages:
        yield Heading(inline("Notes"))
        yield Listing(tuple(Item(inline(Span(message, Style.STRONG))) for message in messages))


def _conclusion(assessment: Assessment) -> Blocks:
    yield Heading(inline("Conclusion"))
    leading = [c.name for c in assessment.candidates if c.band is Band.LEADING]
    if not leading:
        yield Paragraph(
            inline(
                Span("Not enough to rank.", Style.STRONG),
                " No cause leads on what the record says."
                + (" See 'Ask next'." if assessment.questions else ""),
            )
        )
    elif len(leading) == 1:
        yield Paragraph(inline(Span(leading[0], Style.STRONG), " leads."))
    else:
        yield Paragraph(
            inline(
                Span(listed(leading), Style.STRONG),
                " lead; the record does not tell them apart well enough.",
            )
        )


# ------------------------------------------------------------------------------------- its basis


def _warnings(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.warnings:
        return
    yield Heading(inline("Unread or uncertain entries"))
    ordered = sorted(assessment.warnings, key=lambda warning: warning.order())
    yield Listing(
        tuple(
            Item(
                inline(
                    Span(warning.place, Style.CODE),
                    f": {warning.message}",
                    Span(
                        f" ({labels.findings(warning.findings)})" if warning.findings else "",
                        Style.FAINT,
                    ),
                ),
                Span(
                    str(warning.level),
                    Style.OPPOSES if warning.level is Level.WARNING else Style.FAINT,
                ),
            )
            for warning in ordered
        )
    )


def _not_used(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.not_used:
        return
    yield Heading(inline("Unused entries of the record"))
    yield Listing(
        tuple(
            Item(
                inline(
                    _NOT_USED.get(item.reason, spoken(item.reason)),
                    labels.places(item.places, more=item.count > len(item.places)),
                ),
                Span(str(item.count)),
            )
            for item in assessment.not_used
        )
    )


def _sources(assessment: Assessment, labels: Labels) -> Blocks:
    """The sources that the lines above cite, each in full."""
    cited = labels.known_sources(sorted(set(_cited(assessment))))
    if cited:
        yield Heading(inline("Sources"))
        yield Listing(tuple(map(source_item, cited)))


def _cited(assessment: Assessment) -> Iterator[str]:
    yield from assessment.sources_of_ranking()
    for test in assessment.tests[:SHOWN_TESTS]:
        yield from test.sources
    for option in assessment.treatments:
        for indication in option.indications:
            yield from indication.sources
        for statement in option.about:
            yield from statement.sources
        for note in option.cautions:
            yield from note.caution.sources
    for measure in assessment.prevention:
        yield from measure.sources


def _basis(assessment: Assessment, labels: Labels) -> Blocks:
    stamp = assessment.knowledge
    yield Heading(inline("What this rests on"))
    yield Listing(
        lines(
            inline(
                "Score: the pretest class and the evidence added up, in decibans (dB),"
                " 10·log10 of a likelihood ratio: 3, 7, 10 and 20 dB are ratios of 2, 5, 10 and"
                " 100. Strengths that the rules give as words are judgement; where a likelihood"
                " ratio was measured, the line says so."
            ),
            inline(
                "Share of odds: a candidate's share of the total odds, with 'none of these' at"
                " 0 dB; not a probability."
            ),
            inline("Unknown is never treated as absent."),
            inline(f"Rules: {_packs(assessment)}. Digest ", Span(stamp.digest, Style.CODE)),
            *(
                inline(
                    f"Replaced by pack {r.pack}: {r.kind} ",
                    Span(r.replaced, Style.CODE),
                    ". ",
                    r.reason,
                )
                for r in stamp.replacements
            ),
            inline(f"crampdx {assessment.version}"),
        )
    )


def _intended_use(assessment: Assessment) -> Blocks:
    yield Heading(inline("Intended use"))
    yield Paragraph(inline(assessment.intended_use))
