"""The desk of a rule author: lint, cases, coverage, mutation, evaluation, comparison, pages."""
