"""The knowledge base: all packs that were loaded, checked, and put together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.graph import closure, inverse
from crampdx.knowledge.models import (
    Cause,
    Code,
    Evidence,
    Finding,
    Group,
    MeasuredValue,
    MedicineNamed,
    Model,
    Pack,
    Prevention,
    RedFlag,
    Replacement,
    Source,
    Test,
    Treatment,
)
from crampdx.knowledge.places import Place

__all__ = ["KnowledgeBase", "canonical"]


def _view(items: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(sorted(items.items())))


@dataclass(frozen=True, eq=False)
class KnowledgeBase:
    """Immutable, picklable, and the same for the same rules whatever their files' order.

    Entries are in mappings by id, sorted by id; `places` and `pack_of` tell of each, by kind and
    id, where it stands and which pack it is of. Two knowledge bases are equal when their `digest`
    is: what they say is the same, whatever their comments and layout.

    >>> KnowledgeBase.load("article").causes["hypokalemia"].name
    'Low potassium'
    """

    packs: tuple[Pack, ...]
    sources: Mapping[str, Source]
    findings: Mapping[str, Finding]
    groups: Mapping[str, Group]
    causes: Mapping[str, Cause]
    tests: Mapping[str, Test]
    treatments: Mapping[str, Treatment]
    prevention: Mapping[str, Prevention]
    red_flags: Mapping[str, RedFlag]
    codes: tuple[Code, ...]
    replacements: tuple[Replacement, ...] = ()
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict, repr=False)
    pack_of: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in _MAPPINGS:
            object.__setattr__(self, name, _view(getattr(self, name)))
        object.__setattr__(self, "codes", tuple(sorted(self.codes, key=_code_key)))

    @staticmethod
    def load(*packs: str | Path, cache: str | Path | None = None) -> KnowledgeBase:
        """Load packs, each built upon those before it.

        What was checked once is read back where the rule files have not changed since: for packs
        that ship, from beside them in the wheel; for any, from the cache.

        Args:
            packs: The names of packs that ship with crampdx, or paths of folders. Without any:
                `DEFAULT_PACKS`.
            cache: A folder in which rules are kept once they are checked; made where it is not
                there. Whoever can write into it can change the rules.

        Raises:
            KnowledgeError: Rule files that do not load: every fault with file, line and column.
        """
        from crampdx.knowledge.loading.stored import load_packs  # the loader builds this class

        return load_packs(packs, cache)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the knowledge base says, lists whose order means nothing sorted."""
        return _digest(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnowledgeBase) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, **{name: dict(getattr(self, name)) for name in _MAPPINGS}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, _view(value) if name in _MAPPINGS else value)

    @property
    def complaint(self) -> str | None:
        """The id of the finding that the differential is of."""
        return next((pack.complaint for pack in self.packs if pack.complaint), None)

    def evidence(self) -> Iterator[tuple[str, Evidence]]:
        """Every line of evidence with the id of its cause or group."""
        owners: tuple[Group | Cause, ...] = (*self.groups.values(), *self.causes.values())
        for owner in owners:
            for line in owner.evidence:
                yield owner.id, line

    def criteria(self) -> Iterator[tuple[str, str, Criterion]]:
        """Every criterion of the knowledge base as (kind, id, criterion), in a fixed order."""
        for finding in self.findings.values():
            if finding.derived is not None:
                yield "finding", finding.id, finding.derived
        for _, line in self.evidence():
            yield "evidence", line.id, line.when
        for treatment in self.treatments.values():
            for indication in treatment.indications:
                if indication.when is not None:
                    yield "indication", indication.id, indication.when
            for caution in treatment.cautions:
                yield "caution", caution.id, caution.when
        for measure in self.prevention.values():
            if measure.when is not None:
                yield "prevention", measure.id, measure.when
        for flag in self.red_flags.values():
            yield "red_flag", flag.id, flag.when

    def exceptions(self) -> Iterator[tuple[str, Criterion]]:
        """What holds red flags back, each with the id of its flag."""
        for flag in self.red_flags.values():
            if flag.unless is not None:
                yield flag.id, flag.unless

    def derived(self) -> dict[str, Criterion]:
        """The criterion of each derived finding."""
        return {f.id: f.derived for f in self.findings.values() if f.derived is not None}

    def ancestors(self) -> dict[str, frozenset[str]]:
        """For each finding, all that its presence implies, directly or through others."""
        return closure({finding.id: finding.implies for finding in self.findings.values()})

    def descendants(self) -> dict[str, frozenset[str]]:
        """For each finding, all whose presence implies it, directly or through others."""
        return inverse(self.ancestors())

    def rests_on(self, criterion: Criterion) -> frozenset[str]:
        """The findings that a criterion names, and those that derived ones among them rest on."""
        named = findings_in(criterion)
        derived = (self.findings[name].derived for name in named)
        return named.union(*(self.rests_on(below) for below in derived if below is not None))

    def medicine_names(self) -> Iterator[tuple[str, str]]:
        """The names of medicines that findings list, each with the finding that it shows."""
        for finding in self.findings.values():
            for form in finding.shown_by:
                if isinstance(form, MedicineNamed):
                    yield from ((name, finding.id) for name in form.medicine_names)

    def measurements(self) -> dict[str, MeasuredValue]:
        """The defining entry of each measurement, by our id and by each of its LOINC codes."""
        found: dict[str, MeasuredValue] = {}
        for finding in self.findings.values():
            for form in finding.shown_by:
                if isinstance(form, MeasuredValue) and form.defines_measurement:
                    for name in (form.measurement, *form.loinc):
                        if name is not None:
                            found[name] = form
        return found


_MAPPINGS = (
    "sources",
    "findings",
    "groups",
    "causes",
    "tests",
    "treatments",
    "prevention",
    "red_flags",
    "places",
    "pack_of",
)


_code_key = attrgetter("system", "code", "concept_kind", "concept", "match")
"""The order of codes."""


def _digest(knowledge: KnowledgeBase) -> str:
    """SHA-256 of what the knowledge base says, lists whose order means nothing sorted."""
    content: dict[str, Any] = {
        name: [canonical(item) for item in getattr(knowledge, name).values()]
        for name in _MAPPINGS
        if name not in ("places", "pack_of")
    }
    content["packs"] = [pack.model_dump(mode="json") for pack in knowledge.packs]
    content["codes"] = [(*_code_key(code), code.display) for code in knowledge.codes]
    content["replacements"] = [r.model_dump(mode="json") for r in knowledge.replacements]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_ORDER_MEANS_NOTHING = frozenset(
    {"evidence", "cautions", "implies", "synonyms", "mimics", "shows", "shown_by", "loinc"}
)
"""The lists whose order no result shows, so that it is not part of the digest."""


def canonical(item: Model) -> Any:
    """What an entry says, as plain data: the same for entries that mean the same."""
    return _sorted_lists(item.model_dump(mode="json", exclude_none=True))


def _sorted_lists(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _sorted_lists(part, name) for name, part in value.items()}
    if isinstance(value, list):
        parts = [_sorted_lists(part) for part in value]
        if key in _ORDER_MEANS_NOTHING:
            return sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
        return parts
    return value
