"""The benchmarks measure what is there: the steps, the workloads and the yardstick."""

from __future__ import annotations

from strategies import article_knowledge

from benchmarks import assessing, workload, yardstick
from benchmarks.timing import CLOCKS
from crampdx import Assessor


def test_every_step_is_called_by_an_assessment() -> None:
    """Each step that is timed is a function of the library, and takes time in an assessment."""
    found = assessing.measure(
        Assessor(article_knowledge()), [workload.ALS_LIKE] * 2, 2, CLOCKS["wall"]
    )
    assert all(found[step].median > 0 for step, _, _ in assessing.STEPS)


def test_the_yardstick_is_what_it_was() -> None:
    """The fixed work comes to the same sum in every version, or figures do not compare."""
    assert yardstick.work() == yardstick.CHECKSUM


def test_known_patients_are_measured() -> None:
    """The cases of patients have findings that the criteria name."""
    states = workload.states_of(workload.known_patients(), article_knowledge())
    assert len(states) > 200
    assert sum(map(len, states)) > 10 * len(states)


def test_cases_of_rules_are_spread_over_the_pack() -> None:
    """As many as asked for are taken, and they are not all alike."""
    states = workload.states_of(workload.cases_of_rules("article", 20), article_knowledge())
    assert len(states) == 20
    assert len({tuple(sorted(known.items())) for known in states}) > 10
