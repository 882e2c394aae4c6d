"""Laws of the linter: it never fails, and depends on what rules say, not on their order."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from strategies import ORDERS, SOME, Pack, criteria, load, packs, records_for

from crampdx import Assessment, assess
from crampdx.authoring.lint import LintIssue, lint
from crampdx.authoring.lint.context import LintContext
from crampdx.engine.evaluators.reference import evaluate
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.assembly import assembled, read_packs

TODAY = date(2026, 11, 23)


def issues_of(pack: Pack, order: random.Random | None = None) -> tuple[LintIssue, ...]:
    with tempfile.TemporaryDirectory() as folder:
        return lint([pack.write(Path(folder), order)], TODAY).issues


def placeless(issues: Collection[LintIssue]) -> list[tuple[str, ...]]:
    """The issues without their places."""
    return sorted((i.code, i.kind, i.id, i.message, i.remedy) for i in issues)


@SOME
@given(packs(), ORDERS)
def test_the_order_of_files_means_nothing(made: Pack, order: random.Random) -> None:
    """A pack that loads can be linted, and its issues do not depend on the order of its files."""
    issues = issues_of(made)
    assert all(issue.code != "CDX001" for issue in issues)
    assert placeless(issues_of(made, order)) == placeless(issues)


@SOME
@given(packs(), st.data())
def test_lines_without_effect_have_none(made: Pack, data: st.DataObject) -> None:
    """Without the lines that are called pointless or idle every candidate has the same score."""
    gone = {i.id for i in issues_of(made) if i.code in ("CDX020", "CDX021")}
    base, without = load(made), load(_without_lines(made, gone))
    record = data.draw(records_for(base))
    assert _scores(record, base) == _scores(record, without)


def _without_lines(made: Pack, gone: Collection[str]) -> Pack:
    """The pack without these lines, where a cause keeps at least one."""
    entries = copy.deepcopy(made.entries)
    for kind in ("causes", "groups"):
        for entry in entries[kind]:
            left = [line for line in entry["evidence"] if line["id"] not in gone]
            if left or kind == "groups":
                entry["evidence"] = left
    return Pack(made.head, entries, made.codes)


def _scores(record: Any, base: KnowledgeBase) -> list[tuple[str, int, float]]:
    answer: Assessment = assess(record, base)
    return [(c.cause, c.score, c.share) for c in answer.candidates]


@SOME
@given(packs(), st.data())
def test_what_no_rule_uses_changes_nothing(made: Pack, data: st.DataObject) -> None:
    """A record with a finding that is called unused gets the answer of one without it."""
    unused = sorted(i.id for i in issues_of(made) if i.code == "CDX010")
    base = load(made)
    record = {**data.draw(records_for(base)), "findings": {"f0": True}}
    more = {name: data.draw(st.booleans()) for name in unused if name != "f0"}
    stated = {name: state for name, state in more.items() if base.findings[name].derived is None}
    with_unused = {**record, "findings": {"f0": True, **stated}}
    assert _scores(with_unused, base) == _scores(record, base)


@SOME
@given(packs(), st.data())
def test_what_follows_does_follow(made: Pack, data: st.DataObject) -> None:
    """Where one criterion entails another, both hold of each patient of whom the first does."""
    with tempfile.TemporaryDirectory() as folder:
        reading = read_packs([made.write(Path(folder))])
        context = LintContext(assembled(reading), reading, TODAY)
    findings = context.knowledge.findings
    first, second = (data.draw(criteria(findings)) for _ in range(2))
    entails = context.entailment.entails(first, second)
    possible = context.entailment.can_hold_with(first, second)
    plain = [name for name, finding in findings.items() if finding.derived is None]
    for _ in range(20):
        states = dict.fromkeys(plain, False)
        for name in data.draw(st.sets(st.sampled_from(plain))):
            states |= dict.fromkeys((name, *context.ancestors[name]), True)
        for _ in findings:  # derived findings rest on each other
            for name, finding in findings.items():
                verdict = finding.derived is not None and evaluate(finding.derived, states)
                if finding.derived is not None and verdict is not None:
                    states[name] = bool(verdict)
        if evaluate(first, states):
            assert evaluate(second, states) or not entails
            assert possible or not evaluate(second, states)
