"""What cases expect, brought up to what the rules say: the new values, and how they are written.

A value is replaced in the text of its file, at its own place; comments, order and layout of all
else stay as they are. Only expectations are written, never records, and a file is written whole or
not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from crampdx.authoring.cases.expectations import failures
from crampdx.authoring.cases.models import Expectations
from crampdx.authoring.cases.reading import CaseFileError, LocatedCase, read_cases
from crampdx.authoring.cases.runner import CaseResult, run_case
from crampdx.engine.assessor import Assessor
from crampdx.engine.trace import AssessmentTrace
from crampdx.errors import CrampdxError
from crampdx.text.yaml import read_yaml

__all__ = ["Acceptance", "CannotAccept", "accept", "accepted_expectations", "flow"]


class CannotAccept(CrampdxError):
    """What came cannot be written as what is expected; one line says why."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of one file.

    Attributes:
        file: The file.
        changed: Its cases that were changed, with what they expect now, by key; None where a key
            was taken out.
        refusals: Why the file was left as it was; empty where it was written.
    """

    file: Path
    changed: tuple[tuple[CaseResult, Mapping[str, Any]], ...]
    refusals: tuple[str, ...] = ()


def accept(results: Iterable[CaseResult], assessor: Assessor) -> Iterator[Acceptance]:
    """Write what came in place of what was expected, file by file.

    Args:
        results: Results of cases; those that passed are left alone.
        assessor: The rules with which they were run.
    """
    failed = [result for result in results if not result.passed]
    for file, of_file in groupby(failed, key=lambda result: result.located.origin.file):
        yield _accept_file(Path(file), list(of_file), assessor)


def _accept_file(file: Path, results: Sequence[CaseResult], assessor: Assessor) -> Acceptance:
    changed: list[tuple[CaseResult, Mapping[str, Any]]] = []
    refusals: list[str] = []
    for result in results:
        try:
            changed.append((result, accepted_expectations(result)))
        except CannotAccept as error:
            refusals.append(f"{result.located}: {error}")
    if not refusals:
        try:
            _write(file, changed, assessor)
        except (CannotAccept, CaseFileError, OSError) as error:
            refusals.append(f"{file}: {error}")
    return Acceptance(file, tuple(changed), tuple(refusals))


# ---------------------------------------------------------------------------- what is expected now

_OPPOSITES: Mapping[str, str] = {
    "candidates": "not_candidates",
    "do_not_miss": "not_do_not_miss",
    "tests": "not_tests",
    "treatments": "not_treatments",
    "prevention": "not_prevention",
    "red_flags": "no_red_flags",
    "unexplained": "explained",
    "warnings": "no_warnings",
    "notes": "no_notes",
}
"""Lists of what is there, and the lists of what is not."""

_BY_VERDICT: Mapping[bool | None, str] = {True: "fired", False: "not_fired", None: "undecided"}


def accepted_expectations(result: CaseResult) -> dict[str, Any]:
    """Work out what a failed case would have to expect: its changed keys, None for one that goes.

    Raises:
        CannotAccept: That cannot be said by a changed value; a person has to decide.
    """
    case = result.located.case
    if case.xfail is not None or case.expect is None:
        raise CannotAccept("all of it holds, though it is to fail; take 'xfail' out by hand")
    before = case.expect.model_dump(mode="json", exclude_none=True, by_alias=True)
    after = dict(before)
    for key in dict.fromkeys(failure.expectation for failure in result.failures):
        _accept_key(key, after, result)
    return {
        key: after.get(key) or None
        for key in {**before, **after}
        if after.get(key) != before.get(key)
    }


def _accept_key(key: str, expect: dict[str, Any], result: CaseResult) -> None:
    trace = result.trace
    failing = {failure.expectation: failure for failure in result.failures}[key]
    if key in _VALUES:
        expect[key] = _VALUES[key](expect[key], trace)
    elif key in _BY_VERDICT.values():
        for line in tuple(expect[key]):
            _move(line, key, _BY_VERDICT[trace.verdicts["evidence", line]], expect)
    elif key == "cautions":
        expect[key] = _cautions(expect[key], trace)
    elif key in _OPPOSITES or key in _OPPOSITES.values():
        opposite = {**_OPPOSITES, **{no: yes for yes, no in _OPPOSITES.items()}}[key]
        if expect[key] == "any" or expect.get(opposite) == "any":
            raise CannotAccept(f"'{key}' with 'any' is changed by hand ({failing})")
        for name in tuple(expect[key]):
            alone = Expectations.model_validate({key: [name]})
            if _fails(alone, trace):
                _move(name, key, opposite, expect)
    else:
        raise CannotAccept(f"'{key}' is changed by hand ({failing})")


def _fails(expect: Expectations, trace: AssessmentTrace) -> bool:
    return bool(failures(expect, trace))


def _move(name: str, key: str, other: str, expect: dict[str, Any]) -> None:
    if other != key:
        expect[key] = [kept for kept in expect[key] if kept != name]
        expect[other] = [*dict.fromkeys([*expect.get(other, ()), name])]


def _ranked(cause: str, trace: AssessmentTrace) -> Any:
    for candidate in trace.assessment.candidates:
        if candidate.cause == cause:
            return candidate
    raise CannotAccept(f"'{cause}' is not a candidate any more")


def _top(_: Any, trace: AssessmentTrace) -> list[str]:
    first = [candidate.cause for candidate in trace.assessment.candidates[:1]]
    if not first:
        raise CannotAccept("there is no candidate any more")
    return first


def _score(expected: Mapping[str, Any], trace: AssessmentTrace) -> dict[str, Any]:
    scores = {cause: trace.scored[cause].score for cause in expected}
    return {
        cause: {**value, "is": scores[cause]} if isinstance(value, dict) else scores[cause]
        for cause, value in expected.items()
    }


def _because_of(expected: Mapping[str, Any], trace: AssessmentTrace) -> dict[str, Any]:
    origins = {cause: list(_ranked(cause, trace).because_of) for cause in expected}
    for cause, found in origins.items():
        if not found:
            raise CannotAccept(f"'{cause}' has no possible origin any more")
    return origins


def _fired(expected: Mapping[str, Any], trace: AssessmentTrace) -> dict[str, Any]:
    return {
        cause: [
            line.id
            for line in trace.knowledge.causes[cause].evidence
            if trace.verdicts["evidence", line.id]
        ]
        for cause in expected
    }


def _states(expected: Mapping[str, Any], trace: AssessmentTrace) -> dict[str, Any]:
    words = {True: "present", False: "absent", None: "unknown"}
    return {finding: words[trace.states.get(finding)] for finding in expected}


_VALUES: Mapping[str, Callable[[Any, AssessmentTrace], Any]] = {
    "conclusion": lambda _, trace: trace.assessment.conclusion,
    "top": _top,
    "top_n": lambda expected, trace: {
        cause: max(rank, _ranked(cause, trace).rank) for cause, rank in expected.items()
    },
    "band": lambda expected, trace: {c: str(_ranked(c, trace).band) for c in expected},
    "score": _score,
    "because_of": _because_of,
    "all_fired": _fired,
    "findings": _states,
}
"""What the assessment says in place of a value."""


def _cautions(expected: Mapping[str, list[str]], trace: AssessmentTrace) -> dict[str, list[str]]:
    said = {
        note.caution.id: str(note.verdict)
        for option in trace.assessment.treatments
        for note in option.cautions
    }
    offered = {
        caution.id
        for option in trace.assessment.treatments
        for caution in trace.knowledge.treatments[option.treatment].cautions
    }
    found: dict[str, list[str]] = {}
    for names in expected.values():
        for name in names:
            if name not in offered:
                raise CannotAccept(f"the treatment of '{name}' is not offered any more")
            found.setdefault(said.get(name, "silent"), []).append(name)
    return found


# ------------------------------------------------------------------------------ where it is written


class _Text:
    """The text of a file with its nodes, and the edits that are to be made in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.root: Any = yaml.compose(text, Loader=loader)
        self.starts = [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.edits: list[tuple[int, int, str]] = []

    def start(self, node: Any) -> int:
        """Where a node begins in the text."""
        return int(self.starts[node.start_mark.line] + node.start_mark.column)

    def end(self, node: Any) -> int:
        """Where a node ends; a block ends with its last part, not where the next one begins."""
        if not isinstance(node, yaml.ScalarNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.end(last[1] if isinstance(last, tuple) else last)
        return int(self.starts[node.end_mark.line] + node.end_mark.column)

    def put(self, start: int, end: int, text: str) -> None:
        """Replace a part of the text."""
        self.edits.append((start, end, text))

    def edited(self) -> str:
        """The text with all edits, which must not overlap."""
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def _value(node: Any, key: str | int) -> Any:
    """The part of a node, or None."""
    if isinstance(key, int):
        return node.value[key]
    return next((value for name, value in node.value if name.value == key), None)


def _write(
    file: Path, changed: Sequence[tuple[CaseResult, Mapping[str, Any]]], assessor: Assessor
) -> None:
    original = file.read_bytes()
    if read_yaml(original) != changed[0][0].located.origin.document:
        raise CannotAccept("it has changed since it was read; run the cases again")
    text = _Text(original.decode("utf-8"))
    for result, values in changed:
        _edit(text, result.located, values)
    new = text.edited().encode("utf-8")
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(new)
        _check(file, made, {result.located.case.name for result, _ in changed}, assessor)
        if file.read_bytes() != original:
            raise CannotAccept("it has changed since it was read; run the cases again")
        made.chmod(file.stat().st_mode)
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)


def _check(file: Path, made: Path, names: set[str], assessor: Assessor) -> None:
    """Check that the new file has the same records, and that its changed cases hold."""
    before, after = read_cases([file]), read_cases([made], assessor.knowledge)
    same = [(one.case.name, one.case.record, one.case.document) for one in before] == [
        (other.case.name, other.case.record, other.case.document) for other in after
    ]
    holds = all(run_case(c, assessor).passed for c in after if c.case.name in names)
    if not same or not holds:
        raise CannotAccept("it is written in a way that cannot be changed safely; edit it by hand")


_IN_LINES: Mapping[str, str] = {"all_fired": "fires", "not_fired": "not"}
"""How a table of lines calls what is expected."""


def _edit(text: _Text, located: LocatedCase, values: Mapping[str, Any]) -> None:
    node = text.root
    for step in located.origin.path:
        node = _value(node, step)
    if len(located.origin.path) == 1:
        node = _value(node, "expect")
    elif "lines" in located.origin.path:
        values = {
            _IN_LINES.get(key, key): next(iter(value.values())) if key == "all_fired" else value
            for key, value in values.items()
        }
    gone = [key for key, value in values.items() if value is None]
    added = [k for k, value in values.items() if value is not None and _value(node, k) is None]
    for key, value in values.items():
        if value is not None and key not in added:
            _replace(text, _value(node, key), value)
    while gone and added:  # one key in the place of another
        old, new = gone.pop(), added.pop()
        key_node = next(name for name, _ in node.value if name.value == old)
        written = f"{new}: {flow(values[new])}"
        text.put(text.start(key_node), text.end(_value(node, old)), written)
    for key in added:
        indent = "\n" + " " * node.value[0][0].start_mark.column
        written = f"{key}: {flow(values[key])}"
        last = text.end(node.value[-1][1])
        text.put(last, last, f", {written}" if node.flow_style else indent + written)
    for key in gone:
        _remove(text, node, key)


def _replace(text: _Text, node: Any, value: Any) -> None:
    """Replace a value, of a mapping with the same keys only the values that differ."""
    is_mapping = isinstance(node, yaml.MappingNode) and isinstance(value, dict)
    if is_mapping and [name.value for name, _ in node.value] == list(value):
        for name, part in node.value:
            _replace(text, part, value[name.value])
        return
    written = flow(value)
    if flow(read_yaml(text.text[text.start(node) : text.end(node)].encode()).data) != written:
        text.put(text.start(node), text.end(node), written)


def _remove(text: _Text, node: Any, key: str) -> None:
    number = [name.value for name, _ in node.value].index(key)
    value = node.value[number][1]
    if number == 0:
        raise CannotAccept(f"'{key}' is taken out by hand: it comes first")
    # From the end of what stands before, so that the comma or the line break goes too.
    text.put(text.end(node.value[number - 1][1]), text.end(value), "")


def flow(value: Any) -> str:
    """Write a value in flow style; it holds ids and numbers only."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return str(value)
