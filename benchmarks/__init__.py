"""What crampdx costs, and what other engines cost on the same rules and records."""
