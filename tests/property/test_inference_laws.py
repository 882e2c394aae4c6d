"""Laws of inference: the network is the reference, and knowing more changes no verdict."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    FEW,
    MANY,
    ORDERS,
    SOME,
    Pack,
    criteria,
    load,
    packs,
    records_for,
    shards_of,
    shuffled,
    states_of,
)

from crampdx import Assessor
from crampdx.engine.evaluators.durable import Network, fnv1_32, strata
from crampdx.engine.evaluators.reference import Verdict, evaluate
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion
from crampdx.knowledge.normal_forms import MAX_FINDINGS

PLAIN = tuple(f"f{number}" for number in range(10))

Rules = tuple[list[Criterion], dict[str, Criterion]]


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Criteria over findings, of which some are derived from others, in strata."""
    names = PLAIN
    derived: dict[str, Criterion] = {}
    for number in range(draw(st.integers(0, 4))):
        derived[f"d{number}"] = draw(criteria(names))
        names = (*names, f"d{number}")
    return draw(st.lists(criteria(names), max_size=8)), derived


def by_reference(rules: Rules, states: Mapping[str, bool]) -> tuple[list[Verdict], dict[str, bool]]:
    """What `Network(*rules).verdicts(states)` has to be."""
    wanted, derived = rules
    known = dict(states)
    for layer in strata(derived):
        for name in layer:
            verdict = evaluate(derived[name], known)
            if verdict is not None:
                known[name] = verdict
    return [evaluate(criterion, known) for criterion in wanted], known


class TestNetworkIsReference:
    @MANY
    @given(rules(), st.lists(states_of(PLAIN), min_size=1, max_size=4))
    def test_on_every_criterion(self, rules: Rules, patients: list[dict[str, bool]]) -> None:
        """Network and reference agree on every verdict, and on the states of derived findings."""
        network = Network(*rules)
        for states in patients:
            assert network.verdicts(states) == by_reference(rules, states)

    @given(rules(), states_of(PLAIN), ORDERS)
    def test_whatever_the_order_of_states(
        self, rules: Rules, states: dict[str, bool], order: random.Random
    ) -> None:
        """The order in which findings become known does not matter."""
        network = Network(*rules)
        other = dict(shuffled(states.items(), order))
        assert network.verdicts(other) == network.verdicts(states)

    @given(rules(), states_of(PLAIN), ORDERS)
    def test_whatever_the_order_of_criteria(
        self, rules: Rules, states: dict[str, bool], order: random.Random
    ) -> None:
        """A criterion's verdict does not depend on what else is compiled, or in what order."""
        wanted, derived = rules
        other = shuffled(wanted, order)
        verdicts = dict(zip(other, Network(other, derived).verdicts(states)[0], strict=True))
        assert [verdicts[c] for c in wanted] == Network(wanted, derived).verdicts(states)[0]

    @SOME
    @given(packs(), st.data())
    def test_in_whole_assessments(self, made: Pack, data: st.DataObject) -> None:
        """An assessment by the network and one by the reference say the same."""
        base = load(made)
        assessor, fallback = Assessor(base), Assessor(base)
        fallback._network = None
        record = data.draw(records_for(base))
        by_network, by_fallback = assessor.assess(record), fallback.assess(record)
        assert (by_network.inference, by_fallback.inference) == ("network", "reference")
        assert by_network == by_fallback.model_copy(update={"inference": "network"})


class TestKnowingMore:
    @MANY
    @given(rules(), states_of(PLAIN), st.sampled_from(PLAIN), st.booleans())
    def test_never_changes_a_decided_verdict(
        self, rules: Rules, states: dict[str, bool], finding: str, state: bool
    ) -> None:
        """Turning an unknown finding into present or absent changes no verdict but unknown ones."""
        network = Network(*rules)
        before, _ = network.verdicts(states)
        after, _ = network.verdicts({finding: state, **states})
        changed = [(b, a) for b, a in zip(before, after, strict=True) if b is not a]
        assert all(was is None for was, _ in changed)

    @given(rules(), states_of(PLAIN), st.booleans())
    def test_of_an_irrelevant_finding_changes_nothing(
        self, rules: Rules, states: dict[str, bool], state: bool
    ) -> None:
        """A finding that no criterion names changes no verdict."""
        network = Network(*rules)
        assert network.verdicts({**states, "z": state})[0] == network.verdicts(states)[0]

    @SOME
    @given(packs(), st.data())
    def test_of_an_irrelevant_finding_changes_no_assessment(
        self, made: Pack, data: st.DataObject
    ) -> None:
        """Scores, ranks and plan are the same with a finding that no rule mentions."""
        made.entries["findings"].append(
            {"id": "z", "name": "Z", "kind": "sign", "sources": ["study"]}
        )
        base = load(made)
        record = data.draw(
            records_for(base).filter(lambda r: not isinstance(r.get("findings"), dict))
        )
        said = [entry for entry in record.get("findings", []) if entry.get("id") != "z"]
        record["findings"] = said
        assessor = Assessor(base)
        without = assessor.assess(record)
        with_it = assessor.assess({**record, "findings": [*said, {"id": "z"}]})
        parts = ("candidates", "do_not_miss", "red_flags", "questions", "tests", "treatments")
        parts += ("prevention", "notes", "conclusion", "clarify")
        assert {p: getattr(with_it, p) for p in parts} == {p: getattr(without, p) for p in parts}


