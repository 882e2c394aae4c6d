"""How far cases reach rules: which rules fired, which did not, and which parts decided."""

from crampdx.authoring.coverage.measure import (
    BranchCoverage,
    Coverage,
    Outcome,
    RuleCoverage,
    coverage,
)

__all__ = ["BranchCoverage", "Coverage", "Outcome", "RuleCoverage", "coverage"]
