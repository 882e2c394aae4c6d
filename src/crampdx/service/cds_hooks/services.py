"""The services: which hooks they answer, what they ask for, and how they are announced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crampdx.service.cds_hooks.models import (
    Context,
    EncounterContext,
    OrderSelectContext,
    OrderSignContext,
    PatientContext,
)

__all__ = ["REQUIRED", "SERVICES", "Service", "announced"]

SPECIFICATION_3 = "3.0.0-ballot"
"""The version of the specification whose members are sent when that is switched on."""

REQUIRED = frozenset({"patient", "problems"})
"""The keys without which no service answers: who the patient is, and what is known to be wrong."""

PATIENT = "{{context.patientId}}"

_RECORD = {
    "patient": f"Patient/{PATIENT}",
    "problems": f"Condition?patient={PATIENT}",
    "laboratory": f"Observation?patient={PATIENT}&category=laboratory",
    "medications": f"MedicationRequest?patient={PATIENT}&intent=order,plan",
    "procedures": f"Procedure?patient={PATIENT}",
}
_HISTORY = {
    "examination": f"Observation?patient={PATIENT}&category=exam",
    "survey": f"Observation?patient={PATIENT}&category=survey",
    "socialHistory": f"Observation?patient={PATIENT}&category=social-history",
    "familyHistory": f"FamilyMemberHistory?patient={PATIENT}",
    "questionnaires": f"QuestionnaireResponse?patient={PATIENT}",
}
_ENCOUNTER = {"encounter": "Encounter/{{context.encounterId}}"}


@dataclass(frozen=True, slots=True)
class Service:
    """A service of this server.

    Attributes:
        id: The last step of its address.
        hook: The hook that it answers.
        hook_version: The version of that hook.
        kind: Whether it speaks of the patient or of orders.
        title: What it is called.
        description: What it does.
        without_optional: What it lacks where an optional key is missing.
        prefetch: What it asks for: keys to queries.
        context: The model of the hook's context.
    """

    id: str
    hook: str
    hook_version: str
    kind: Literal["differential", "orders"]
    title: str
    description: str
    without_optional: str
    context: type[Context]
    prefetch: Mapping[str, str] = field(default_factory=dict)


_OF_PATIENT = (
    "For a patient who has muscle cramps on record: red flags, a ranked and explained differential,"
    " and tests to consider as draft orders. No cramps on record, no card."
)
_OF_ORDERS = (
    "Reviews medicines and tests that are being ordered: cautions for the treatments of this"
    " knowledge base, medicines that may cause cramps in a patient who has them, tests that were"
    " done already. Other medicines are not checked: no card does not mean that an order is safe."
)
_LACKS_HISTORY = (
    "What is missing is taken for unknown, and the card says so: the ranking then rests on less,"
    " and red flags that need it are not raised."
)
_LACKS_RECORD = (
    "What is missing is taken for unknown, and the card says so: cautions that rest on it are then"
    " listed as to be checked."
)


def _patient_service(hook: str, context: type[Context], more: Mapping[str, str]) -> Service:
    return Service(
        id=f"{hook}-cramps",
        hook=hook,
        hook_version="1.0",
        kind="differential",
        title="Muscle cramps: differential and next tests",
        description=_OF_PATIENT,
        without_optional=_LACKS_HISTORY,
        context=context,
        prefetch={**_RECORD, **_HISTORY, **more},
    )


def _order_service(hook: str, context: type[Context]) -> Service:
    return Service(
        id=f"{hook}-cramps",
        hook=hook,
        hook_version="1.0",
        kind="orders",
        title="Muscle cramps: review of orders",
        description=_OF_ORDERS,
        without_optional=_LACKS_RECORD,
        context=context,
        prefetch=_RECORD,
    )


SERVICES: Mapping[str, Service] = {
    service.id: service
    for service in (
        _patient_service("patient-view", PatientContext, {}),
        _patient_service("encounter-start", EncounterContext, _ENCOUNTER),
        _order_service("order-select", OrderSelectContext),
        _order_service("order-sign", OrderSignContext),
    )
}


def announced(services: Mapping[str, Service], *, version_3: bool = False) -> dict[str, Any]:
    """The answer of discovery.

    Args:
        services: The services.
        version_3: Whether members of CDS Hooks 3.0 are sent.
    """
    return {"services": [dict(_members(s, version_3)) for s in services.values()]}


def _members(service: Service, version_3: bool) -> Iterator[tuple[str, Any]]:
    yield "hook", service.hook
    yield "title", service.title
    yield "description", service.description
    yield "id", service.id
    if service.prefetch:
        yield "prefetch", dict(service.prefetch)
    yield "usageRequirements", _usage(service)
    if version_3:
        yield "version", SPECIFICATION_3
        yield "hookVersion", service.hook_version


def _usage(service: Service) -> str:
    required = ", ".join(key for key in service.prefetch if key in REQUIRED)
    optional = ", ".join(key for key in service.prefetch if key not in REQUIRED)
    return (
        f"Required: {required}, by prefetch or from a FHIR server that this service may read;"
        f" without them it answers 412. Optional: {optional}. {service.without_optional}"
        " For health professionals who can review the basis of each line."
    )
