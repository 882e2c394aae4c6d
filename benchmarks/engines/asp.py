"""clingo: answer-set programming, grounded once.

What is known of a patient are external atoms, set before each call of the solver and reset after
it, which is clingo's way of solving many times. The program has no choice, so there is one model.
Grounding anew for each patient was some seventy times slower.
"""

from __future__ import annotations

import clingo

from benchmarks.engines.base import Rules, States
from crampdx.engine.evaluators.protocol import Verdict

_WORDS = {True: "present", False: "absent"}


class Grounded:
    """A rule for each conjunction; a patient's findings as external atoms."""

    name = "clingo, grounded once"

    def __init__(self, rules: Rules) -> None:
        self._conjunctions = rules.flat
        atoms = {
            (finding, state): clingo.Function(_WORDS[state], [clingo.Function(finding)])
            for finding in self._conjunctions.findings
            for state in (True, False)
        }
        self._atoms = atoms
        program = [f"#external {atom}." for atom in atoms.values()]
        for number, conjunction in enumerate(self._conjunctions.all):
            body = ", ".join(str(atoms[atom.finding, atom.present]) for atom in conjunction)
            program.append(f"fires({number}) :- {body}." if body else f"fires({number}).")
        program.append("#show fires/1.")
        self._control = clingo.Control(["--warn=none"])
        self._control.add("base", [], "\n".join(program))
        self._control.ground([("base", [])])

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        known = [self._atoms[item] for item in states.items() if item in self._atoms]
        for atom in known:
            self._control.assign_external(atom, True)
        fired: list[int] = []
        self._control.solve(
            on_model=lambda model: fired.extend(
                symbol.arguments[0].number for symbol in model.symbols(shown=True)
            )
        )
        for atom in known:
            self._control.assign_external(atom, False)
        return self._conjunctions.verdicts(fired)
