"""From a record to the verdicts of all criteria: intake, the rule network, the reference."""
