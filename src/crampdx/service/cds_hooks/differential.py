"""The cards on a patient with cramps: one for each red flag, and one with the differential.

=========================================  =========
what                                       indicator
=========================================  =========
a red flag of urgency *emergency*          critical
a red flag of urgency *urgent* or *soon*   warning
the differential                           info
=========================================  =========
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crampdx.assessment import Assessment, Band, Candidate, ProposedTest, RaisedFlag
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import TestKind, Urgency
from crampdx.outputs.fhir import service_request
from crampdx.outputs.labels import Labels, listed, spoken
from crampdx.outputs.markdown import document, escaped, strong
from crampdx.service.cds_hooks.cards import Card, Indicator, Suggestion, Topic
from crampdx.service.cds_hooks.wording import (
    basis,
    evidence,
    not_seen,
    observed,
    section,
    sources,
)

__all__ = ["differential_cards"]

MAX_CAUSES = 5
"""The most causes that the card explains; the rest are counted."""

MAX_LINES = 4
"""The most lines of evidence of each cause, for and against."""

MAX_LINKS = 5
"""The most links to reference pages."""

_INDICATORS = {
    Urgency.EMERGENCY: Indicator.CRITICAL,
    Urgency.URGENT: Indicator.WARNING,
    Urgency.SOON: Indicator.WARNING,
}
_NOT_ORDERED = frozenset({TestKind.HISTORY, TestKind.EXAMINATION})
"""Kinds of tests that are done by asking and looking, so that no order is drafted."""


def differential_cards(
    assessment: Assessment,
    knowledge: KnowledgeBase,
    patient: str,
    encounter: str | None,
    lacking: Iterable[str],
) -> list[Card]:
    """The cards of an assessment, the most urgent first.

    Args:
        assessment: That of a patient who has cramps.
        knowledge: The rules that made it.
        patient: The reference to the patient, for drafts.
        encounter: The reference to the encounter.
        lacking: What was not seen of the record, in sentences.
    """
    flags = [_red_flag(raised, assessment, knowledge) for raised in assessment.red_flags]
    drafts = tuple(_drafts(assessment, patient, encounter))
    return [*flags, _differential(assessment, knowledge, drafts, lacking)]


def _red_flag(raised: RaisedFlag, assessment: Assessment, knowledge: KnowledgeBase) -> Card:
    flag = raised.flag
    return Card(
        topic=Topic.RED_FLAG,
        about=flag.id,
        summary=f"{flag.name}: {_uncapitalized(flag.consider)}",
        indicator=_INDICATORS[flag.urgency],
        detail=document(
            strong(escaped(flag.consider)),
            f"{escaped(flag.because)} {sources(flag.sources, knowledge)}",
            section("What of the record it rests on", [observed(raised.observed, knowledge)]),
            basis(assessment),
        ),
        links=((f"Red flag: {flag.name}", f"red-flags.html#red_flag:{flag.id}"),),
    )


def _uncapitalized(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _differential(
    assessment: Assessment,
    knowledge: KnowledgeBase,
    drafts: tuple[Suggestion, ...],
    lacking: Iterable[str],
) -> Card:
    shown = [c for c in assessment.candidates if c.band is not Band.UNLIKELY]
    return Card(
        topic=Topic.DIFFERENTIAL,
        about="differential",
        summary=_summary(assessment),
        indicator=Indicator.INFO,
        detail=document(
            *(escaped(note.message) for note in assessment.notes),
            *(_cause(candidate, knowledge) for candidate in shown[:MAX_CAUSES]),
            _others(assessment, shown),
            section("Not to be missed", _do_not_miss(assessment)),
            section("To be cleared up", _clarify(assessment, knowledge)),
            section("To ask", (escaped(q.ask) for q in assessment.questions)),
            section("Tests to consider", _tests(assessment, knowledge)),
            not_seen(lacking, assessment),
            basis(assessment),
        ),
        suggestions=drafts,
        links=tuple((c.name, f"causes/{c.cause}.html") for c in shown[:MAX_LINKS]),
    )


def _summary(assessment: Assessment) -> str:
    leading = [c.name for c in assessment.candidates if c.band is Band.LEADING]
    if leading:
        return f"Muscle cramps, to consider first: {listed(leading)}."
    if assessment.questions:
        first = assessment.questions[0].ask
        return f"Muscle cramps: too little is known to rank causes; first ask: {first}"
    return "Muscle cramps: too little is known to rank causes."


def _cause(candidate: Candidate, knowledge: KnowledgeBase) -> str:
    lines = [f"For: {evidence(line, knowledge)}" for line in candidate.supporting[:MAX_LINES]]
    lines += [f"Against: {evidence(line, knowledge)}" for line in candidate.opposing[:MAX_LINES]]
    more = max(len(candidate.supporting) - MAX_LINES, 0)
    more += max(len(candidate.opposing) - MAX_LINES, 0)
    if more:
        lines.append(f"and {more} lines more")
    return section(f"{candidate.rank}. {candidate.name} ({candidate.band})", lines)


def _others(assessment: Assessment, shown: list[Candidate]) -> str:
    parts = []
    if len(shown) > MAX_CAUSES:
        parts.append(f"Also plausible: {listed([c.name for c in shown[MAX_CAUSES:]])}.")
    unlikely = len(assessment.candidates) - len(shown)
    if unlikely:
        parts.append(f"Less likely causes with some evidence: {unlikely}.")
    return escaped(" ".join(parts))


def _do_not_miss(assessment: Assessment) -> Iterator[str]:
    for cause in assessment.do_not_miss:
        yield f"{escaped(cause.name)} (rank {cause.rank})"


def _clarify(assessment: Assessment, knowledge: KnowledgeBase) -> Iterator[str]:
    for item in assessment.clarify:
        names = Labels(knowledge).names("finding", item.findings)
        yield escaped(f"{item.name} ({spoken(item.kind)}) is left open by {listed(names)}")


def _tests(assessment: Assessment, knowledge: KnowledgeBase) -> Iterator[str]:
    for test in assessment.tests:
        shown = listed([outcome.name for outcome in test.would_show])
        text = f"{test.name}: {test.because} It can show {shown}."
        yield f"{escaped(text)} {sources(test.sources, knowledge)}"


def _drafts(assessment: Assessment, patient: str, encounter: str | None) -> Iterator[Suggestion]:
    for test in assessment.tests:
        if test.kind not in _NOT_ORDERED:
            yield _draft(test, patient, encounter)


def _draft(test: ProposedTest, patient: str, encounter: str | None) -> Suggestion:
    return Suggestion(
        about=test.test,
        label=f"Draft an order: {test.name}",
        description=f"Creates a draft order of {test.name}, to be reviewed. {test.because}",
        resource=service_request(test, patient, encounter, "Muscle cramps"),
    )
