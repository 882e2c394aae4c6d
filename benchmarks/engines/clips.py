"""CLIPS 6.4 by clipspy, in two designs.

`FactPerFinding` is the usual one: a fact for each finding, rules that join facts, derived findings
asserted by rules. `FactPerPatient` makes the whole patient one fact with a slot for each finding,
so that a rule is one pattern and nothing is joined; it is the fastest that was found. Both assert
through the fact builder (`assert_string` and `eval` parse text, and were several times slower) and
collect what fired in a global (calling Python, asserting facts, printing to a router and listing
the agenda were slower).
"""

from __future__ import annotations

from clips import Environment, Symbol

from benchmarks.engines.base import Rules, States
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.criteria import Atom
from crampdx.knowledge.normal_forms import disjunctive_form

_WORDS = {True: Symbol("present"), False: Symbol("absent")}
_FIRED = "(defglobal ?*fired* = (create$))"


def _collect(number: int) -> str:
    return f"(bind ?*fired* (create$ ?*fired* {number}))"


class FactPerPatient:
    """One fact a patient, with a slot for each finding."""

    name = "clipspy, one fact a patient"

    def __init__(self, rules: Rules) -> None:
        self._conjunctions = rules.flat
        self._environment = Environment()
        slots = " ".join(f"(slot {name} (default unknown))" for name in rules.findings)
        self._environment.build(f"(deftemplate patient {slots})")
        self._environment.build(_FIRED)
        for number, conjunction in enumerate(self._conjunctions.all):
            pattern = " ".join(f"({a.finding} {_WORDS[a.present]})" for a in conjunction)
            self._environment.build(
                f"(defrule r{number} (patient {pattern}) => {_collect(number)})"
            )
        self._template = self._environment.find_template("patient")
        self._fired = self._environment.find_global("fired")

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        self._environment.reset()
        self._template.assert_fact(**{name: _WORDS[state] for name, state in states.items()})
        self._environment.run()
        return self._conjunctions.verdicts(self._fired.value)


class FactPerFinding:
    """One fact for each finding that is known."""

    name = "clipspy, one fact a finding"

    def __init__(self, rules: Rules) -> None:
        self._conjunctions = rules.chained
        self._environment = Environment()
        self._environment.build("(deftemplate finding (slot id) (slot state))")
        self._environment.build(_FIRED)
        for number, conjunction in enumerate(self._conjunctions.all):
            patterns = " ".join(map(_fact, conjunction))
            self._environment.build(f"(defrule r{number} {patterns} => {_collect(number)})")
        self._derive(rules)
        self._template = self._environment.find_template("finding")
        self._fired = self._environment.find_global("fired")
        self._ids = {name: Symbol(name) for name in rules.findings}

    def _derive(self, rules: Rules) -> None:
        for name, criterion in rules.derived.items():
            for present in (True, False):
                form = sorted(map(sorted, disjunctive_form(criterion, negation=not present)))
                for number, conjunction in enumerate(form):
                    patterns = " ".join(map(_fact, conjunction))
                    conclusion = _fact(Atom(name, present))
                    self._environment.build(
                        f"(defrule d-{name}-{present}-{number} {patterns} => (assert {conclusion}))"
                    )

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        self._environment.reset()
        for name, state in states.items():
            self._template.assert_fact(id=self._ids[name], state=_WORDS[state])
        self._environment.run()
        return self._conjunctions.verdicts(self._fired.value)


def _fact(atom: Atom) -> str:
    return f"(finding (id {atom.finding}) (state {_WORDS[atom.present]}))"
