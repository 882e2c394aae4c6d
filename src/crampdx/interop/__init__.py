"""Other formats: FHIR R4 and Phenopackets in, FHIR R4 out."""
