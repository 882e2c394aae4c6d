"""The Device that answers: which version of crampdx, with which rules."""

from __future__ import annotations

from crampdx.assessment import Assessment
from crampdx.outputs.fhir.elements import Element, notes
from crampdx.outputs.fhir.evaluation import Evaluation

__all__ = ["DEVICE", "device", "module_name"]

DEVICE = "Device"


def module_name(assessment: Assessment) -> str:
    """The name of the rules that answered: packs, versions, digest. A name, not an address.

    >>> import crampdx
    >>> answer = crampdx.assess({"findings": {"hypokalemia": True}})
    >>> module_name(answer).partition("@")[0]
    'urn:crampdx:article'
    """
    stamp = assessment.knowledge
    packs = "+".join(f"{pack.name}@{pack.version}" for pack in stamp.packs)
    return f"urn:crampdx:{packs}:sha-256:{stamp.digest}"


def device(evaluation: Evaluation) -> Element:
    """The software with its version, and the rules with theirs."""
    assessment = evaluation.assessment
    stamp = assessment.knowledge
    return {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": "crampdx", "type": "model-name"}],
        "type": {"text": "Software that supports the differential diagnosis of muscle cramps"},
        "version": [
            {"type": {"text": "software"}, "value": assessment.version},
            *(
                {"type": {"text": f"rules: {pack.name} ({pack.status})"}, "value": pack.version}
                for pack in stamp.packs
            ),
            {"type": {"text": "SHA-256 of the rules"}, "value": stamp.digest},
        ],
        "note": notes(assessment.intended_use),
    }
