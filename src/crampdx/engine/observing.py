"""Where in the record the state of a finding comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crampdx.assessment import Observed
from crampdx.engine.intake.reader import Intake, Vocabulary
from crampdx.knowledge.criteria import Atom

__all__ = ["Observer"]


class Observer:
    """Says of known findings where their states come from; each is looked up once."""

    def __init__(
        self,
        intake: Intake,
        states: Mapping[str, bool],
        vocabulary: Vocabulary,
        atoms_of_derived: Mapping[str, tuple[Atom, ...]],
    ) -> None:
        """Arrange.

        Args:
            intake: What the record says.
            states: The known findings, derived ones included.
            vocabulary: What implies what.
            atoms_of_derived: What each derived finding asks for.
        """
        self._direct = intake.resolved.direct
        self._states = states
        self._vocabulary = vocabulary
        self._atoms_of_derived = atoms_of_derived
        self._known: dict[str, Observed] = {}

    def __call__(self, findings: Iterable[str]) -> tuple[Observed, ...]:
        """Look up findings, in the order given; unknown ones are left out."""
        states = self._states
        return tuple([self._observed(name) for name in findings if name in states])

    def _observed(self, name: str) -> Observed:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._look_up(name)
        return known

    def _look_up(self, name: str) -> Observed:
        state = self._states[name]
        direct = self._direct.get(name)
        if direct is not None:
            return Observed(name, state, direct.places)
        if name in self._atoms_of_derived:
            parts = self._decisive(self._atoms_of_derived[name], state)
            places = {place for part in parts for place in self._observed(part).places}
            return Observed(name, state, tuple(sorted(places)), parts)
        others = self._vocabulary.descendants if state else self._vocabulary.ancestors
        via = [
            other
            for other in others[name]
            if other in self._direct and self._direct[other].state is state
        ]
        places = {place for other in via for place in self._direct[other].places}
        return Observed(name, state, tuple(sorted(places)), tuple(via))

    def _decisive(self, atoms: Iterable[Atom], state: bool) -> tuple[str, ...]:
        """The findings that made a derived finding what it is: those that are as it needs them."""
        known = self._states
        decisive = {
            finding
            for finding, present in atoms
            if finding in known and (known[finding] is present) is state
        }
        return tuple(sorted(decisive))
