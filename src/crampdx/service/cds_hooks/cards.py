"""A card as the specification wants it: bounded, escaped, with source, topic and identifiers.

Text of rules and of records goes through `escaped` of `crampdx.outputs.markdown` before it
becomes part of a `detail`, so that nothing of it is read as Markdown or as HTML.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from crampdx.service.settings import Settings

__all__ = [
    "Card",
    "Indicator",
    "Suggestion",
    "Topic",
    "card_json",
    "shortened",
    "without_empty",
]

MAX_SUMMARY = 139
"""The most characters of a summary: fewer than 140."""

MAX_LABEL = 200
"""The most characters of the label of a suggestion or link."""

TOPICS = "urn:crampdx:card-topic"
"""Our code system of topics."""

_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Kinds of characters that are not shown, and could change how others are."""

OVERRIDE_REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
"""HL7's code system of reasons not to follow decision support."""


class Indicator(StrEnum):
    """How urgent a card is, the most urgent first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Topic(StrEnum):
    """What a card speaks of."""

    RED_FLAG = "red-flag"
    DIFFERENTIAL = "differential"
    MEDICINE_CAUTION = "medicine-caution"
    CRAMP_MEDICINE = "medicine-may-cause-cramps"
    TEST_DONE = "test-already-done"
    NOT_CHECKED = "medicine-not-checked"


_TOPIC_NAMES = {
    Topic.RED_FLAG: "Red flag",
    Topic.DIFFERENTIAL: "Differential diagnosis of muscle cramps",
    Topic.MEDICINE_CAUTION: "Caution on a medicine",
    Topic.CRAMP_MEDICINE: "Medicine that may cause cramps",
    Topic.TEST_DONE: "Test already done",
    Topic.NOT_CHECKED: "Medicine not checked",
}

_REASONS = {
    "patient-ineligible": "Patient does not meet eligibility for recommended action",
    "action-completed": "Recommended action was already completed",
    "recipient-disagrees-evidence": (
        "Recipient disagrees with recommendation because of issues with the evidence"
    ),
    "recipient-concerns-outcomes": "Recipient has concerns regarding potential health outcomes",
    "does-not-align-preferences": (
        "Recommendation does not align with patient preferences or values"
    ),
    "cds-not-applicable": "PC CDS does not apply to patient",
}
"""The reasons that are offered, each with HL7's display."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A draft that the user may take.

    Attributes:
        about: What it suggests, such as the id of a test.
        label: What the button says.
        description: What taking it does.
        resource: The FHIR resource to create.
    """

    about: str
    label: str
    description: str
    resource: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be shown.

    Attributes:
        topic: What it speaks of.
        about: The entry of the knowledge base, or the order, that it is about.
        summary: One sentence; it is shortened to what a card may hold.
        indicator: How urgent it is.
        detail: Markdown, escaped where it quotes.
        suggestions: Drafts to choose from, any of them.
        links: Labels and pages of the reference, as paths from its top.
    """

    topic: Topic
    about: str
    summary: str
    indicator: Indicator
    detail: str
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[tuple[str, str], ...] = field(default=())


def card_json(
    card: Card,
    settings: Settings,
    version: str,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> dict[str, Any]:
    """The card as it is sent.

    Args:
        card: The card.
        settings: Where the reference pages are.
        version: The version of crampdx, for the source.
        new_id: Gives a new identifier on each call.
    """
    suggestions = [_suggestion(suggestion, new_id) for suggestion in card.suggestions]
    found: dict[str, Any] = without_empty(
        {
            "uuid": new_id(),
            "summary": shortened(card.summary, MAX_SUMMARY),
            "detail": card.detail.strip(),
            "indicator": str(card.indicator),
            "source": {
                "label": f"crampdx {version}",
                "url": settings.reference_url,
                "topic": {
                    "system": TOPICS,
                    "code": str(card.topic),
                    "display": _TOPIC_NAMES[card.topic],
                },
            },
            "suggestions": suggestions,
            "selectionBehavior": "any" if suggestions else None,
            "overrideReasons": [
                {"code": code, "system": OVERRIDE_REASONS, "display": display}
                for code, display in _REASONS.items()
            ],
            "links": _links(card.links, settings.reference_url),
        }
    )
    return found


def _suggestion(suggestion: Suggestion, new_id: Callable[[], str]) -> dict[str, Any]:
    action = {
        "type": "create",
        "description": suggestion.description,
        "resource": suggestion.resource,
    }
    return {
        "label": shortened(suggestion.label, MAX_LABEL),
        "uuid": new_id(),
        "actions": [action],
    }


def _links(links: Iterable[tuple[str, str]], base: str | None) -> list[dict[str, str]]:
    if base is None:
        return []
    return [
        {"label": shortened(label, MAX_LABEL), "url": f"{base}/{page}", "type": "absolute"}
        for label, page in links
    ]


def shortened(text: str, most: int) -> str:
    r"""Text on one line, cut with an ellipsis where it has too many characters.

    A character is not parted from the marks that belong to it, and what is not shown is dropped.

    >>> shortened("Amyotrophic lateral sclerosis", 12)
    'Amyotrophic…'
    >>> shortened("one\nline", 12)
    'one line'
    """
    line = " ".join(text.split())
    line = "".join(c for c in line if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    if len(line) <= most:
        return line
    end = most - 1
    while end > 1 and _belongs_to_previous(line[end], line[end - 1]):
        end -= 1
    return line[:end].rstrip() + "…"


def _belongs_to_previous(character: str, previous: str) -> bool:
    joined = bool(_JOINERS.intersection((character, previous)))
    return joined or unicodedata.combining(character) > 0


def without_empty(value: Any) -> Any:
    """The value without members that say nothing: null, "", [] and {}, at any depth.

    >>> without_empty({"a": None, "b": [{}], "c": {"d": "", "e": 0}})
    {'c': {'e': 0}}
    """
    if isinstance(value, dict):
        kept = ((key, without_empty(item)) for key, item in value.items())
        return {key: item for key, item in kept if not _is_empty(item)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [item for item in map(without_empty, value) if not _is_empty(item)]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
