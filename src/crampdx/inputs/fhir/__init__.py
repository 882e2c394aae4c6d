"""FHIR R4 in, and R5 where it differs: a document to a patient record."""

from crampdx.inputs.fhir.orders import Orders
from crampdx.inputs.fhir.questionnaires import QUESTIONNAIRE_URL, questionnaire
from crampdx.inputs.fhir.reading import read_fhir

__all__ = ["QUESTIONNAIRE_URL", "Orders", "questionnaire", "read_fhir"]
