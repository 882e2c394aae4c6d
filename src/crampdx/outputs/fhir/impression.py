"""ClinicalImpression: the differential with the basis of each line; RiskAssessment: the ranking.

Neither ever holds a probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crampdx.assessment import Assessment, Band, Candidate, Observed
from crampdx.knowledge.models import FindingKind
from crampdx.outputs.fhir.codings import concept
from crampdx.outputs.fhir.elements import Element, date_time, narrative, notes
from crampdx.outputs.fhir.evaluation import DEVICE, Evaluation
from crampdx.outputs.fhir.words import (
    addresses,
    basis_of_candidate,
    bibliography,
    position,
    state_of,
)

__all__ = ["IMPRESSION", "RISK", "clinical_impression", "risk_assessment"]

IMPRESSION = "ClinicalImpression"

RISK = "RiskAssessment"

NO_PROBABILITY = (
    "The bands order the candidates of this assessment among themselves;"
    " they are not probabilities."
)

_ITEMS = ("Observation/", "QuestionnaireResponse/", "FamilyMemberHistory/", "DiagnosticReport/")
"""The resources that an investigation may refer to, of those that a record comes from."""


def clinical_impression(evaluation: Evaluation, supporting: Iterable[str]) -> Element:
    """The differential.

    Args:
        evaluation: What to write.
        supporting: The names of the resources of the bundle that belong to it.
    """
    assessment = evaluation.assessment
    labels = evaluation.labels
    seen = _observations(assessment)
    origins = evaluation.origins(seen)
    shown = _shown(assessment)
    summary = _summary(assessment)
    return {
        "resourceType": "ClinicalImpression",
        "text": narrative(
            summary, [f"{c.name}. {position(c, len(assessment.candidates))}" for c in shown]
        ),
        "status": "completed",
        "description": "Differential diagnosis by rules; options to consider, each with its basis.",
        "subject": evaluation.patient,
        "encounter": evaluation.encounter,
        "effectiveDateTime": date_time(assessment.as_of),
        "date": evaluation.occurred,
        "investigation": list(_investigations(seen, evaluation)),
        "protocol": addresses(assessment.sources_of_ranking(), labels),
        "summary": summary,
        "finding": [
            {
                "itemCodeableConcept": concept(candidate.name, candidate.codes),
                "basis": basis_of_candidate(candidate, len(assessment.candidates), labels),
            }
            for candidate in shown
        ],
        "supportingInfo": [
            *(evaluation.reference(name) for name in supporting),
            *(one for one in origins if not one["reference"].startswith(_ITEMS)),
        ],
        "note": notes(
            assessment.intended_use,
            *(note.message for note in assessment.notes),
            bibliography(sorted(set(assessment.sources_of_ranking())), labels),
        ),
    }


def risk_assessment(evaluation: Evaluation) -> Element:
    """All candidates in rank order, each with its band and how its score came about.

    The band is given as text: the codes that FHIR offers speak of probability.
    """
    assessment = evaluation.assessment
    candidates = assessment.candidates
    return {
        "resourceType": "RiskAssessment",
        "text": narrative(
            f"Ranking of causes. {NO_PROBABILITY}",
            [f"{candidate.rank}. {candidate.name}: {candidate.band}" for candidate in candidates],
        ),
        "status": "preliminary",
        "method": {"text": "Pretest class and weights of evidence, added up in decibans"},
        "code": {"text": "Ranking of the causes of muscle cramps"},
        "subject": evaluation.patient,
        "encounter": evaluation.encounter,
        "occurrenceDateTime": evaluation.occurred,
        "performer": evaluation.reference(DEVICE),
        "reasonCode": evaluation.complaint(),
        "basis": evaluation.origins(_observations(assessment)),
        "prediction": [
            {
                "outcome": concept(candidate.name, candidate.codes),
                "qualitativeRisk": {"text": str(candidate.band)},
                "rationale": position(candidate, len(candidates)),
            }
            for candidate in candidates
        ],
        "note": notes(NO_PROBABILITY, assessment.intended_use),
    }


def _observations(assessment: Assessment) -> list[Observed]:
    """What of the record the assessment rests on, each finding once, sorted by id."""
    found = {seen.finding: seen for seen in _observed(assessment)}
    return [found[name] for name in sorted(found)]


def _observed(assessment: Assessment) -> Iterator[Observed]:
    for raised in assessment.red_flags:
        yield from raised.observed
    for candidate in assessment.candidates:
        for line in (*candidate.supporting, *candidate.opposing):
            yield from line.observed
    for option in assessment.treatments:
        for note in option.cautions:
            yield from note.observed
    yield from assessment.unexplained


def _shown(assessment: Assessment) -> list[Candidate]:
    """What leads or is plausible, and what must not be missed and has evidence."""
    urgent = {item.cause for item in assessment.do_not_miss}
    return [
        candidate
        for candidate in assessment.candidates
        if candidate.band is not Band.UNLIKELY or candidate.cause in urgent
    ]


def _summary(assessment: Assessment) -> str:
    """The red flags, then what leads, what is plausible, and what must not be missed."""
    bands = {
        band: [c.name for c in assessment.candidates if c.band is band]
        for band in (Band.LEADING, Band.PLAUSIBLE)
    }
    parts = (
        ("Red flags, consider urgent evaluation", [r.flag.name for r in assessment.red_flags]),
        ("Leading", bands[Band.LEADING] or ["nothing; not enough to rank"]),
        ("Plausible", bands[Band.PLAUSIBLE]),
        ("Must not be missed", [item.name for item in assessment.do_not_miss]),
        ("Clarify first", [item.name for item in assessment.clarify]),
    )
    return " ".join(f"{title}: {', '.join(names)}." for title, names in parts if names)


def _investigations(seen: Iterable[Observed], evaluation: Evaluation) -> Iterator[Element]:
    """What was found, by kind of finding."""
    grouped: dict[FindingKind, list[Observed]] = {}
    for one in seen:
        known = evaluation.knowledge.findings.get(one.finding)
        grouped.setdefault(known.kind if known else FindingKind.ATTRIBUTE, []).append(one)
    for kind in FindingKind:
        group = grouped.get(kind)
        if group:
            text = "; ".join(state_of(one, evaluation.labels) for one in group)
            origins = evaluation.origins(group)
            yield {
                "code": {"text": f"{kind.traits.label}. {text}"},
                "item": [one for one in origins if one["reference"].startswith(_ITEMS)],
            }
