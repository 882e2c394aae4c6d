"""Results of cases as JUnit XML, the form that build servers read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree  # it only writes

from crampdx.authoring.cases.runner import CaseResult, explained

__all__ = ["junit_xml"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(results: Iterable[CaseResult]) -> str:
    """The results as one test suite: a test case for each, its failures as text."""
    found = tuple(results)
    failed = sum(not result.passed for result in found)
    suite = ElementTree.Element(
        "testsuite", name="crampdx", tests=str(len(found)), failures=str(failed), errors="0"
    )
    for result in found:
        place = result.located.place
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_text(place.file),
            name=_text(result.located.case.name),
            file=_text(place.file),
            line=str(place.line),
        )
        if result.failed_as_expected:
            ElementTree.SubElement(case, "skipped", message=_text(result.located.case.xfail or ""))
        if not result.passed:
            message = "; ".join(map(str, result.failures)) or "holds"
            failure = ElementTree.SubElement(case, "failure", message=_text(message))
            failure.text = _text(explained(result))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _text(text: str) -> str:
    """The text without the characters that XML does not admit."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
