"""Of whom a document speaks: the one patient, and whether a resource is about that patient."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crampdx.errors import RecordError, RecordIssue
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.tree import Node, node_at, nodes_at, word_at

__all__ = ["Person", "the_patient"]

Identifier = tuple[str, str]

_UUID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.I)


@dataclass(frozen=True, slots=True)
class Person:
    """The patient of a document.

    Attributes:
        resource: The Patient, where the document holds it.
        place: Where it stands.
        tail: How references name the patient: `Patient/1`, `urn:uuid:…`, or `#1`.
        base: The address of the server; nothing where it is not known.
        full_url: The address that the entry gives the Patient.
        identifiers: The patient's identifiers.
    """

    resource: Node
    place: str
    tail: str
    base: str = ""
    full_url: str = ""
    identifiers: frozenset[Identifier] = frozenset()

    def is_subject_of(self, located: Located) -> bool:
        """Whether a resource is about the patient; one that names nobody is taken to be."""
        subject = _subject(located.resource)
        reference = word_at(subject, "reference")
        if reference and (reference == self.tail or reference == self.full_url):
            return True
        if not reference:
            identifier = _identifier(node_at(subject, "identifier"))
            return identifier is None or identifier in self.identifiers
        if reference.startswith("#"):
            return self._is_contained(reference, located.container)
        base, tail = _split(reference)
        same_server = not (base and self.base) or base == self.base
        return tail == self.tail and same_server

    def _is_contained(self, reference: str, container: Located | None) -> bool:
        """Whether a reference into its container means the patient."""
        holds_patient = container is not None and container.kind == "Patient"
        return holds_patient and reference in ("#", f"#{self.tail.rpartition('/')[2]}")


def the_patient(found: Iterable[Located], about: Iterable[Located]) -> Person:
    """The one patient of a document.

    Args:
        found: All resources.
        about: Those of them whose subject counts.

    Raises:
        RecordError: The document holds no patient, or more than one.
    """
    patients = [located for located in found if located.kind == "Patient"]
    if len(patients) > 1:
        raise _refused("Patient", "two patients: give the resources of one patient at a time")
    if patients and (patients[0].tail or patients[0].full_url):
        return _of_resource(patients[0])
    known = patients[0] if patients else None
    subject = _only_subject(about)
    if known is not None:
        tail, base = (subject.tail, subject.base) if subject else ("", "")
        return Person(known.resource, known.place, tail, base, "", _identifiers(known.resource))
    if subject is None:
        message = "no patient: give a Patient, or resources that name their subject"
        raise _refused("Patient", message)
    return subject


def _of_resource(located: Located) -> Person:
    return Person(
        resource=located.resource,
        place=located.place,
        tail=located.tail or _split(located.full_url)[1],
        base=located.base,
        full_url=located.full_url,
        identifiers=_identifiers(located.resource),
    )


def _only_subject(about: Iterable[Located]) -> Person | None:
    """The patient to whom all subjects refer, or None where no resource names one."""
    tails: dict[str, Person] = {}
    bases: set[str] = set()
    by_identifier: dict[Identifier, Person] = {}
    for located in about:
        subject = _subject(located.resource)
        reference = word_at(subject, "reference")
        identifier = _identifier(node_at(subject, "identifier"))
        if reference:
            base, tail = _split(reference)
            if _names_patient(tail):
                bases |= {base} - {""}
                person = _contained_patient(located, tail) or Person({}, "", tail, base)
                tails.setdefault(tail, person)
        elif identifier is not None:
            person = Person({}, "", "", "", "", frozenset({identifier}))
            by_identifier.setdefault(identifier, person)
    named = tails or by_identifier
    if len(named) > 1 or len(bases) > 1:
        raise _refused("subject", "two patients: give the resources of one patient at a time")
    return next(iter(named.values()), None)


def _contained_patient(located: Located, tail: str) -> Person | None:
    for part in nodes_at(located.resource, "contained"):
        if word_at(part, "resourceType") == "Patient" and tail == f"#{word_at(part, 'id')}":
            return Person(part, f"{located.place}#Patient", tail)
    return None


def _subject(resource: Node) -> Node:
    return node_at(resource, "subject") or node_at(resource, "patient")


def _names_patient(tail: str) -> bool:
    """Whether a reference can mean a patient: not one to a group, a device or a place."""
    return "/" not in tail or tail.startswith("Patient/")


def _split(reference: str) -> tuple[str, str]:
    """The address of the server, and the reference relative to it, without its version.

    A patient who is named by a UUID is the one who has it for an id: such references name the entry
    of a Bundle, and the senders who write them make entry and id of the same UUID.

    >>> _split("https://ehr.example/fhir/Patient/1/_history/2")
    ('https://ehr.example/fhir', 'Patient/1')
    >>> _split("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")
    ('', 'Patient/0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0')
    """
    named = _UUID.fullmatch(reference.strip())
    if named:
        return "", f"Patient/{named[1].lower()}"
    whole = reference.strip().partition("/_history/")[0].partition("|")[0].rstrip("/")
    steps = whole.rsplit("/", 2)
    if len(steps) == 3:
        return steps[0], f"{steps[1]}/{steps[2]}"
    return "", whole


def _identifiers(resource: Node) -> frozenset[Identifier]:
    found = (_identifier(given) for given in nodes_at(resource, "identifier"))
    return frozenset(identifier for identifier in found if identifier is not None)


def _identifier(given: Node) -> Identifier | None:
    value = word_at(given, "value")
    return (word_at(given, "system"), value) if value else None


def _refused(path: str, message: str) -> RecordError:
    return RecordError([RecordIssue(path, message)])
