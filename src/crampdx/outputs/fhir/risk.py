"""RiskAssessment: the ranking. It never holds a probability."""

from __future__ import annotations

from crampdx.outputs.fhir.codings import concept
from crampdx.outputs.fhir.device import DEVICE
from crampdx.outputs.fhir.elements import Element, narrative, notes
from crampdx.outputs.fhir.evaluation import Evaluation
from crampdx.outputs.fhir.impression import observations

__all__ = ["RISK", "risk_assessment"]

RISK = "RiskAssessment"

NO_PROBABILITY = (
    "The bands order the candidates of this assessment among themselves. They are no probabilities."
)


def risk_assessment(evaluation: Evaluation) -> Element:
    """All candidates in rank order, each with its band and how its score came about.

    The band is given as text: the codes that FHIR offers speak of probability.
    """
    assessment = evaluation.assessment
    candidates = assessment.candidates
    words = evaluation.words
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
        "basis": evaluation.origins(observations(assessment)),
        "prediction": [
            {
                "outcome": concept(candidate.name, candidate.codes),
                "qualitativeRisk": {"text": str(candidate.band)},
                "rationale": words.standing(candidate, len(candidates)),
            }
            for candidate in candidates
        ],
        "note": notes(NO_PROBABILITY, assessment.intended_use),
    }
