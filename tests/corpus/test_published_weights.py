"""Weights from publications: what a frequency comes to, and how far judgement may go beside it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from crampdx import KnowledgeBase
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.scoring import decibans, weight_of
from crampdx.knowledge.criteria import Absent
from crampdx.knowledge.models import Evidence


class Counted(NamedTuple):
    """A line on the absence of a finding that was counted in people with the disease."""

    line: str
    finding: str
    seen: int
    of: int
    source: str


class Classed(NamedTuple):
    """A line on the absence of a finding whose frequency with the disease is known as a class."""

    line: str
    finding: str
    most: float
    source: str


COUNTED = [
    Counted(
        "mcardle.normal_creatine_kinase", "elevated_creatine_kinase", 172, 174, "hpoa:OMIM.232600"
    ),
]

FREQUENT, VERY_FREQUENT = 0.79, 0.99
CLASSED = [
    Classed("als.no_fasciculations", "fasciculations", FREQUENT, "hpoa:ORPHA.803"),
    Classed("als.no_wasting", "muscle_wasting", FREQUENT, "hpoa:ORPHA.803"),
    Classed("cmt.no_deformity", "foot_deformity", VERY_FREQUENT, "hpoa:ORPHA.99947"),
    Classed(
        "dystrophinopathy.normal_creatine_kinase",
        "elevated_creatine_kinase",
        VERY_FREQUENT,
        "hpoa:ORPHA.98895",
    ),
    Classed("mcardle.not_exertional", "exertional_cramp", FREQUENT, "hpoa:ORPHA.368"),
    Classed("myotonia_congenita.no_myotonia", "myotonia", VERY_FREQUENT, "hpoa:ORPHA.614"),
    Classed(
        "myotonia_congenita.no_discharges", "myotonic_discharges", VERY_FREQUENT, "hpoa:ORPHA.614"
    ),
    Classed("tetanus.no_trismus", "trismus", VERY_FREQUENT, "hpoa:ORPHA.3299"),
]

RATIOS = {
    "lumbar_stenosis.neurogenic_claudication": (3.7, "suri-2010"),
    "lumbar_stenosis.bending": (6.4, "suri-2010"),
    "lumbar_stenosis.no_neurogenic_claudication": (0.23, "suri-2010"),
    "pad.reduced_pulses": (4.7, "khan-2006"),
}
"""The ratios that the publications give, and which publication."""


@pytest.fixture(scope="module")
def lines() -> dict[str, Evidence]:
    knowledge = KnowledgeBase.load("article", "extended")
    return {line.id: line for cause in knowledge.causes.values() for line in cause.evidence}


@pytest.mark.parametrize("counted", COUNTED, ids=lambda counted: counted.line)
def test_a_counted_frequency_gives_the_ratio(counted: Counted, lines: dict[str, Evidence]) -> None:
    """The upper end of Wilson's interval of those without the finding is the ratio."""
    line = lines[counted.line]
    assert line.when == Absent(absent=counted.finding)
    interval = Proportion(counted.of - counted.seen, counted.of).interval
    assert interval is not None
    assert line.lr == round(interval[1], 2)
    assert counted.source in line.sources


@pytest.mark.parametrize("classed", CLASSED, ids=lambda classed: classed.line)
def test_a_class_of_frequency_limits_what_absence_weighs(
    classed: Classed, lines: dict[str, Evidence]
) -> None:
    """Absence weighs no more against a disease than the most frequent of the class admits."""
    line = lines[classed.line]
    assert line.when == Absent(absent=classed.finding)
    assert decibans(1 - classed.most) <= weight_of(line) < 0


@pytest.mark.parametrize("line", RATIOS)
def test_a_published_ratio_is_used_as_it_is(line: str, lines: dict[str, Evidence]) -> None:
    """The ratio of the line is that of the publication, which is its source."""
    ratio, source = RATIOS[line]
    assert (lines[line].lr, lines[line].sources) == (ratio, (source,))


def test_every_measured_ratio_is_checked_here(lines: dict[str, Evidence]) -> None:
    """No line has a ratio that this file does not compare with its publication."""
    with_ratio = {name for name, line in lines.items() if line.lr is not None}
    assert with_ratio == {*RATIOS, *(counted.line for counted in COUNTED)}
