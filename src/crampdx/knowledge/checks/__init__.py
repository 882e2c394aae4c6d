"""Checks over all entries together: what one file cannot show.

Each check is a function from a `Context` to issues. All of them run, on whatever did load, so that
an author sees every fault at once. A module holds the checks of one subject.
"""

from __future__ import annotations

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.checks.context import Check, Context
from crampdx.knowledge.checks.criteria import check_criteria_are_usable
from crampdx.knowledge.checks.evidence import (
    check_clusters,
    check_complaint_is_no_evidence,
    check_group_evidence_is_weak,
)
from crampdx.knowledge.checks.findings import (
    check_bare_findings,
    check_measurements,
    check_medicine_names,
    check_no_cycles,
)
from crampdx.knowledge.checks.packs import check_file_names, check_ids_are_unique, check_packs
from crampdx.knowledge.checks.references import (
    check_codes,
    check_criteria_name_findings,
    check_entries_that_were_refused,
    check_findings_refer_to_findings,
    check_other_references,
    check_sources,
)
from crampdx.knowledge.loading.files import Reading

__all__ = ["CHECKS", "Context", "check"]


CHECKS: tuple[Check, ...] = (
    check_packs,
    check_criteria_name_findings,
    check_findings_refer_to_findings,
    check_medicine_names,
    check_other_references,
    check_sources,
    check_entries_that_were_refused,
    check_codes,
    check_bare_findings,
    check_ids_are_unique,
    check_file_names,
    check_no_cycles,
    check_measurements,
    check_criteria_are_usable,
    check_complaint_is_no_evidence,
    check_group_evidence_is_weak,
    check_clusters,
)
"""Every check, in the order in which they run."""


def check(knowledge: KnowledgeBase, reading: Reading) -> list[KnowledgeIssue]:
    """Run every check."""
    context = Context(knowledge, reading)
    return [issue for one in CHECKS for issue in one(context)]
