"""FHIR R4 in, and R5 where it differs: a document to a patient record."""

from crampdx.inputs.fhir.documents import Resource, updated
from crampdx.inputs.fhir.orders import Orders
from crampdx.inputs.fhir.questionnaires import QUESTIONNAIRE_URL, questionnaire
from crampdx.inputs.fhir.reading import read_fhir, read_resources
from crampdx.inputs.fhir.relevance import Relevance

__all__ = [
    "QUESTIONNAIRE_URL",
    "Orders",
    "Relevance",
    "Resource",
    "questionnaire",
    "read_fhir",
    "read_resources",
    "updated",
]
