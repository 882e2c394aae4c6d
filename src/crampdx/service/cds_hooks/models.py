"""The bodies of requests, as models.

Members that are not known are ignored, as the specification asks. What is refused is named by its
path, all faults at once, without any value of the request.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from crampdx.service.settings import origin_of

__all__ = [
    "AcceptedSuggestion",
    "Context",
    "EncounterContext",
    "Feedback",
    "FeedbackItem",
    "FhirAuthorization",
    "HookRequest",
    "OrderSelectContext",
    "OrderSignContext",
    "PatientContext",
]

MAX_FEEDBACK = 1_000
"""The most items of one batch of feedback."""

_UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_FHIR_ID = r"^[.-]{0,63}[A-Za-z0-9][A-Za-z0-9.-]{0,63}$"
"""FHIR's form of an id, and not only dots, which would lead elsewhere in an address."""
_REFERENCE = r"^[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64}$"
_TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _is_address(value: str) -> str:
    origin_of(value)
    return value


def _in_utc(value: str) -> str:
    """A timestamp of RFC 3339 in UTC, so that the same time is written the same way."""
    if _TIMESTAMP.fullmatch(value) is None:
        raise ValueError("a date and time of RFC 3339 with its offset is expected")
    try:
        time = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date and time of the calendar") from None
    return time.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


Word = Annotated[str, Field(min_length=1, max_length=200)]
FhirId = Annotated[str, Field(pattern=_FHIR_ID, max_length=64)]
Reference = Annotated[str, Field(pattern=_REFERENCE, max_length=200)]
Address = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_is_address)]


class Lenient(BaseModel):
    """A part of a request. What it does not know it ignores; what it knows has its type."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True
    )


class FhirAuthorization(Lenient):
    """The access that a client grants to its FHIR server."""

    access_token: Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", max_length=20_000)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(ge=0, le=10**12)]
    scope: Annotated[str, Field(max_length=20_000)]
    subject: Annotated[str, Field(max_length=2_000)]
    patient: Annotated[str, Field(max_length=200)] | None = None


class Context(Lenient):
    """What every hook says: who looks at whom."""

    userId: Reference  # noqa: N815  # the wire's name
    patientId: FhirId  # noqa: N815

    @property
    def user_is_patient(self) -> bool:
        """Whether a patient, or someone who belongs to one, is the user."""
        return self.userId.partition("/")[0] in ("Patient", "RelatedPerson")


class PatientContext(Context):
    """`patient-view`."""

    encounterId: FhirId | None = None  # noqa: N815


class EncounterContext(Context):
    """`encounter-start`."""

    encounterId: FhirId  # noqa: N815


class OrderSignContext(PatientContext):
    """`order-sign`."""

    draftOrders: dict[str, Any]  # noqa: N815

    @model_validator(mode="after")
    def _is_bundle(self) -> Self:
        if self.draftOrders.get("resourceType") != "Bundle":
            raise ValueError("draftOrders: a FHIR Bundle is expected")
        if not isinstance(self.draftOrders.get("entry", []), list):
            raise ValueError("draftOrders: a list of entries is expected")
        return self


class OrderSelectContext(OrderSignContext):
    """`order-select`."""

    selections: Annotated[list[Reference], Field(max_length=1_000)]


class HookRequest(Lenient):
    """The body of a call. The context is read by the model of the hook."""

    hook: Word
    hookInstance: Annotated[str, Field(pattern=_UUID)]  # noqa: N815
    context: dict[str, Any]
    fhirServer: Address | None = None  # noqa: N815
    fhirAuthorization: FhirAuthorization | None = None  # noqa: N815
    prefetch: dict[str, Any] | None = None
    extension: Any = None

    @model_validator(mode="after")
    def _server_given(self) -> Self:
        if self.fhirAuthorization is not None and self.fhirServer is None:
            raise ValueError("fhirServer: is required with fhirAuthorization")
        return self


# ------------------------------------------------------------------------------------ feedback


class AcceptedSuggestion(Lenient):
    """A suggestion that the user took."""

    id: Word


class ReasonCoding(Lenient):
    """One of the override reasons of a card."""

    code: Word
    system: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    display: Annotated[str, Field(max_length=400)] | None = None


class OverrideReason(Lenient):
    """Why a card was overridden: a reason, a comment, or both."""

    reason: ReasonCoding | None = None
    userComment: Annotated[str, Field(max_length=4_000)] | None = None  # noqa: N815

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.reason is None and not self.userComment:
            raise ValueError("give 'reason' or 'userComment', or both (cds-fb-3)")
        return self


class FeedbackItem(Lenient):
    """What became of one card."""

    card: Word
    outcome: Literal["accepted", "overridden"]
    acceptedSuggestions: Annotated[list[AcceptedSuggestion], Field(max_length=100)] = []  # noqa: N815
    overrideReason: OverrideReason | None = None  # noqa: N815
    outcomeTimestamp: Annotated[str, Field(max_length=60), AfterValidator(_in_utc)]  # noqa: N815

    @model_validator(mode="after")
    def _names_suggestions(self) -> Self:
        if self.outcome == "accepted" and not self.acceptedSuggestions:
            raise ValueError("acceptedSuggestions: is required with 'accepted' (cds-fb-2)")
        return self


class Feedback(Lenient):
    """The body of a feedback call."""

    feedback: Annotated[list[FeedbackItem], Field(min_length=1, max_length=MAX_FEEDBACK)]
