"""The pytest plugin: every case of every ``*.case.yaml`` file is a test.

A case runs against the pack in whose folder its file stands and what that pack requires, or
against the packs named by the option ``--crampdx-pack`` or the setting ``crampdx_packs``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crampdx.authoring.cases.reading import SUFFIX, LocatedCase, read_cases
from crampdx.authoring.cases.runner import CaseResult, check_record_ids, explained, run_case
from crampdx.authoring.cases.stacks import stack_of
from crampdx.engine.assessor import Assessor
from crampdx.errors import CrampdxError
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.pack_stacks import Stack

__all__ = ["CaseFile", "CaseItem"]

_stacks: pytest.StashKey[dict[Path, Stack]] = pytest.StashKey()
_assessors: pytest.StashKey[dict[Stack, Assessor]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the user name the packs."""
    group = parser.getgroup("crampdx", "rules of crampdx")
    group.addoption(
        "--crampdx-pack",
        action="append",
        metavar="NAME|PATH",
        help="a pack that the cases are about; repeat it to stack packs",
    )
    parser.addini("crampdx_packs", "packs that the cases are about", type="args")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect case files."""
    if not file_path.name.endswith(SUFFIX):
        return None
    return CaseFile.from_parent(parent, path=file_path)


class CaseFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[CaseItem]:
        """The cases of the file."""
        assessor = self._assessor()
        for located in read_cases([self.path], assessor.knowledge):
            item = CaseItem.from_parent(
                self, name=located.case.name, located=located, assessor=assessor
            )
            if located.case.xfail is not None:
                item.add_marker(pytest.mark.xfail(reason=located.case.xfail, strict=True))
            yield item

    def _assessor(self) -> Assessor:
        """The assessor of the rules that the file is about; made once for all of their files."""
        chosen = self.config.getoption("--crampdx-pack") or self.config.getini("crampdx_packs")
        stack = tuple(chosen) or self._own_stack()
        assessors = self.config.stash.setdefault(_assessors, {})
        if stack not in assessors:
            assessors[stack] = Assessor(KnowledgeBase.load(*stack))
        return assessors[stack]

    def _own_stack(self) -> Stack:
        """The packs that the files of this folder are about."""
        stacks = self.config.stash.setdefault(_stacks, {})
        folder = self.path.parent
        if folder not in stacks:
            stacks[folder] = stack_of(self.path)
        return stacks[folder]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any, **__: Any) -> str:
        """What is wrong with the file, without a traceback."""
        if isinstance(excinfo.value, CrampdxError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))


class CaseFailed(Exception):
    """Something that a case expects does not hold."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(result.located.case.name)
        self.result = result


class CaseItem(pytest.Item):
    """A case as a test."""

    def __init__(self, *, located: LocatedCase, assessor: Assessor, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.located = located
        self.assessor = assessor

    def runtest(self) -> None:
        """Assess the record and compare.

        Raises:
            CaseFailed: An expectation does not hold.
        """
        result = run_case(self.located, self.assessor)
        check_record_ids([result])
        if result.failures:
            raise CaseFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any, **__: Any) -> str:
        """Expected and got, and the reasons behind the ranks."""
        if isinstance(excinfo.value, CaseFailed):
            return explained(excinfo.value.result)
        if isinstance(excinfo.value, CrampdxError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line from 0, and the name."""
        return self.path, self.located.place.line - 1, self.name
