"""The order in which derived findings are settled: each after those that it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from crampdx.errors import InferenceError
from crampdx.knowledge.criteria import Criterion, findings_in

__all__ = ["in_order", "strata"]


def in_order(derived: Mapping[str, Criterion]) -> list[tuple[str, Criterion]]:
    """Sort derived findings, with their criteria, each after those that it rests on.

    Raises:
        InferenceError: They go in a circle.
    """
    return [(name, derived[name]) for layer in strata(derived) for name in layer]


def strata(derived: Mapping[str, Criterion]) -> list[tuple[str, ...]]:
    """Sort derived findings into layers, each of which rests only on those before it.

    Raises:
        InferenceError: They go in a circle.

    >>> strata({"b": "a", "c": "b", "d": "a"})
    [('b', 'd'), ('c',)]
    """
    waiting = {name: findings_in(c) & derived.keys() for name, c in derived.items()}
    layers: list[tuple[str, ...]] = []
    done: set[str] = set()
    while waiting:
        layer = tuple(sorted(name for name, needs in waiting.items() if needs <= done))
        if not layer:
            raise InferenceError("derived findings go in a circle")
        layers.append(layer)
        done.update(layer)
        for name in layer:
            del waiting[name]
    return layers
