"""crampdx: rule-based decision support for muscle cramps, with the rationale of every line."""

from crampdx._version import __version__
from crampdx.assessment import INTENDED_USE, Assessment
from crampdx.engine.assessor import Assessor, assess
from crampdx.errors import CrampdxError, InferenceError, KnowledgeError, RecordError
from crampdx.explanation import Explanation, explain
from crampdx.inputs.detection import read
from crampdx.knowledge.base import KnowledgeBase
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record

__all__ = [
    "INTENDED_USE",
    "Assessment",
    "Assessor",
    "CrampdxError",
    "Explanation",
    "InferenceError",
    "KnowledgeBase",
    "KnowledgeError",
    "PatientRecord",
    "RecordError",
    "__version__",
    "assess",
    "explain",
    "parse_record",
    "read",
]
