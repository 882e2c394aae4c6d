"""The cards on orders: from drafts of the request to what the knowledge base says of them.

==============================================================  =========
what                                                            indicator
==============================================================  =========
a caution applies, of level *avoid* or *caution*                warning
a caution applies, of level *adjust* or *monitor*               info
cautions are to be checked before, and none applies             info
a medicine that may cause the cramps that the patient has       warning
a test that is done already                                     info
a medicine that is not recognized, where others are spoken of,
or the patient has cramps                                       info
==============================================================  =========
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crampdx.assessment import CautionNote
from crampdx.engine.order_review import (
    MedicineReview,
    OrderReview,
    TestReview,
    TreatmentReview,
)
from crampdx.engine.trace import AssessmentTrace
from crampdx.inputs import fhir
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import CautionLevel
from crampdx.outputs.labels import Labels, listed
from crampdx.outputs.markdown import code, document, escaped
from crampdx.record.models import Medication, TestResult
from crampdx.service.api.problems import Problem
from crampdx.service.cds_hooks.cards import Card, Indicator, Topic, shortened
from crampdx.service.cds_hooks.models import OrderSelectContext, OrderSignContext
from crampdx.service.cds_hooks.parsing import PrefetchedResource, patient_of
from crampdx.service.cds_hooks.wording import basis, not_seen, observed, section, sources

__all__ = ["Drafts", "drafts_of", "order_cards"]

Resource = dict[str, Any]

MAX_ORDERS = 100
"""The most drafts that are reviewed at once."""

MAX_LABEL = 60

_WITHDRAWN = frozenset({"cancelled", "entered-in-error", "revoked", "stopped"})
_ORIGIN = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64}")
_GRAVE = frozenset({CautionLevel.AVOID, CautionLevel.CAUTION})
_NO_TAGS = str.maketrans(
    "<>",
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
)
_LEVEL_WORDS = {
    CautionLevel.AVOID: "avoid",
    CautionLevel.CAUTION: "caution",
    CautionLevel.ADJUST: "adjust the dose",
    CautionLevel.MONITOR: "monitor",
}


@dataclass(frozen=True, slots=True)
class Drafts:
    """The orders under review.

    Attributes:
        medicines: Medicines being ordered.
        tests: Tests being ordered.
        lacking: What of the drafts cannot be reviewed, in sentences.
    """

    medicines: tuple[Medication, ...] = ()
    tests: tuple[TestResult, ...] = ()
    lacking: tuple[str, ...] = ()


# -------------------------------------------------------------------------------------- drafts


def drafts_of(context: OrderSignContext, held: Iterable[PrefetchedResource]) -> Drafts:
    """The drafts of a request: those that are selected, or all where the hook selects none.

    Args:
        context: The hook's context.
        held: Further resources, among which medicines that drafts refer to may be.

    Raises:
        Problem: A draft is of another patient (400).
    """
    found = dict(_entries(context.draftOrders))
    _of_this_patient(found, context.patientId)
    chosen = _selected(found, context)
    lacking = [f"order {number} of the drafts: has no resource" for number in _holes(context)]
    if isinstance(context, OrderSelectContext):
        missing = len(set(context.selections)) - len(chosen)
        if missing > 0:
            lacking.append(f"selections: {missing} are not among the drafts")
    if len(chosen) > MAX_ORDERS:
        lacking.append(f"drafts: {len(chosen) - MAX_ORDERS} beyond the first {MAX_ORDERS}")
    medications = [
        {"fullUrl": one.full_url, "resource": one.content}
        for one in held
        if one.kind == "Medication"
    ]
    orders = fhir.Orders([*context.draftOrders.get("entry", []), *medications])
    reviewed = [item for item in list(chosen.items())[:MAX_ORDERS] if _is_order(item[1])]
    return Drafts(
        medicines=tuple(
            medicine
            for place, draft in reviewed
            if draft["resourceType"] == "MedicationRequest"
            for medicine in orders.medicines(draft, place)
        ),
        tests=tuple(
            orders.test(draft, place)
            for place, draft in reviewed
            if draft["resourceType"] == "ServiceRequest"
        ),
        lacking=tuple(lacking),
    )


def _entries(bundle: Mapping[str, Any]) -> Iterator[tuple[str, Resource]]:
    """The drafts by their places: their reference, or the number of the entry."""
    seen: set[str] = set()
    for number, entry in enumerate(bundle.get("entry", [])):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            continue
        reference = f"{resource['resourceType']}/{resource.get('id')}"
        place = reference if _ORIGIN.fullmatch(reference) and "id" in resource else ""
        if not place or place in seen:
            place = f"entry[{number}]"
        seen.add(place)
        yield place, resource


def _holes(context: OrderSignContext) -> list[int]:
    entries = context.draftOrders.get("entry", [])
    resources = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]
    return [
        number
        for number, resource in enumerate(resources, 1)
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str)
    ][:MAX_ORDERS]


def _selected(found: Mapping[str, Resource], context: OrderSignContext) -> dict[str, Resource]:
    selections = set(context.selections) if isinstance(context, OrderSelectContext) else set(found)
    return {place: draft for place, draft in found.items() if place in selections}


def _is_order(draft: Resource) -> bool:
    status = draft.get("status")
    is_withdrawn = isinstance(status, str) and status in _WITHDRAWN
    return not is_withdrawn and draft.get("doNotPerform") is not True


def _of_this_patient(found: Mapping[str, Resource], patient: str) -> None:
    for draft in found.values():
        if patient_of(draft) not in (None, patient):
            message = "a draft is of another patient than context.patientId; nothing was reviewed"
            raise Problem(400, "value", message, "context.draftOrders")


# --------------------------------------------------------------------------------------- cards


def order_cards(
    review: OrderReview,
    drafts: Drafts,
    trace: AssessmentTrace,
    lacking: Sequence[str],
) -> list[Card]:
    """The cards of a review, the most urgent first.

    Args:
        review: The review of the drafts.
        drafts: The drafts.
        trace: That of the patient's record.
        lacking: What was not seen of the record, in sentences.
    """
    end = _end(trace, [*lacking, *drafts.lacking])
    knowledge = trace.knowledge
    cards = [
        card
        for draft, medicine in zip(drafts.medicines, review.medicines, strict=True)
        for card in _medicine_cards(draft, medicine, knowledge, end)
    ]
    cards += [_test_done(test, end) for test in review.tests if test.done]
    if cards or review.has_complaint or drafts.lacking:
        cards += _not_checked(drafts, review, end)
    order = {indicator: number for number, indicator in enumerate(Indicator)}
    return sorted(cards, key=lambda card: order[card.indicator])


def _end(trace: AssessmentTrace, lacking: Sequence[str]) -> str:
    """What every card on orders ends with."""
    unread = trace.intake.unread_medicines
    assessment = trace.assessment
    interactions = f"Interactions not checked: {unread} medicines of the record unread."
    return document(
        interactions if unread else "", not_seen(lacking, assessment), basis(assessment)
    )


def _label(draft: Medication) -> str:
    """What the order calls the medicine; without what a careless client could take for HTML."""
    return _plainly(draft.text or "medicine")


def _plainly(name: str) -> str:
    return shortened(name.translate(_NO_TAGS), MAX_LABEL)


def _medicine_cards(
    draft: Medication, medicine: MedicineReview, knowledge: KnowledgeBase, end: str
) -> Iterator[Card]:
    for treatment in medicine.treatments:
        if treatment.cautions:
            yield _cautions(draft, treatment, medicine, knowledge, end)
    if medicine.cramp_links:
        yield _may_cause_cramps(draft, medicine, knowledge, end)


def _cautions(
    draft: Medication,
    treatment: TreatmentReview,
    medicine: MedicineReview,
    knowledge: KnowledgeBase,
    end: str,
) -> Card:
    applying = [note for note in treatment.cautions if note.verdict == "applies"]
    to_check = [note for note in treatment.cautions if note.verdict == "check_before"]
    partly = (
        "" if medicine.complete else "Not all its ingredients are known; those are not checked."
    )
    return Card(
        topic=Topic.MEDICINE_CAUTION,
        about=treatment.treatment,
        summary=_caution_summary(treatment, applying, to_check, knowledge),
        indicator=_caution_indicator(applying),
        detail=document(
            f"Order: {escaped(_label(draft))} ({code(medicine.place)}). {partly}".rstrip(),
            section("What applies", (_caution(note, knowledge) for note in applying)),
            section("To be checked before", (_caution(note, knowledge) for note in to_check)),
            end,
        ),
        links=((treatment.name, f"treatments.html#treatment:{treatment.treatment}"),),
    )


def _caution_indicator(applying: Sequence[CautionNote]) -> Indicator:
    grave = any(note.caution.level in _GRAVE for note in applying)
    return Indicator.WARNING if grave else Indicator.INFO


def _caution_summary(
    treatment: TreatmentReview,
    applying: Sequence[CautionNote],
    to_check: Sequence[CautionNote],
    knowledge: KnowledgeBase,
) -> str:
    if applying:
        caution = applying[0].caution
        more = f" ({len(applying)} cautions apply)" if len(applying) > 1 else ""
        return f"{treatment.name}, {_LEVEL_WORDS[caution.level]}{more}: {caution.because}"
    unknown = dict.fromkeys(name for note in to_check for name in note.unknown)
    return f"{treatment.name}: to be checked before: {Labels(knowledge).findings(unknown)}"


def _caution(note: CautionNote, knowledge: KnowledgeBase) -> str:
    caution = note.caution
    seen = observed(note.observed, knowledge)
    unknown = listed(Labels(knowledge).names("finding", note.unknown))
    parts = [
        f"{_LEVEL_WORDS[caution.level].capitalize()}: {escaped(caution.because)}",
        f"Record: {seen}." if seen else "",
        escaped(f"Unknown: {unknown}.") if unknown else "",
        sources(caution.sources, knowledge),
    ]
    return " ".join(part for part in parts if part)


def _may_cause_cramps(
    draft: Medication, medicine: MedicineReview, knowledge: KnowledgeBase, end: str
) -> Card:
    lines = [
        f"{escaped(link.name)}: {escaped(line.because)} {sources(line.sources, knowledge)}"
        for link in medicine.cramp_links
        for line in link.lines
    ]
    return Card(
        topic=Topic.CRAMP_MEDICINE,
        about=medicine.cramp_links[0].cause,
        summary=f"{_label(draft)} may cause muscle cramps, which this patient has.",
        indicator=Indicator.WARNING,
        detail=document(
            f"Order: {escaped(_label(draft))} ({code(medicine.place)}).",
            section("Why", lines),
            end,
        ),
        links=tuple((link.name, f"causes/{link.cause}.html") for link in medicine.cramp_links),
    )


def _test_done(test: TestReview, end: str) -> Card:
    last = test.done[0]
    when = f"on {last.date}" if last.date else "on an unknown day"
    places = (
        f"{code(done.place)}, {escaped(done.date) if done.date else 'undated'}"
        for done in test.done[:10]
    )
    return Card(
        topic=Topic.TEST_DONE,
        about=test.test or "unknown_test",  # the place would be an identifier in the feedback
        summary=f"{_plainly(test.name)} was done {when}; consider whether it is needed again.",
        indicator=Indicator.INFO,
        detail=document(section("Where the record has it", places), end),
        links=((test.name, f"tests.html#test:{test.test}"),) if test.test else (),
    )


def _not_checked(drafts: Drafts, review: OrderReview, end: str) -> list[Card]:
    """One card on all medicines that were not checked, wholly or in part."""
    pairs = list(zip(drafts.medicines, review.medicines, strict=True))
    unread = [(draft, m) for draft, m in pairs if not m.complete]
    without_cautions = [(draft, m) for draft, m in pairs if m.complete and not m.treatments]
    if not unread and not drafts.lacking:
        return []
    return [
        Card(
            topic=Topic.NOT_CHECKED,
            about="not_checked",
            summary=_not_checked_summary([_label(draft) for draft, _ in unread]),
            indicator=Indicator.INFO,
            detail=document(
                section("Not checked", (_order_line(d, m) for d, m in unread)),
                section(
                    "Known, but no cautions are kept for them",
                    (_order_line(d, m) for d, m in without_cautions),
                ),
                end,
            ),
        )
    ]


def _not_checked_summary(unread: Sequence[str]) -> str:
    if not unread:
        return "Some drafts could not be reviewed and are not checked."
    subject = unread[0] if len(unread) == 1 else f"{len(unread)} medicines of the order"
    return f"{subject}: not checked, since the rules do not know all of it."


def _order_line(draft: Medication, medicine: MedicineReview) -> str:
    known = f", known of it: {listed(medicine.names)}" if medicine.names else ""
    return f"{escaped(_label(draft) + known)} ({code(medicine.place)})"
