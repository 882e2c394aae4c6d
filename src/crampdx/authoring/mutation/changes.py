"""Which rules differ between two knowledge bases, and the rules of an earlier git revision."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from crampdx.authoring.git_revisions import NotInRevision, RevisionError, checked_out
from crampdx.authoring.mutation.models import RuleKey
from crampdx.authoring.mutation.operators import rules_of
from crampdx.errors import KnowledgeError, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import pack_folder
from crampdx.knowledge.models import Model

__all__ = ["changed_rules", "changed_since"]


def changed_since(
    revision: str, packs: Sequence[str | Path], knowledge: KnowledgeBase
) -> frozenset[RuleKey]:
    """The rules that are new, or say something else, since a git revision.

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
    """The rules that are in the later knowledge base alone, or say something else in it."""
    before = {key: _content(item) for key, item in rules_of(earlier).items()}
    return frozenset(
        key for key, item in rules_of(later).items() if before.get(key) != _content(item)
    )


def _content(item: Model) -> dict[str, Any]:
    """What a rule says by itself; lines of evidence are rules of their own."""
    return item.model_dump(mode="json", exclude={"evidence"})
