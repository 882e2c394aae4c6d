"""The plan of an assessment as blocks: what to ask, to test, to consider, and to prevent."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.assessment import (
    Assessment,
    CautionNote,
    ProposedTest,
    Question,
    TestOutcome,
    TreatmentOption,
)
from crampdx.knowledge.models import Prevention, PreventionKind
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    below,
    inline,
    lines,
)
from crampdx.outputs.labels import Labels, counted, listed

__all__ = ["SHOWN_TESTS", "plan_blocks"]

SHOWN_TESTS = 4
"""How many tests are shown with what they would tell; the rest are named."""

SHOWN_OUTCOMES = 3
"""How many findings of a test are shown."""

_AT_MOST = "With what each answer would move at most, in dB."

Blocks = Iterator[Block]


def plan_blocks(assessment: Assessment, labels: Labels) -> Blocks:
    """Arrange what an assessment proposes, from questions to prevention."""
    yield from _questions(assessment, labels)
    yield from _tests(assessment, labels)
    yield from _treatments(assessment, labels)
    yield from _prevention(assessment, labels)


def _questions(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.questions:
        return
    yield Heading(inline("Ask next"))
    yield Paragraph(inline(Span(_AT_MOST, Style.FAINT)))
    yield Listing(
        tuple(
            Item(
                inline(question.ask),
                Span(f"{number}.", Style.FAINT),
                below(_answers(question, labels)),
            )
            for number, question in enumerate(assessment.questions, 1)
        )
    )


def _answers(question: Question, labels: Labels) -> Inline:
    if not question.if_present and not question.if_absent:
        return ()
    return _outcomes(question, labels)


def _outcomes(asked: Question | TestOutcome, labels: Labels) -> Inline:
    """What either answer would do; the finding is named, since a question may ask the other."""
    return inline(
        Span(f"{asked.name}, if present: ", Style.FAINT),
        labels.shifts(asked.if_present),
        Span("; if absent: ", Style.FAINT),
        labels.shifts(asked.if_absent),
    )


def _tests(assessment: Assessment, labels: Labels) -> Blocks:
    settled = (("Done", assessment.tests_done), ("Ordered", assessment.tests_ordered))
    if not (assessment.tests or assessment.tests_done or assessment.tests_ordered):
        return
    yield Heading(inline("Test next"))
    tests = assessment.tests
    if tests:
        yield Paragraph(inline(Span(_AT_MOST, Style.FAINT)))
        yield Listing(
            tuple(_test(test, number, labels) for number, test in enumerate(tests[:SHOWN_TESTS], 1))
        )
    if tests[SHOWN_TESTS:]:
        names = listed([test.name for test in tests[SHOWN_TESTS:]])
        yield Paragraph(inline(Span("Then: ", Style.STRONG), names))
    for said, settled_tests in settled:
        if settled_tests:
            names = listed(labels.names("test", settled_tests))
            yield Paragraph(inline(Span(f"{said} already: ", Style.STRONG), names))


def _test(test: ProposedTest, number: int, labels: Labels) -> Item:
    shown = [Item(_outcomes(outcome, labels)) for outcome in test.would_show[:SHOWN_OUTCOMES]]
    return Item(
        inline(Span(test.name, Style.STRONG), labels.cited(f". {test.because}", test.sources)),
        Span(f"{number}.", Style.FAINT),
        tuple(shown),
    )


def _treatments(assessment: Assessment, labels: Labels) -> Blocks:
    if not assessment.treatments and not assessment.treatments_not_assessed:
        return
    yield Heading(inline("Treatments to consider"))
    if assessment.treatments:
        yield Paragraph(
            inline(
                Span(
                    "Options, not orders. If no caution is listed, none in these rules applies;"
                    " this does not establish safety.",
                    Style.FAINT,
                )
            )
        )
        yield Listing(tuple(_treatment(option, labels) for option in assessment.treatments))
    if assessment.treatments_not_assessed:
        names = listed(labels.names("treatment", assessment.treatments_not_assessed))
        yield Paragraph(inline(Span("Not assessed for this person: ", Style.ALERT), names))


def _treatment(option: TreatmentOption, labels: Labels) -> Item:
    causes = listed(labels.names("cause", option.for_causes))
    medicines = counted(option.interactions_not_checked, "medicine")
    unread = Span(f"Interactions not checked: {medicines} unread.", Style.ALERT)
    return Item(
        inline(
            Span(option.name, Style.STRONG),
            f" ({option.kind}){f', for {causes}' if causes else ''}",
        ),
        children=(
            *lines(
                *(labels.cited(i.because, i.sources) for i in option.indications),
                *(labels.cited(s.says, s.sources) for s in option.about),
            ),
            *(_caution(note, labels) for note in option.cautions),
            *lines(inline(unread) if option.interactions_not_checked else ()),
        ),
    )


def _caution(note: CautionNote, labels: Labels) -> Item:
    caution = note.caution
    applies = note.verdict == "applies"
    head = f"Applies, {caution.level}: " if applies else f"Check before ({caution.level}): "
    unknown = f"Not known: {labels.findings(note.unknown)}" if note.unknown else ""
    return Item(
        inline(
            Span(head, Style.ALERT if applies else Style.OPPOSES),
            labels.cited(caution.because, caution.sources),
        ),
        children=below(labels.record(note.observed), inline(unknown)),
    )


def _prevention(assessment: Assessment, labels: Labels) -> Blocks:
    for kind, title in (
        (PreventionKind.SEEK_CARE, "When to seek care"),
        (PreventionKind.PREVENTION, "Prevention"),
    ):
        chosen = [measure for measure in assessment.prevention if measure.kind is kind]
        if chosen:
            yield Heading(inline(title))
            yield Listing(tuple(_measure(measure, labels) for measure in chosen))


def _measure(measure: Prevention, labels: Labels) -> Item:
    because = labels.cited(f". {measure.because}", measure.sources)
    return Item(inline(Span(measure.name, Style.STRONG), because))
