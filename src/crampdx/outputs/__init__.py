"""Results in words and in FHIR: terminal, Markdown, resources. Begin with `assessment`."""
