"""What the entries of a record name: findings, tests and medicines, by id, by code or by name."""

from __future__ import annotations

from collections.abc import Iterable

from crampdx.assessment import Level
from crampdx.engine.intake.context import ReadContext
from crampdx.engine.intake.medicines import Product
from crampdx.engine.intake.vocabulary import Match
from crampdx.errors import SHOWN_ISSUES, printable
from crampdx.record.models import Entry, Medication
from crampdx.text.name_keys import name_key
from crampdx.text.suggestions import NameIndex

__all__ = ["match_findings", "match_medicine", "note_unknown_id"]


def match_findings(entry: Entry, place: str, context: ReadContext) -> tuple[Match, ...]:
    """Match an entry with the findings that it names, and note whether there are any."""
    found = _coded(entry, place, context) or _called(entry, place, context)
    context.note_vocabulary(place, is_in=bool(found))
    return found


def match_medicine(entry: Medication, place: str, context: ReadContext) -> Product[Match]:
    """Match a medicine by our id or codes or, where those say nothing, by its name."""
    coded = _coded(entry, place, context)
    if coded:
        return Product(coded, any(match.shows_present for match in coded))
    if entry.id is None:
        for name in _names_of(entry):
            product = context.vocabulary.ingredients.of(name)
            if product.meanings:
                message = "the medicine was read from its name"
                _note_read_from_name(product.meanings, place, message, context)
                return product
    return Product((), False)


def note_unknown_id(
    kind: str, name: str, known: NameIndex, place: str, context: ReadContext
) -> None:
    """Warn of an id of our own that names nothing."""
    context.unknown_ids += 1
    hint = known.suggest(name) if context.unknown_ids <= SHOWN_ISSUES else ""
    message = f"no {kind} has the id '{printable(name)}'"
    context.warn(Level.WARNING, "unknown_id", place, f"{message}; {hint}" if hint else message)


def _coded(entry: Entry, place: str, context: ReadContext) -> tuple[Match, ...]:
    """The findings that the entry names by our id or by codes."""
    vocabulary = context.vocabulary
    found: tuple[Match, ...] = ()
    if entry.id is not None:
        found = vocabulary.by_id.get(entry.id, ())
        if not found:
            _note_unknown_finding(entry.id, place, context)
    for coding in entry.code:
        found += vocabulary.by_code.get((coding.system, coding.code), ())
    return found


def _called(entry: Entry, place: str, context: ReadContext) -> tuple[Match, ...]:
    """The findings that an entry names by a name of theirs, where it has no id."""
    if entry.id is not None:
        return ()
    for name in _names_of(entry):
        found = context.vocabulary.by_name.get(name_key(name), ())
        if found:
            message = "the finding was read from its name"
            _note_read_from_name(found, place, message, context)
            return found
    return ()


def _note_read_from_name(
    found: Iterable[Match], place: str, message: str, context: ReadContext
) -> None:
    findings = sorted({match.finding for match in found})
    context.warn(Level.INFO, "read_from_name", place, message, *findings)


def _note_unknown_finding(name: str, place: str, context: ReadContext) -> None:
    if name in context.vocabulary.findings:
        message = "is derived; record the findings it derives from"
        context.warn(Level.WARNING, "derived_finding", place, message, name)
    else:
        note_unknown_id("finding", name, context.vocabulary.finding_names, place, context)


def _names_of(entry: Entry) -> list[str]:
    """The names in words of an entry: those of its codes, then its own."""
    names = [*(coding.display for coding in entry.code), entry.text]
    return [name for name in names if name is not None]
