"""zen-engine, in two designs: one decision table, and one expression for each criterion.

Both are compiled once (`ZenDecisionContent`), as its documentation advises. The table has a column
for each finding and a row for each conjunction, hit policy collect; its cells are plain `true` and
`false`, which the engine indexes. Strings or numbers as cells, and a table of one column whose
cells are whole expressions, were no faster, or slower.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import zen

from benchmarks.engines.base import Rules, States, form_of
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.criteria import Atom


class DecisionTable:
    """One row for each conjunction, one column for each finding."""

    name = "zen-engine, decision table"

    def __init__(self, rules: Rules) -> None:
        self._conjunctions = rules.flat
        rows = [
            {
                "_id": str(number),
                "number": str(number),
                **{atom.finding: _word(atom) for atom in conjunction},
            }
            for number, conjunction in enumerate(self._conjunctions.all)
        ]
        content = {
            "hitPolicy": "collect",
            "inputs": [{"id": f, "name": f, "field": f} for f in self._conjunctions.findings],
            "outputs": [{"id": "number", "name": "number", "field": "number"}],
            "rules": rows,
        }
        self._decision = _decision("decisionTableNode", content)

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        hits = self._decision.evaluate(states)["result"]
        return self._conjunctions.verdicts([hit["number"] for hit in hits])


class Expressions:
    """One expression for each criterion: true, false or null."""

    name = "zen-engine, expressions"

    def __init__(self, rules: Rules) -> None:
        criteria = rules.flat.criteria
        self._keys = [f"c{number}" for number in range(len(criteria))]
        expressions = [
            {
                "id": key,
                "key": key,
                "value": f"{_any_of(form_of(criterion))} ? true : "
                f"({_any_of(form_of(criterion, negation=True))} ? false : null)",
            }
            for key, criterion in zip(self._keys, criteria, strict=True)
        ]
        self._decision = _decision("expressionNode", {"expressions": expressions})

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        result = self._decision.evaluate(states)["result"]
        return [result.get(key) for key in self._keys]


def _decision(kind: str, content: dict[str, Any]) -> Any:
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "rules", "type": kind, "name": "rules", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    compiled = zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
    return zen.ZenEngine().create_decision(compiled)


def _word(atom: Atom) -> str:
    return "true" if atom.present else "false"


def _any_of(form: Iterable[Iterable[Atom]]) -> str:
    def all_of(conjunction: Sequence[Atom]) -> str:
        return "(" + " and ".join(f"{a.finding} == {_word(a)}" for a in conjunction) + ")"

    return " or ".join(all_of(conjunction) for conjunction in sorted(map(sorted, form))) or "false"
