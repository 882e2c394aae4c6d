"""States of findings to verdicts of criteria. `reference` defines what a verdict means."""
