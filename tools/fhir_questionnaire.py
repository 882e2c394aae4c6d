"""Write the Questionnaire of the cramp history as FHIR R4, from the knowledge base.

    python tools/fhir_questionnaire.py          writes the file that ships
    python tools/fhir_questionnaire.py --check  only says whether that file is current

Each linkId is the field of the record that the answer fills.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crampdx import KnowledgeBase
from crampdx.inputs.fhir.questionnaires import ANSWER_SYSTEM, QUESTIONNAIRE_URL
from crampdx.knowledge.models import Code, Finding, FindingKind
from crampdx.record.models import CrampHistory, words_of

FILE = (
    Path(__file__).resolve().parents[1] / "src/crampdx/inputs/fhir/cramp_history_questionnaire.json"
)
VERSION = "1"
ADDRESSES = {
    "HPO": "http://human-phenotype-ontology.org",
    "SNOMED-CT": "http://snomed.info/sct",
}
"""The addresses of the systems whose codes a question names."""

ORDER = (FindingKind.SYMPTOM, FindingKind.EXPOSURE, FindingKind.HISTORY, FindingKind.FAMILY)
"""In which order the kinds that a person reports are asked for; a kind that lacks here fails."""

CRAMPS = (
    ("duration", "For how long have there been cramps?", "quantity", ("d", "wk", "mo", "a")),
    ("episode_duration", "How long does one cramp last?", "quantity", ("s", "min", "h")),
    ("per_week", "How many cramps are there in a week?", "decimal", ()),
    ("locations", "Where are the cramps?", "choice", ()),
    ("triggers", "What brings the cramps on?", "choice", ()),
    ("times_of_day", "When do the cramps come?", "choice", ()),
    ("response_to_remedies", "Do stretching, fluids or rest help?", "choice", ()),
)
UNITS = {
    "s": "seconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "wk": "weeks",
    "mo": "months",
    "a": "years",
}
UNIT_OPTION = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"


def document(knowledge: KnowledgeBase) -> dict[str, Any]:
    """The Questionnaire."""
    cramps = [_of_cramps(*question) for question in CRAMPS]
    pregnant = {"linkId": "pregnant", "text": "Is there a pregnancy?", "type": "boolean"}
    return {
        "resourceType": "Questionnaire",
        "id": "crampdx-cramp-history",
        "url": QUESTIONNAIRE_URL,
        "version": VERSION,
        "name": "CrampHistory",
        "title": "History of muscle cramps",
        "status": "active",
        "experimental": False,
        "subjectType": ["Patient"],
        "description": "What crampdx asks of a person with muscle cramps. A question without an"
        " answer says nothing; 'no' says that it is absent. Each linkId is the field of the"
        " crampdx record that the answer fills.",
        "item": [
            _group("group.cramps", "The cramps", cramps),
            *_of_findings(knowledge),
            _group("group.pregnancy", "Pregnancy", [pregnant]),
        ],
    }


def _group(name: str, text: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"linkId": name, "text": text, "type": "group", "item": items}


def _of_cramps(field: str, text: str, kind: str, units: tuple[str, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {"linkId": f"cramps.{field}", "text": text, "type": kind}
    if units:
        item["extension"] = [
            {"url": UNIT_OPTION, "valueCoding": _coding("http://unitsofmeasure.org", unit)}
            for unit in units
        ]
    if kind == "choice":
        item["repeats"] = field != "response_to_remedies"
        words = sorted(words_of(CrampHistory, field))
        item["answerOption"] = [{"valueCoding": _coding(ANSWER_SYSTEM, word)} for word in words]
    return item


def _coding(system: str, code: str) -> dict[str, str]:
    display = UNITS.get(code, code.replace("_", " "))
    return {"system": system, "code": code, "display": display}


def _of_findings(knowledge: KnowledgeBase) -> Iterable[dict[str, Any]]:
    self_reported = (kind for kind in FindingKind if kind.traits.is_self_reported)
    for kind in sorted(self_reported, key=ORDER.index):
        asked = [
            _of_finding(finding, knowledge.codes)
            for finding in knowledge.findings.values()
            if finding.kind is kind and finding.ask is not None and finding.derived is None
        ]
        if asked:
            title = kind.value.replace("_", " ").capitalize()
            yield _group(f"group.{kind.value}", title, asked)


def _of_finding(finding: Finding, codes: Iterable[Code]) -> dict[str, Any]:
    exact = [
        {"system": ADDRESSES[code.system], "code": code.code, "display": code.display}
        for code in codes
        if (code.concept_kind, code.concept, code.match) == ("finding", finding.id, "exact")
        and code.system in ADDRESSES
    ]
    item: dict[str, Any] = {"linkId": f"findings.{finding.id}"}
    if exact:
        item["code"] = exact
    return {**item, "text": finding.ask, "type": "boolean"}


def main(arguments: list[str]) -> int:
    """Write the file, or only compare it; the exit status."""
    text = json.dumps(document(KnowledgeBase.load()), indent=1, ensure_ascii=False) + "\n"
    if arguments == ["--check"]:
        is_current = FILE.is_file() and FILE.read_text(encoding="utf-8") == text
        if not is_current:
            print(f"{FILE.name} is not current: run python tools/fhir_questionnaire.py")
        return 0 if is_current else 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
