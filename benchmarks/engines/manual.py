"""durable_rules as its manual shows: `durable.lang`, a host, and actions in Python.

Its host starts two timer threads, so it lives in a process of its own that this module starts and
asks over a pipe; the time is taken there, around the same call as for every other engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.engines.base import Rules, States
from benchmarks.timing import Clock, block
from crampdx.engine.evaluators.reference import Verdict

MAX_CONDITIONS = 500
"""The most distinct conditions; with 512 or more on one level the engine never ends compiling."""

_NAME = "durable_rules, host and actions (as its manual)"


def can_be_as_the_manual(rules: Rules) -> bool:
    """Whether one ruleset can hold these rules, which is how the manual does it."""
    return len({atom for conjunction in rules.flat.all for atom in conjunction}) <= MAX_CONDITIONS


class AsTheManual:
    """One fact a patient, one rule for each conjunction, one Python action for each firing."""

    name = _NAME

    def __init__(self, rules: Rules) -> None:
        from durable import lang  # importing it is harmless; the first fact starts the threads

        self._lang = lang
        self._conjunctions = rules.flat
        self._fired: list[int] = []
        self._sessions = count()
        with lang.ruleset("bench"):
            for number, conjunction in enumerate(self._conjunctions.all):
                condition = None
                for atom in conjunction:
                    test = getattr(lang.m, atom.finding) == _word(atom.present)
                    condition = test if condition is None else condition & test
                lang.when_all(condition)(self._action(number))
            # a fact that no rule matches is an error
            lang.when_all(lang.m.kind == "record")(lambda _: None)

    def _action(self, number: int) -> Callable[[Any], None]:
        return lambda _: self._fired.append(number)

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        self._fired.clear()
        session = str(next(self._sessions))
        fact = {name: _word(state) for name, state in sorted(states.items())}
        self._lang.assert_fact("bench", {"sid": session, "kind": "record", **fact})
        self._lang.delete_state("bench", session)
        return self._conjunctions.verdicts(self._fired)


def _word(state: bool) -> str:
    return "present" if state else "absent"


class Remote:
    """An engine in a process of its own."""

    name = _NAME

    def __init__(self, rules: Rules, patients: Sequence[States], clock: Clock) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, rules, patients, clock), daemon=True
        )
        self._process.start()
        theirs.close()

    def answers(self) -> list[list[Verdict]]:
        """The verdicts of every patient."""
        return self._ask("answers")  # type: ignore[no-any-return]

    def block(self) -> list[int]:
        """The nanoseconds for each patient, one after another."""
        return self._ask("block")  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()

    def _ask(self, what: str) -> Any:
        try:
            self._pipe.send(what)
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise RuntimeError(f"{self.name}: its process died") from error
        if isinstance(answer, Exception):
            raise RuntimeError(f"{self.name}: {answer}") from answer
        return answer


def _serve(pipe: Connection, rules: Rules, patients: Sequence[States], clock: Clock) -> None:
    engine = AsTheManual(rules)
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        try:
            if asked == "block":
                pipe.send(block(engine.verdicts, patients, clock))
            else:
                pipe.send([engine.verdicts(states) for states in patients])
        except Exception as error:
            pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))
