"""Checks of packs and of their files: order, names, and ids that are defined once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.checks.context import Context
from crampdx.knowledge.loading.entries import SourceLocation, field_of

__all__ = ["check_file_names", "check_ids_are_unique", "check_packs"]


def check_packs(context: Context) -> Iterator[KnowledgeIssue]:
    """Packs come after those they require, once each, and name one complaint between them."""
    before: list[str] = []
    complaint: str | None = None
    for pack, origin in context.reading.packs:
        for i, name in enumerate(pack.requires):
            if name not in before:
                message = f"pack '{name}' is to be loaded before this one"
                yield origin.issue(message, "requires", i)
        if pack.name in before:
            yield origin.issue(f"pack '{pack.name}' is loaded twice", "name")
        before.append(pack.name)
        if pack.complaint is None:
            continue
        yield from context.unknown(
            origin, "finding", pack.complaint, context.knowledge.findings, "complaint"
        )
        if complaint is not None and complaint != pack.complaint:
            yield origin.issue(f"an earlier pack has the complaint '{complaint}'", "complaint")
        complaint = pack.complaint


def check_ids_are_unique(context: Context) -> Iterator[KnowledgeIssue]:
    """Lines of evidence, indications and cautions have ids of their own, over all packs."""
    seen: dict[tuple[str, str], SourceLocation] = {}
    replaced = {(r.kind, r.replaced) for r in context.knowledge.replacements}
    for entry in context.entries:
        for kind, item_id, origin in entry.named():
            if kind == entry.kind or (kind, item_id) in replaced:
                continue
            if (kind, item_id) in seen:
                message = f"{kind} '{item_id}' is already defined in {seen[kind, item_id].place()}"
                yield origin.issue(message, "id")
            seen.setdefault((kind, item_id), origin)


def check_file_names(context: Context) -> Iterator[KnowledgeIssue]:
    """The file of one cause, or of one red flag, is named after it."""
    for entry in context.entries:
        if entry.kind in ("cause", "red_flag") and not entry.origin.path:
            name = field_of(entry.item, "id") or field_of(entry.item, "extends", "")
            stem = PurePosixPath(entry.origin.file).stem
            if name != stem:
                kind = entry.kind.replace("_", " ")
                message = f"{kind} '{name}' stands in a file named '{stem}'"
                yield entry.origin.issue(message, "id", hint=f"name the file '{name}.yaml'")
