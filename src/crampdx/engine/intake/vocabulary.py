"""The vocabulary of a knowledge base, arranged so that a record can be read quickly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from crampdx.engine.intake.medicines import Ingredients
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import (
    Attribute,
    AttributeValue,
    Bounds,
    Calculation,
    CodeMatch,
    CodeSystem,
    FamilyHistoryOf,
    FindingKind,
    HistoryOf,
    MeasuredValue,
    MedicineNamed,
    OnsetAfter,
    QualifiedFinding,
)
from crampdx.record.models import Entry, Measurement
from crampdx.text.name_keys import KnownConcepts, name_key
from crampdx.text.suggestions import NameIndex

__all__ = ["Match", "ValueReader", "Vocabulary"]


_SMALL_LITER = re.compile(r"(^|[/.])([a-z]?)l(?![A-Za-z])")
"""The liter, with a prefix or without, by the other of the two symbols that UCUM has for it."""

LOINC = str(CodeSystem.LOINC)
"""The system of the codes of measurements."""


class Match(NamedTuple):
    """A finding that a code or id stands for, and what the code can show of it."""

    finding: str
    shows_present: bool
    shows_absent: bool
    note: str


class Scale(NamedTuple):
    """How the values of a measurement are read: the parts of its definition that say so."""

    unit: str
    convert: Mapping[str, float]
    plausible: Bounds | None
    loinc: tuple[str, ...]
    molar: tuple[str, ...]
    precedence: int

    @classmethod
    def of(cls, definition: MeasuredValue) -> Scale:
        """The scale that a measurement's definition gives."""
        return cls(
            str(definition.unit),
            definition.convert,
            definition.plausible,
            definition.loinc,
            definition.molar,
            definition.precedence,
        )

    def factor(self, unit: str) -> float | None:
        """What a value of a unit is to be multiplied by, or None where the unit is not known."""
        for spelled in (unit, _SMALL_LITER.sub(r"\1\2L", unit)):
            if spelled == self.unit:
                return 1.0
            if spelled in self.convert:
                return self.convert[spelled]
        return None

    def disagreeing(self, entry: Measurement) -> str | None:
        """The code of a value that is of mass where the unit is of substance, or the reverse."""
        if not self.molar or entry.unit is None or "eq/" in entry.unit.casefold():
            return None
        codes = [coding.code for coding in entry.code if coding.code in self.loinc]
        is_molar = "mol" in entry.unit
        agree = any((code in self.molar) is is_molar for code in codes)
        return None if agree or not codes else codes[0]


class ValueReader(NamedTuple):
    """A finding that reads a measurement: its own bounds, and the measurement's scale."""

    finding: str
    form: MeasuredValue
    scale: Scale


_SHOWS = {
    CodeMatch.EXACT: (True, True),
    CodeMatch.NARROWER: (True, False),
    CodeMatch.BROADER: (False, True),
    CodeMatch.USED_AS: (True, True),
}


