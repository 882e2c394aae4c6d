"""Which tests to do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from crampdx.assessment import ProposedTest, TestOutcome
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.planning.context import Codes, PlanningContext
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Test, TestKind

__all__ = ["MAX_OUTCOMES", "MAX_TESTS", "Tests"]

MAX_TESTS = 10
"""How many tests an assessment proposes."""

MAX_OUTCOMES = 4
"""How many findings an assessment names of those that a test can show."""

_TEST_ORDER = {kind: number for number, kind in enumerate(TestKind)}


class Tests:
    """The tests of a knowledge base, by what they show."""

    __test__ = False

    def __init__(self, knowledge: KnowledgeBase, codes: Codes) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            codes: The codes of tests, for output.
        """
        self._tests = knowledge.tests
        self._codes = codes
        self._names = {finding.id: finding.name for finding in knowledge.findings.values()}
        below = knowledge.descendants()
        self.showing: dict[str, list[str]] = {}
        """Of each finding that a test shows, the tests."""
        for test in knowledge.tests.values():
            for name in {name for shown in test.shows for name in (shown, *below[shown])}:
                self.showing.setdefault(name, []).append(test.id)

    def propose(self, context: PlanningContext) -> tuple[ProposedTest, ...]:
        """Choose the tests whose best finding separates most; none that is done or ordered."""
        discrimination, record = context.discrimination, context.record
        shown = self._outcomes_of(discrimination)
        options = [
            (separates, _TEST_ORDER[self._tests[test].kind], shifts, test)
            for test, names in shown.items()
            for separates, shifts in (discrimination.order(names[0]),)
        ]
        known = context.intake.tests_done | context.intake.tests_ordered
        fitting = (
            self._proposed(self._tests[test], shown[test], discrimination)
            for *_, test in sorted(options)
            if test not in known and self._tests[test].population.includes(record.age, record.sex)
        )
        return tuple(islice(fitting, MAX_TESTS))

    def _outcomes_of(self, discrimination: Discrimination) -> dict[str, list[str]]:
        """The findings that each test shows and that separate, best first, as far as they count."""
        shown: dict[str, list[str]] = {}
        showing = self.showing
        for name in discrimination.ordered:
            for test in showing.get(name, ()):
                names = shown.setdefault(test, [])
                if len(names) < MAX_OUTCOMES:
                    names.append(name)
        return shown

    def _proposed(
        self, test: Test, shown: Sequence[str], discrimination: Discrimination
    ) -> ProposedTest:
        return ProposedTest(
            test.id,
            test.name,
            test.kind,
            discrimination.separates(shown[0]),
            tuple(
                [
                    TestOutcome(name, self._names[name], *discrimination.shifts(name))
                    for name in shown
                ]
            ),
            test.because,
            test.sources,
            self._codes.get(("test", test.id), ()),
        )
