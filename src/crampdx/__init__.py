"""crampdx: rule-based decision support for muscle cramps, with the rationale of every line.

Each name is imported when it is first used, so that a program waits only for what it calls.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from crampdx._version import __version__

if TYPE_CHECKING:
    from crampdx.assessment import INTENDED_USE, Assessment
    from crampdx.engine.assessor import Assessor, assess
    from crampdx.errors import CrampdxError, InferenceError, KnowledgeError, RecordError
    from crampdx.explanation import Explanation, explain
    from crampdx.inputs.detection import read
    from crampdx.knowledge.base import KnowledgeBase
    from crampdx.record.models import PatientRecord
    from crampdx.record.parsing import parse_record
else:
    _MODULE_OF = {
        "INTENDED_USE": "assessment",
        "Assessment": "assessment",
        "Assessor": "engine.assessor",
        "CrampdxError": "errors",
        "Explanation": "explanation",
        "InferenceError": "errors",
        "KnowledgeBase": "knowledge.base",
        "KnowledgeError": "errors",
        "PatientRecord": "record.models",
        "RecordError": "errors",
        "assess": "engine.assessor",
        "explain": "explanation",
        "parse_record": "record.parsing",
        "read": "inputs.detection",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'crampdx' has no attribute '{name}'")
        value = getattr(import_module(f"crampdx.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


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
