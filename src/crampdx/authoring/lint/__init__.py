"""Checks of rules that load: what is doubtful in them, each with a code and a page in `docs/lint`.

>>> from datetime import date
>>> from crampdx.authoring.lint import lint
>>> result = lint(["article"], date(2026, 11, 23))
>>> sorted({issue.level for issue in result.issues} & {Level.ERROR})
[]

One module for each concept: `vocabulary`, `evidence`, `causes`, `care`, `texts` and `packs` hold
the checks; `entailment` and `usage` say what follows from what and what bears on what;
`linter` runs the checks; `output` writes their result.
"""

from crampdx.authoring.lint.check import Level, LintIssue
from crampdx.authoring.lint.linter import CHECKS, LintResult, lint

__all__ = ["CHECKS", "Level", "LintIssue", "LintResult", "lint"]
