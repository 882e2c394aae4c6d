"""The answer that a packet holds, for those who measure rules by packets. No record has it."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.inputs.phenopackets.names import code_of
from crampdx.inputs.phenopackets.parts import Part, Unread
from crampdx.record.models import Coding

__all__ = ["answers_of"]

_UNSOLVED = ("UNSOLVED", 4)


def answers_of(document: Part) -> tuple[Coding, ...]:
    """The codes of what the patient was found to have.

    These are the diagnoses of the interpretations, except unsolved ones; without any, the
    diseases that are not excluded.

    >>> disease = {"term": {"id": "OMIM:105400"}}
    >>> answers_of(Part({"diseases": [disease]}, ""))
    (Coding(system='OMIM', code='OMIM:105400', display=None),)
    """
    packet = document.part("proband") or document
    return tuple(_codes(_interpreted(packet))) or tuple(_codes(_diseases(packet)))


def _interpreted(packet: Part) -> Iterator[Part]:
    for interpretation in packet.parts("interpretations"):
        status = interpretation.part("progressStatus")
        diagnosis = interpretation.part("diagnosis")
        disease = diagnosis.part("disease") if diagnosis else None
        if disease and not (status and status.data in _UNSOLVED):
            yield disease


def _diseases(packet: Part) -> Iterator[Part]:
    for disease in packet.parts("diseases"):
        term = disease.part("term")
        try:
            if term and not disease.flag("excluded"):
                yield term
        except Unread:
            continue


def _codes(concepts: Iterator[Part]) -> Iterator[Coding]:
    for concept in concepts:
        code = code_of(concept)
        if code is not None:
            yield Coding.model_validate({"system": code["system"], "code": code["code"]})