class Vocabulary:
    """The knowledge base, arranged for intake. Built once; not changed after."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.findings = knowledge.findings
        self.tests = knowledge.tests
        self.complaint = knowledge.complaint
        self.derived = knowledge.derived()
        above, below = knowledge.ancestors(), knowledge.descendants()
        self.ancestors = {name: tuple(sorted(above[name])) for name in above}
        self.descendants = {name: tuple(sorted(below[name])) for name in below}
        self.within = {
            finding.id: finding.within
            for finding in self.findings.values()
            if finding.within is not None
        }
        self.by_id = {
            finding.id: (Match(finding.id, True, True, ""),)
            for finding in self.findings.values()
            if finding.derived is None
        }
        self.by_code = self._codes(knowledge)
        self.ingredients = Ingredients(self._medicine_names(knowledge))
        self.tests_by_code = {
            (str(code.system), code.code): code.concept
            for code in knowledge.codes
            if code.concept_kind == "test" and _SHOWS.get(code.match, (False,))[0]
        }
        self.values_by_code: dict[tuple[str, str], list[ValueReader]] = defaultdict(list)
        self.values_by_name: dict[str, list[ValueReader]] = defaultdict(list)
        self.calculations: dict[str, Calculation] = {}
        self.operands_by_code: dict[tuple[str, str], str] = {}
        self.operands: dict[str, Scale] = {}
        self.attributes: dict[Attribute, list[tuple[str, AttributeValue]]] = defaultdict(list)
        self.qualified: dict[str, list[tuple[str, QualifiedFinding]]] = defaultdict(list)
        self.began: list[tuple[str, OnsetAfter]] = []
        self.past: dict[str, list[str]] = defaultdict(list)
        self.family: dict[str, list[str]] = defaultdict(list)
        self._read_forms(knowledge)
        self.by_name = self._names(knowledge)
        self.known = KnownConcepts(
            frozenset({*self.by_code, *self.values_by_code, *self.tests_by_code}),
            frozenset(self.by_name),
        )

    @cached_property
    def finding_names(self) -> NameIndex:
        """The findings by all that they are called, for suggestions."""
        findings = self.findings.values()
        return NameIndex((known.id, (known.name, *known.synonyms)) for known in findings)

    @cached_property
    def test_names(self) -> NameIndex:
        """The tests by their names, for suggestions."""
        return NameIndex((test.id, (test.name,)) for test in self.tests.values())

    @cached_property
    def measurement_names(self) -> NameIndex:
        """The measurements by their ids, for suggestions."""
        return NameIndex((name, ()) for name in self.values_by_name)

    def tests_coded(self, entry: Entry) -> set[str]:
        """The tests that the codes of an entry name."""
        named = (self.tests_by_code.get((c.system, c.code)) for c in entry.code)
        return {test for test in named if test is not None}

    def tests_named(self, entry: Entry) -> set[str]:
        """The tests that an entry names, by our id or by codes."""
        by_id = {entry.id} if entry.id is not None and entry.id in self.tests else set()
        return self.tests_coded(entry) | by_id

    def _codes(self, knowledge: KnowledgeBase) -> dict[tuple[str, str], tuple[Match, ...]]:
        found: dict[tuple[str, str], list[Match]] = defaultdict(list)
        for code in knowledge.codes:
            if code.concept_kind != "finding" or code.match is CodeMatch.RELATED:
                continue
            present, absent = _SHOWS[code.match]
            name = self.findings[code.concept].name
            note = (
                f"{code.code} ({code.display}) says less than '{name}', and is taken for it"
                if code.match is CodeMatch.USED_AS
                else ""
            )
            found[str(code.system), code.code].append(Match(code.concept, present, absent, note))
        return {key: tuple(matches) for key, matches in found.items()}

    def _names(self, knowledge: KnowledgeBase) -> dict[str, tuple[Match, ...]]:
        """The findings by their names and those of their codes; medicines have `ingredients`."""
        found: dict[str, dict[Match, None]] = defaultdict(dict)
        for finding, matches in self.by_id.items():
            if self.findings[finding].kind is FindingKind.MEDICATION:
                continue
            for name in (self.findings[finding].name, *self.findings[finding].synonyms):
                found[name_key(name)] |= dict.fromkeys(matches)
        for code in knowledge.codes:
            for match in self.by_code.get((str(code.system), code.code), ()):
                kind = self.findings[match.finding].kind
                if match.finding == code.concept and kind is not FindingKind.MEDICATION:
                    found[name_key(code.display)][match] = None
        return {name: tuple(matches) for name, matches in found.items() if name}

    def _medicine_names(self, knowledge: KnowledgeBase) -> Iterator[tuple[str, Match]]:
        """The names by which medicines without a code are read, and what each shows."""
        for code in knowledge.codes:
            if code.system is CodeSystem.RXNORM:
                for match in self.by_code.get((str(code.system), code.code), ()):
                    kind = self.findings[match.finding].kind
                    if kind is FindingKind.MEDICATION and match.shows_present:
                        yield code.display, match
        for name, finding in knowledge.medicine_names():
            yield name, Match(finding, True, False, "")

    def _read_forms(self, knowledge: KnowledgeBase) -> None:
        definitions = knowledge.measurements()
        self._read_calculations(definitions)
        for finding in self.findings.values():
            for form in finding.shown_by:
                match form:
                    case MeasuredValue():
                        self._read_value(finding.id, form, definitions)
                    case AttributeValue():
                        self.attributes[form.attribute].append((finding.id, form))
                    case QualifiedFinding(finding=base):
                        for name in (base, *self.descendants[base]):
                            self.qualified[name].append((finding.id, form))
                    case OnsetAfter():
                        self.began.append((finding.id, form))
                    case HistoryOf(past=base):
                        for name in (base, *self.descendants[base]):
                            self.past[name].append(finding.id)
                    case FamilyHistoryOf(family=base):
                        for name in (base, *self.descendants[base]):
                            self.family[name].append(finding.id)
                    case MedicineNamed():
                        pass  # read by `ingredients`

    def _read_calculations(self, definitions: Mapping[str, MeasuredValue]) -> None:
        for definition in definitions.values():
            if definition.calculated is not None:
                self.calculations[str(definition.measurement)] = definition.calculated
        for calculation in self.calculations.values():
            for name in calculation.from_:
                self.operands[name] = Scale.of(definitions[name])
                for code in definitions[name].loinc:
                    self.operands_by_code[LOINC, code] = name

    def _read_value(
        self, finding: str, form: MeasuredValue, definitions: Mapping[str, MeasuredValue]
    ) -> None:
        definition = form if form.defines_measurement else definitions[str(form.measurement)]
        reader = ValueReader(finding, form, Scale.of(definition))
        for code in definition.loinc:
            self.values_by_code[LOINC, code].append(reader)
        if definition.measurement is not None:
            self.values_by_name[definition.measurement].append(reader)
