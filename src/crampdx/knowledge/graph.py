"""What can be reached in a graph of ids: what findings imply, and what implies them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["closure", "inverse"]


def closure(edges: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """All nodes that can be reached from each node of a graph, itself only through a cycle.

    >>> closure({"a": ["b"], "b": ["c"], "c": []})["a"] == {"b", "c"}
    True
    """
    reached: dict[str, frozenset[str]] = {}
    for start in edges:
        seen: set[str] = set()
        stack = list(edges[start])
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(edges.get(node, ()))
        reached[start] = frozenset(seen)
    return reached


def inverse(reached: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """From which nodes each node is reached; what is no node of the graph is left out.

    >>> inverse({"a": ["b"], "b": []})["b"] == {"a"}
    True
    """
    sources: dict[str, set[str]] = {node: set() for node in reached}
    for start, nodes in reached.items():
        for node in nodes:
            if node in sources:
                sources[node].add(start)
    return {node: frozenset(starts) for node, starts in sources.items()}
