"""DetectedIssue: red flags, medicines that may cause the cramps, and cautions that apply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from crampdx.assessment import Band, Candidate, CautionNote, Observed, RaisedFlag, TreatmentOption
from crampdx.engine.order_review import MEDICINES
from crampdx.knowledge.models import CautionLevel, FindingKind, Urgency
from crampdx.outputs.fhir.codings import codings
from crampdx.outputs.fhir.elements import Element, narrative
from crampdx.outputs.fhir.evaluation import DEVICE, Evaluation
from crampdx.outputs.fhir.words import addresses, basis_of_candidate, with_sources

__all__ = ["detected_issues"]

Severity = Literal["high", "moderate", "low"]

_URGENCIES: dict[Urgency, tuple[Severity, str]] = {
    Urgency.EMERGENCY: ("high", "consider urgent evaluation"),
    Urgency.URGENT: ("high", "consider urgent evaluation"),
    Urgency.SOON: ("moderate", "consider evaluation soon"),
}

_LEVELS: dict[CautionLevel, tuple[Severity, str]] = {
    CautionLevel.AVOID: ("high", "avoid"),
    CautionLevel.CAUTION: ("moderate", "use with caution"),
    CautionLevel.ADJUST: ("moderate", "adjust"),
    CautionLevel.MONITOR: ("low", "monitor"),
}


def detected_issues(evaluation: Evaluation) -> Iterator[tuple[str, Element]]:
    """Issues with their names in the bundle: red flags, then medicines, then cautions."""
    assessment = evaluation.assessment
    for raised in assessment.red_flags:
        yield f"DetectedIssue/red_flag/{raised.flag.id}", _red_flag(raised, evaluation)
    for candidate in assessment.candidates:
        if _is_medicine(candidate, evaluation):
            yield f"DetectedIssue/cause/{candidate.cause}", _medicine(candidate, evaluation)
    for option in assessment.treatments:
        for note in option.cautions:
            if note.verdict == "applies":
                name = f"DetectedIssue/caution/{note.caution.id}"
                yield name, _caution(option, note, evaluation)


def _red_flag(raised: RaisedFlag, evaluation: Evaluation) -> Element:
    flag = raised.flag
    severity, advice = _URGENCIES[flag.urgency]
    title = f"Red flag, {advice}: {flag.name}"
    detail = with_sources(f"{flag.consider} {flag.because}", flag.sources)
    issue = _issue(evaluation, {"text": title}, severity, detail, flag.sources)
    return {**issue, "evidence": _evidence(raised.observed, evaluation)}


def _is_medicine(candidate: Candidate, evaluation: Evaluation) -> bool:
    cause = evaluation.knowledge.causes.get(candidate.cause)
    return cause is not None and cause.group == MEDICINES and candidate.band is not Band.UNLIKELY


def _medicine(candidate: Candidate, evaluation: Evaluation) -> Element:
    title = f"A medicine may cause the cramps: {candidate.name}"
    code = {"coding": codings(candidate.codes), "text": title}
    basis = basis_of_candidate(candidate, len(evaluation.assessment.candidates), evaluation.labels)
    sources = [source for line in candidate.supporting for source in line.evidence.sources]
    seen = {one.finding: one for line in candidate.supporting for one in line.observed}.values()
    issue = _issue(evaluation, code, "moderate", basis, sources)
    return {**issue, **_grounds(seen, evaluation)}


def _caution(option: TreatmentOption, note: CautionNote, evaluation: Evaluation) -> Element:
    caution = note.caution
    severity, advice = _LEVELS[caution.level]
    title = f"If {option.name} is considered, {advice}"
    detail = with_sources(caution.because, caution.sources)
    issue = _issue(evaluation, {"text": title}, severity, detail, caution.sources)
    return {**issue, **_grounds(note.observed, evaluation)}


def _issue(
    evaluation: Evaluation, code: Element, severity: Severity, detail: str, sources: Iterable[str]
) -> Element:
    return {
        "resourceType": "DetectedIssue",
        "text": narrative(code["text"], detail.splitlines()),
        "status": "preliminary",
        "code": code,
        "severity": severity,
        "patient": evaluation.patient,
        "identifiedDateTime": evaluation.occurred,
        "author": evaluation.reference(DEVICE),
        "detail": detail,
        "reference": next(iter(addresses(sources, evaluation.labels)), None),
    }


def _grounds(seen: Iterable[Observed], evaluation: Evaluation) -> Element:
    """The medicines that are implicated, where the record refers to them, and all that was seen."""
    seen = tuple(seen)
    findings = evaluation.knowledge.findings
    medicines = [
        one
        for one in seen
        if one.present
        and one.finding in findings
        and findings[one.finding].kind is FindingKind.MEDICATION
    ]
    return {
        "implicated": evaluation.origins(medicines),
        "evidence": _evidence(seen, evaluation),
    }


def _evidence(seen: Iterable[Observed], evaluation: Evaluation) -> list[Element]:
    return [
        {"code": [evaluation.observed(one)], "detail": evaluation.origins([one])} for one in seen
    ]
