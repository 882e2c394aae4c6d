"""A record and rules to an assessment. Begin with `assessor`, whose steps the other modules are."""
