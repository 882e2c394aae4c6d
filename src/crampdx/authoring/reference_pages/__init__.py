"""The knowledge base as pages to read: plain Markdown, and a picture of each cause.

The pages link to each other by relative paths, so that they can be read in a folder, on a code
host, or as part of a documentation site. The same knowledge base gives the same bytes.

>>> from crampdx import KnowledgeBase
>>> written = pages(KnowledgeBase.load("article"))
>>> written["causes/hypokalemia.md"].splitlines()[0]
'# Low potassium'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crampdx.authoring.reference_pages import (
    advice,
    bibliography,
    care,
    causes,
    fhir,
    findings,
    matrix,
    overview,
    transparency,
)
from crampdx.authoring.reference_pages.links import Names
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["pages"]

_CHAPTERS: tuple[Callable[[Names], Mapping[str, str]], ...] = (
    overview.pages,
    causes.pages,
    findings.pages,
    care.pages,
    advice.pages,
    matrix.pages,
    fhir.pages,
    bibliography.pages,
    transparency.pages,
)


def pages(knowledge: KnowledgeBase) -> dict[str, str]:
    """All pages and pictures, by their path inside the folder that holds them.

    Args:
        knowledge: What to write about. Its text is escaped: nothing in it is read as markup.
    """
    names = Names(knowledge)
    return {path: text for chapter in _CHAPTERS for path, text in chapter(names).items()}
