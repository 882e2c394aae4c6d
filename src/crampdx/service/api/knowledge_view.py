"""What the rules know, in the form that a client needs to build a record and to read a result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from crampdx._version import __version__
from crampdx.assessment import PackStamp
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import (
    CodeSystem,
    FindingKind,
    Group,
    Source,
    Test,
    Treatment,
)
from crampdx.outputs.labels import address_of
from crampdx.record.models import CrampHistory, words_of

__all__ = ["KnowledgeView", "view_of"]


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding that a record may state; `ask` is how to ask for it, if it can be asked."""

    id: str
    name: str
    kind: FindingKind
    ask: str | None
    synonyms: tuple[str, ...]
    is_derived: bool


@dataclass(frozen=True, slots=True)
class MeasurementView:
    """A measurement that is read, with the units that it may be given in."""

    id: str
    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MedicineView:
    """A medicine that is read by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class NamedView:
    """Something that results name by its id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause that may be ranked."""

    id: str
    name: str
    group: str
    do_not_miss: bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where an assertion comes from."""

    citation: str
    url: str | None


@dataclass(frozen=True, slots=True)
class RecordWords:
    """The words that the fields of the history of cramps admit."""

    locations: tuple[str, ...]
    triggers: tuple[str, ...]
    times_of_day: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnowledgeView:
    """All that results may name, by id, and all that a record may say."""

    version: Annotated[str, Field(description="The version of crampdx.")]
    digest: Annotated[str, Field(description="SHA-256 of what the rules say.")]
    packs: tuple[PackStamp, ...]
    complaint: str | None
    findings: tuple[FindingView, ...]
    measurements: tuple[MeasurementView, ...]
    medicines: tuple[MedicineView, ...]
    tests: tuple[NamedView, ...]
    treatments: tuple[NamedView, ...]
    groups: tuple[NamedView, ...]
    causes: tuple[CauseView, ...]
    sources: dict[str, SourceView]
    record: RecordWords


def view_of(knowledge: KnowledgeBase) -> KnowledgeView:
    """What the rules know, sorted by id."""
    return KnowledgeView(
        version=__version__,
        digest=knowledge.digest,
        packs=tuple(PackStamp(p.name, p.version, p.status) for p in knowledge.packs),
        complaint=knowledge.complaint,
        findings=tuple(
            FindingView(f.id, f.name, f.kind, f.ask, f.synonyms, f.derived is not None)
            for f in knowledge.findings.values()
        ),
        measurements=tuple(_measurements(knowledge)),
        medicines=tuple(MedicineView(name) for name in sorted(_medicines(knowledge))),
        tests=_named(knowledge.tests.values()),
        treatments=_named(knowledge.treatments.values()),
        groups=_named(knowledge.groups.values()),
        causes=tuple(
            CauseView(c.id, c.name, c.group, c.do_not_miss) for c in knowledge.causes.values()
        ),
        sources={source.id: _source(source) for source in knowledge.sources.values()},
        record=RecordWords(*(_words(f) for f in ("locations", "triggers", "times_of_day"))),
    )


def _named(items: Iterable[Test | Treatment | Group]) -> tuple[NamedView, ...]:
    return tuple(NamedView(item.id, item.name) for item in items)


def _words(field: str) -> tuple[str, ...]:
    return tuple(sorted(words_of(CrampHistory, field)))


def _measurements(knowledge: KnowledgeBase) -> Iterator[MeasurementView]:
    for name, form in sorted(knowledge.measurements().items()):
        if name == form.measurement:
            units = (str(form.unit), *sorted(form.convert))
            yield MeasurementView(name, name.replace("_", " ").capitalize(), units)


def _medicines(knowledge: KnowledgeBase) -> Iterator[str]:
    """The names by which medicines are read: those of codes, and those that findings list."""
    coded = {
        code.display
        for code in knowledge.codes
        if code.system is CodeSystem.RXNORM
        and code.concept_kind == "finding"
        and knowledge.findings[code.concept].kind is FindingKind.MEDICATION
    }
    yield from coded.union(name for name, _ in knowledge.medicine_names())


def _source(source: Source) -> SourceView:
    citation = ". ".join(part.rstrip(".") for part in (source.title, source.citation) if part)
    return SourceView(citation, address_of(source))
