"""What tests of rendered text share: a small pack of invented rules, and what changes by the day.

The pack is in `tests/data/rendered`; nothing in it is medicine, so that a change of the rules that
ship never changes what is kept here.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from crampdx import KnowledgeBase, __version__

PACK = Path(__file__).parent / "data" / "rendered"

TYPICAL = {
    "as_of": "2026-05-01",
    "age": 60,
    "cramps": {"duration": "P6M"},
    "findings": {"muscle_cramp": True, "weakness": True, "twitching": True, "numbness": False},
    "measurements": [
        {"code": "LOINC:2823-3", "value": 2.1, "unit": "mmol/L", "date": "2026-04-30"}
    ],
    "medications": [{"text": "saltaway 5 mg"}, {"text": "other"}],
}
"""A record to which nearly everything in the pack has something to say."""


class TextFile(SingleFileSnapshotExtension):
    """A snapshot in a file of its own, so that a change of wording is read as a change of text."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@cache
def rules() -> KnowledgeBase:
    """The invented rules."""
    return KnowledgeBase.load(PACK)


def steady(text: str, *known: KnowledgeBase) -> str:
    """Text in which the version and the digests of rules, whole or cut, are always the same."""
    for knowledge in known or (rules(),):
        for length in (64, 16, 12):
            text = text.replace(knowledge.digest[:length], ("0123456789abcdef" * 4)[:length])
    return re.sub(rf"crampdx {re.escape(__version__)}(?![\w.])", "crampdx 0.0.0", text)
