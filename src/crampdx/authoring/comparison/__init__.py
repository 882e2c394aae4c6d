"""Difference: what changed between two sets of rules, and which cases change because of it."""
