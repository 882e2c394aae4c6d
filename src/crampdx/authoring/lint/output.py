"""The linter's result as text, as JSON, as SARIF and as annotations of GitHub.

JSON has the shape of `LintResult`. SARIF is version 2.1.0 of the Static Analysis Results
Interchange Format (OASIS standard, 2020); what is silenced stands in it as suppressed. GitHub's
annotations are its workflow commands.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from crampdx._version import __version__
from crampdx.authoring.lint.check import Level, LintIssue
from crampdx.authoring.lint.linter import DEFECTS, LintResult
from crampdx.errors import printable
from crampdx.outputs.labels import counted

__all__ = ["to_github", "to_json", "to_sarif", "to_text"]

_SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_MAX_LINE = 2_000


def to_text(result: LintResult) -> str:
    """One line for each issue, and one that counts them."""
    lines = [f"{issue.place}: {_title(issue)}: {issue.text}" for issue in result.issues]
    return "".join(f"{printable(line, _MAX_LINE)}\n" for line in (*lines, _counted(result)))


def _title(issue: LintIssue) -> str:
    return f"{issue.level} {issue.code} {issue.name}"


def _counted(result: LintResult) -> str:
    """How many issues of each level there are.

    >>> _counted(LintResult(()))
    'no issues'
    """
    levels = Counter(issue.level for issue in result.issues)
    words = [counted(levels[level], level) for level in Level if levels[level]]
    silenced = f", {len(result.silenced)} silenced" if result.silenced else ""
    return (", ".join(words) or "no issues") + silenced


def to_json(result: LintResult) -> str:
    """The result as JSON."""
    return TypeAdapter(LintResult).dump_json(result, indent=2).decode() + "\n"


def to_sarif(result: LintResult) -> str:
    """The result as a log of SARIF 2.1.0."""
    rules = [
        {
            "id": defect.code,
            "name": defect.name,
            "shortDescription": {"text": defect.summary},
            "defaultConfiguration": {"level": str(defect.level)},
        }
        for defect in DEFECTS
    ]
    results = [
        *(_sarif_result(issue, []) for issue in result.issues),
        *(
            _sarif_result(one.issue, [{"kind": "external", "justification": one.reason}])
            for one in result.silenced
        ),
    ]
    run = {
        "tool": {"driver": {"name": "crampdx", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


_RULE_INDEX = {defect.code: index for index, defect in enumerate(DEFECTS)}


def _sarif_result(issue: LintIssue, suppressions: Sequence[Any]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(issue.file)}}
    if issue.line:
        place["region"] = {"startLine": issue.line, "startColumn": max(issue.column, 1)}
    return {
        "ruleId": issue.code,
        "ruleIndex": _RULE_INDEX[issue.code],
        "level": str(issue.level),
        "message": {"text": issue.text},
        "locations": [{"physicalLocation": place}],
        "suppressions": list(suppressions),
    }


def _uri(file: str) -> str:
    """A path as a URI, relative where the path is.

    >>> _uri("rules/own pack/tests.yaml"), _uri("/srv/pack.yaml")
    ('rules/own%20pack/tests.yaml', 'file:///srv/pack.yaml')
    """
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(file, errors="surrogateescape")


_GITHUB_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def to_github(result: LintResult) -> str:
    """One workflow command of GitHub for each issue."""
    return "".join(_github_command(issue) for issue in result.issues)


def _github_command(issue: LintIssue) -> str:
    place = {"line": issue.line, "col": issue.column} if issue.line else {}
    properties = {"file": issue.file, **place, "title": f"{issue.code} {issue.name}"}
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{_GITHUB_LEVELS[issue.level]} {written}::{_data(issue.text)}\n"


def _data(text: str) -> str:
    r"""Text as it stands in a workflow command.

    >>> _data("100 %\n")
    '100 %25%0A'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A value of a property of a workflow command, of which ':' and ',' are the limits."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
