"""Where each entry is among the pages, and what it is called there."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable

from crampdx.authoring.statement_coverage import Reference, Trace, trace
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import (
    Criterion,
    findings_in,
)
from crampdx.knowledge.models import Code, Evidence, SourceKind
from crampdx.outputs.labels import Labels
from crampdx.outputs.markdown import code, escaped, link

__all__ = ["Links", "Names"]

_LISTS = {
    "group": "groups.md",
    "test": "tests.md",
    "treatment": "treatments.md",
    "prevention": "prevention.md",
    "red_flag": "red-flags.md",
    "source": "bibliography.md",
}
"""The kinds of entries that share a page."""

_FOLDERS = {"cause": "causes", "finding": "findings"}
"""The kinds of entries that have a page each. Their lists stand beside the folder."""


class Names:
    """The knowledge base with what the pages ask of it again and again, worked out once."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.labels = Labels(knowledge)
        self.trace: Trace = trace(knowledge)
        self.owners = dict(_owners(knowledge))
        self.codes: dict[tuple[str, str], list[Code]] = defaultdict(list)
        for given in knowledge.codes:
            self.codes[given.concept_kind, given.concept].append(given)
        self.evidence_with: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
        for owner, line in knowledge.evidence():
            for finding in findings_in(line.when):
                self.evidence_with[finding].append((owner, line))
        self.uses_of_finding: dict[str, list[Reference]] = defaultdict(list)
        for finding, use in _uses_of_findings(knowledge):
            self.uses_of_finding[finding].append(use)
        self.vocabulary = _vocabulary(knowledge)

    def owner(self, kind: str, name: str) -> tuple[str, str]:
        """The entry whose page speaks of this one: a line's cause, say; else itself."""
        return self.owners.get((kind, name), (kind, name))

    def name(self, kind: str, name: str) -> str:
        """What an entry, or the owner of a line, is called; the id where nothing has it."""
        return self.labels.name(*self.owner(kind, name))

    def known(self, kind: str, name: str) -> bool:
        """Whether the entry has a place among the pages."""
        if kind == "source":
            return name in self.knowledge.sources
        return self.labels.knows(*self.owner(kind, name))

    def place(self, kind: str, name: str) -> str:
        """The page of an entry, with its anchor where it has not the whole page."""
        owner_kind, owner = self.owner(kind, name)
        if owner_kind in _FOLDERS:
            page = f"{_FOLDERS[owner_kind]}/{owner}.md"
            return page if owner_kind == kind else f"{page}#{kind}:{name}"
        return f"{_LISTS[owner_kind]}#{kind}:{name}"


def _uses_of_findings(knowledge: KnowledgeBase) -> Iterable[tuple[str, Reference]]:
    """What names each finding, but for lines of evidence and other findings."""
    for kind, name, criterion in knowledge.criteria():
        if kind not in ("evidence", "finding"):
            for finding in sorted(findings_in(criterion)):
                yield finding, Reference(kind, name)
    for flag, criterion in knowledge.exceptions():
        for finding in sorted(findings_in(criterion)):
            yield finding, Reference("red_flag", flag)
    for test in knowledge.tests.values():
        for finding in test.shows:
            yield finding, Reference("test", test.id)


def _vocabulary(knowledge: KnowledgeBase) -> KnowledgeBase:
    """Only the findings: a small knowledge base, in which they are described quickly."""
    return KnowledgeBase(
        packs=knowledge.packs,
        sources={},
        findings=knowledge.findings,
        groups={},
        causes={},
        tests={},
        treatments={},
        prevention={},
        red_flags={},
        codes=(),
    )


def _owners(knowledge: KnowledgeBase) -> Iterable[tuple[tuple[str, str], tuple[str, str]]]:
    for kind, owners in (("cause", knowledge.causes), ("group", knowledge.groups)):
        for owner in owners.values():
            for line in owner.evidence:
                yield ("evidence", line.id), (kind, owner.id)
    for treatment in knowledge.treatments.values():
        for indication in treatment.indications:
            yield ("indication", indication.id), ("treatment", treatment.id)
        for caution in treatment.cautions:
            yield ("caution", caution.id), ("treatment", treatment.id)


class Links:
    """Links as they are written on one page."""

    def __init__(self, names: Names, page: str) -> None:
        self.names = names
        self.page = page

    def page_link(self, markdown: str, target: str) -> str:
        """A link to a page, perhaps with an anchor, given by its path from the top."""
        path, _, place = target.partition("#")
        if path == self.page and place:
            return link(markdown, f"#{place}")
        shown = posixpath.relpath(path, posixpath.dirname(self.page) or ".")
        return link(markdown, f"{shown}#{place}" if place else shown)

    def to(self, kind: str, name: str, label: str = "") -> str:
        """A link to an entry, by its name unless a label (as Markdown) is given.

        What the knowledge base does not have is named, and not linked.
        """
        shown = label or escaped(self.names.name(kind, name))
        if not self.names.known(kind, name):
            return shown
        return self.page_link(shown, self.names.place(kind, name))

    def all(self, kind: str, names: Iterable[str]) -> str:
        """Links to several entries of a kind."""
        return ", ".join(self.to(kind, name) for name in names)

    def sources(self, names: Iterable[str]) -> str:
        """Links to sources by their ids; judgement is called so whatever its id."""
        return ", ".join(self._source(name) for name in names)

    def _source(self, name: str) -> str:
        known = self.names.knowledge.sources.get(name)
        judged = known is not None and known.kind is SourceKind.JUDGEMENT and name != "judgement"
        return self.to("source", name, code(name)) + (" (judgement)" if judged else "")

    def criterion(self, criterion: Criterion) -> str:
        """A criterion in words, each finding a link."""
        return self.names.labels.criterion(criterion, lambda finding: self.to("finding", finding))

    def trail(self, *steps: tuple[str, str]) -> str:
        """The way to this page: the overview, then the given titles and pages."""
        given = (("Reference", "index.md"), *steps)
        return " / ".join(self.page_link(title, target) for title, target in given)
