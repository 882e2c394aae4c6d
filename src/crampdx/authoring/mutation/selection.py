"""Which mutants to run: all or a sample, of all rules or of those changed since a git revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from crampdx.authoring.git_revisions import NotInRevision, RevisionError, checked_out
from crampdx.authoring.mutation.models import DEFAULT_OPERATORS, Mutant, Operator, RuleKey
from crampdx.authoring.mutation.operators import mutants, rules_of
from crampdx.errors import KnowledgeError, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import pack_folder
from crampdx.knowledge.models import Model

__all__ = ["changed_rules", "changed_since", "sample"]


def sample(
    knowledge: KnowledgeBase,
    operators: Iterable[Operator] = DEFAULT_OPERATORS,
    rules: frozenset[RuleKey] | None = None,
    at_most: int | None = None,
) -> list[Mutant]:
    """Choose the mutants to run, in a fixed order.

    Args:
        knowledge: The rules.
        operators: What may be changed.
        rules: The rules that may be changed; None for all.
        at_most: How many; which ones follows from what they are, so that it is always the same.
    """
    wanted = frozenset(operators)
    found = [
        mutant
        for mutant in mutants(knowledge)
        if mutant.change.operator in wanted and (rules is None or mutant.rule in rules)
    ]
    if at_most is not None and len(found) > at_most:
        kept = {mutant.digest for mutant in sorted(found, key=lambda m: m.digest)[:at_most]}
        found = [mutant for mutant in found if mutant.digest in kept]
    return found


def changed_since(
    revision: str, packs: Sequence[str | Path], knowledge: KnowledgeBase
) -> frozenset[RuleKey]:
    """List the rules that are new, or say something else, since a git revision.

    Args:
        revision: What git takes for a commit.
        packs: The packs that were loaded, by name or folder.
        knowledge: What was loaded from them.

    Raises:
        RevisionError: The revision cannot be had, or its rules do not load.
    """
    with ExitStack() as stack:
        folders: list[Path] = []
        for pack in packs:
            try:
                folder = pack_folder(pack).path
                folders.append(stack.enter_context(checked_out(revision, folder)))
            except NotInRevision:  # a pack that is new: all of its rules are
                continue
        if not folders:
            return frozenset(rules_of(knowledge))
        try:
            earlier = KnowledgeBase.load(*folders)
        except KnowledgeError as error:
            first = f"{Path(error.issues[0].file).name}: {error.issues[0].message}"
            message = f"the rules of revision '{printable(revision)}' do not load: {first}"
            raise RevisionError(message) from None
    return changed_rules(earlier, knowledge)


def changed_rules(earlier: KnowledgeBase, later: KnowledgeBase) -> frozenset[RuleKey]:
    """List the rules that only the later knowledge base has, or that say something else in it."""
    before = {key: _content(item) for key, item in rules_of(earlier).items()}
    return frozenset(
        key for key, item in rules_of(later).items() if before.get(key) != _content(item)
    )


def _content(item: Model) -> dict[str, Any]:
    """Dump what a rule says by itself; lines of evidence are rules of their own."""
    return item.model_dump(mode="json", exclude={"evidence"})
