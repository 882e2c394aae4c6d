"""Checks of what is written for a reader: the reasons of rules, and the displays of codes."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from crampdx.authoring.lint.check import Check, LintIssue
from crampdx.authoring.lint.context import LintContext, Subject
from crampdx.errors import printable
from crampdx.knowledge.loading.entries import field_of

__all__ = ["LongBecause", "OtherDisplay", "RepeatedBecause", "sentences_in"]

MAX_BECAUSE = 200
"""The most characters of a reason: what is longer is not read beside a patient."""

_SENTENCE_END = re.compile(
    r"(?<!\b[A-Za-z])(?<!\be\.g)(?<!\bi\.e)[.!?][\"')\]]?\s+(?=[\"'(]?[A-Z0-9])"
)


def sentences_in(text: str) -> int:
    """How many sentences the text has. An initial or 'e.g.' ends none.

    >>> sentences_in("Potassium is low."), sentences_in("It is low. So muscles cramp!")
    (1, 2)
    >>> sentences_in("The scale of S. McGee gives 2.5 for it, e.g. Table 1.")
    1
    """
    return len(_SENTENCE_END.findall(text.strip())) + 1


def _reasons(context: LintContext) -> Iterator[tuple[Subject, str]]:
    for subject in context.subjects:
        because = field_of(subject.item, "because")
        if because is not None:
            yield subject, because


class LongBecause(Check):
    """A reason that is more than a clinician reads at a glance."""

    code = "CDX050"
    name = "long-because"
    summary = "'because' is longer than one sentence."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Reasons of several sentences, or of more than `MAX_BECAUSE` characters."""
        for subject, because in _reasons(context):
            sentences = sentences_in(because)
            if sentences > 1:
                message = f"'because' has {sentences} sentences"
            elif len(because) > MAX_BECAUSE:
                message = f"'because' has {len(because)} characters, more than {MAX_BECAUSE}"
            else:
                continue
            remedy = "say it in one short sentence; background goes into 'about'"
            yield self.issue(subject, message, "because", remedy=remedy)


class RepeatedBecause(Check):
    """A reason that was copied and so says nothing of the rule that it stands under."""

    code = "CDX051"
    name = "repeated-because"
    summary = "'because' is that of another rule."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Reasons equal to that of an entry before it, by pack, kind and id."""
        by_text: defaultdict[str, list[Subject]] = defaultdict(list)
        for subject, because in _reasons(context):
            by_text[_plain(because)].append(subject)
        for first, *others in by_text.values():
            for subject in others:
                yield self.issue(
                    subject,
                    f"'because' is that of {first.kind} '{first.id}'",
                    "because",
                    remedy="say why this very rule holds",
                )


def _plain(text: str) -> str:
    """The text without regard to case, spaces and the mark at its end."""
    return " ".join(text.casefold().split()).rstrip(".!?")


class OtherDisplay(Check):
    """A code whose words are not those of its system: the code or the words may be wrong."""

    code = "CDX052"
    name = "other-display"
    summary = "The display of a code is not the one that was verified."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Rows of codes whose display differs; a code that was not verified is no issue."""
        verified = _verified_displays()
        for code, origin in context.reading.codes:
            display = verified.get((code.system, code.code))
            if display is not None and display != code.display:
                yield self.issue_at(
                    origin,
                    "code",
                    code.code,
                    f"{code.system} displays it as '{display}', not as '{printable(code.display)}'",
                    remedy="compare the code with its system, then correct the code or the display",
                )


@cache
def _verified_displays() -> Mapping[tuple[str, str], str]:
    """The verified display of each system and code."""
    text = (files(__package__) / "verified_displays.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {(row["system"], row["code"]): row["display"] for row in rows}