# ------------------------------------------------------------------------------------------ shards

FULL = tuple(f"f{number:03}" for number in range(MAX_FINDINGS))


def literal(name: str, present: bool) -> Criterion:
    return name if present else Absent(absent=name)


def random_rules(
    names: Sequence[str], count: int, order: random.Random, widest: int = 4
) -> list[Criterion]:
    """Conjunctions, disjunctions and choices of up to so many findings each."""
    made: list[Criterion] = []
    for _ in range(count):
        parts = tuple(
            literal(name, order.random() < 0.6)
            for name in order.sample(names, order.randint(1, widest))
        )
        kind = order.choice(("all", "all", "any", "at_least"))
        made.append(
            AllOf(all=parts)
            if kind == "all"
            else AnyOf(any=parts)
            if kind == "any"
            else AtLeast(at_least=order.randint(1, len(parts)), of=parts)
        )
    return made


def full_states(names: Sequence[str], order: random.Random) -> dict[str, bool]:
    """Every finding known, in shuffled order: all present, all absent, or mixed."""
    share = order.choice((1.0, 0.0, 0.5, 0.9, 0.1))
    return {name: order.random() < share for name in shuffled(names, order)}


def prefixes() -> list[Criterion]:
    """Conjunctions of the first 1, 2, 3, ... findings, and of the last: the deepest chains."""
    longest = range(len(FULL))
    return [AllOf(all=FULL[: n + 1]) for n in longest] + [AllOf(all=FULL[n:]) for n in longest]


def pairs() -> list[Criterion]:
    """Every pair of findings: the widest tree."""
    return [AllOf(all=(a, b)) for n, a in enumerate(FULL) for b in FULL[n + 1 :]]


class TestShards:
    @FEW
    @given(ORDERS)
    def test_filled_completely(self, order: random.Random) -> None:
        """A shard of 60 findings and hundreds of rules answers when every finding is known."""
        rules = random_rules(FULL, 460, order)
        network = Network(rules, {})
        states = full_states(FULL, order)
        assert network.verdicts(states)[0] == [evaluate(rule, states) for rule in rules]

    @FEW
    @pytest.mark.parametrize("shape", [prefixes, pairs])
    @given(order=ORDERS)
    def test_filled_completely_by_extreme_rules(self, shape: Any, order: random.Random) -> None:
        """The deepest and the widest trees of rules answer when every finding is known."""
        rules = shape()
        states = full_states(FULL, order)
        assert Network(rules, {}).verdicts(states)[0] == [evaluate(r, states) for r in rules]

    @FEW
    @given(ORDERS, st.integers(1, 250), st.integers(1, 300))
    def test_every_shard_of_many_filled(
        self, order: random.Random, findings: int, count: int
    ) -> None:
        """All shards of a larger network answer when every finding is known."""
        names = [f"f{number}" for number in range(findings)]
        rules = random_rules(names, count, order, widest=min(4, findings))
        states = full_states(names, order)
        assert Network(rules, {}).verdicts(states)[0] == [evaluate(r, states) for r in rules]

    @FEW
    @given(ORDERS, st.integers(1, 400), st.integers(1, 60))
    def test_never_over_60_findings(self, order: random.Random, findings: int, widest: int) -> None:
        """No shard names more findings than the engine's stack can hold."""
        names = [f"f{number}" for number in range(findings)]
        rules = [
            AllOf(all=tuple(order.sample(names, order.randint(1, min(widest, findings)))))
            for _ in range(60)
        ]
        network = Network(rules, {})
        assert all(len(shard.findings) <= MAX_FINDINGS for shard in shards_of(network))

    @FEW
    @given(ORDERS, st.integers(1, 250))
    def test_property_names_do_not_collide(self, order: random.Random, findings: int) -> None:
        """Within a shard no two names, reserved ones included, have one hash of the engine's."""
        names = [f"f{number}" for number in range(findings)]
        network = Network(random_rules(names, 100, order, widest=min(3, findings)), {})
        for shard in shards_of(network):
            used = [*shard.properties.values(), "sid", "id", "$s", "a"]
            assert len({fnv1_32(name) for name in used}) == len(used)

    @FEW
    @given(ORDERS)
    def test_each_distinct_conjunction_is_one_rule(self, order: random.Random) -> None:
        """Rules that are repeated, or that are another's negation, cost nothing more."""
        rules = random_rules(FULL, 50, order)
        once, twice = Network(rules, {}), Network([*rules, *reversed(rules)], {})
        assert _rules_in(once) == _rules_in(twice)


def _rules_in(network: Network) -> int:
    return sum(len(layer.stratum.by_rule) for layer in network.layers)
