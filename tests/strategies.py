"""Small knowledge bases and random ones, random records, and other things tests are made of.

By hand, from Python dicts, through the real loader:

>>> tiny = knowledge(
...     findings=["numbness", {"id": "loss", "implies": ["numbness"]}],
...     causes={"neuropathy": {"pretest": "common", "evidence": [
...         {"when": "numbness", "favors": "strong"}]}},
... )
>>> tiny.causes["neuropathy"].evidence[0].id
'neuropathy.e0'

`pack` fills in everything that a rule file must hold and a test does not care about (names,
kinds, groups, sources, ids of lines) and returns a `Pack`; `Pack.write` puts it on disk, with its
entries in another order if asked; `knowledge` builds and loads one in one step. `packs` draws
random packs that load, `records_for` records about a knowledge base, `records` broad ones about the
packs that ship.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from crampdx import Assessment, KnowledgeBase, PatientRecord
from crampdx.engine.evaluators.reference import Verdict, evaluate
from crampdx.knowledge.criteria import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Criterion,
    findings_in,
)
from crampdx.knowledge.graph import closure
from crampdx.knowledge.models import MeasuredValue

__all__ = [
    "CLAIM",
    "FEW",
    "MANY",
    "ORDERS",
    "SOME",
    "VERDICTS",
    "Pack",
    "article_knowledge",
    "as_yaml",
    "criteria",
    "json_values",
    "knowledge",
    "load",
    "pack",
    "packs",
    "placeless",
    "records",
    "records_for",
    "shuffled",
    "states_of",
    "without_places",
]

MANY = settings(max_examples=3 * settings().max_examples)
SOME = settings(max_examples=settings().max_examples // 2)
FEW = settings(max_examples=settings().max_examples // 5)
"""More and fewer examples than the profile has, for laws that are cheap or dear to try."""

ORDERS = st.randoms(use_true_random=True)
"""Sources of a random order; a failing example shows the seed."""

Entry = dict[str, Any]

CLAIM: Entry = {"because": "Made for a test.", "sources": ["judgement"]}
"""What every assertion carries."""


# ----------------------------------------------------------------------------------- packs by hand


@dataclass(slots=True)
class Pack:
    """A pack as plain data: its `pack.yaml`, its entries by kind, and the rows of its codes.

    Attributes:
        head: The content of `pack.yaml`.
        entries: Lists of entries by the file (or folder) they go into.
        codes: Rows `(system, code, match, finding, display)`.
    """

    head: Entry
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    codes: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def write(self, folder: Path, order: random.Random | None = None) -> Path:
        """Write the pack's files below a folder and return the pack's own folder.

        Args:
            folder: Where to.
            order: Shuffles the order of entries, their distribution over files, and the files'
                names, where names are free. Without it, all is in the order given.
        """
        home = folder / self.head["name"]
        home.mkdir(parents=True)
        _write(home / "pack.yaml", self.head)
        for name, items in self.entries.items():
            items = shuffled(items, order) if order else items
            if name in {"causes", "red_flags"}:
                for item in items:
                    _write(home / name / f"{item['id']}.yaml", item)
            elif name in {"findings", "treatments"}:
                cut = order.randint(0, len(items)) if order else len(items)
                parts = [items[:cut], items[cut:]]
                for part, stem in zip(parts, shuffled("xy", order) if order else "xy", strict=True):
                    _write(home / name / f"{stem}.yaml", part)
            else:
                _write(home / f"{name}.yaml", items)
        if self.codes:
            rows = shuffled(self.codes, order) if order else self.codes
            lines = ["system,code,match,finding,display", *(",".join(row) for row in rows)]
            path = home / "codes" / "codes.csv"
            path.parent.mkdir()
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return home


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML


def shuffled(items: Iterable[Any], order: random.Random) -> list[Any]:
    """The items in another order."""
    items = list(items)
    order.shuffle(items)
    return items


def load(*made: Pack, order: random.Random | None = None) -> KnowledgeBase:
    """Write packs to disk, and load them."""
    with tempfile.TemporaryDirectory() as folder:
        return KnowledgeBase.load(*(one.write(Path(folder), order) for one in made))


def pack(
    findings: Iterable[str | Entry] = (),
    causes: Mapping[str, Entry] | None = None,
    *,
    groups: Iterable[str | Entry] = ("group",),
    tests: Iterable[Entry] = (),
    treatments: Iterable[Entry] = (),
    prevention: Iterable[Entry] = (),
    red_flags: Iterable[Entry] = (),
    codes: Iterable[tuple[str, str, str, str, str]] = (),
    **head: Any,
) -> Pack:
    """A pack, with all that it must hold and that is not given filled in.

    Args:
        findings: Ids, or entries with at least `id`.
        causes: Entries by id, each with at least `evidence`, a list of lines with at least `when`
            and a weight. A line's id is `<cause>.e<number>` unless it is given. The group is the
            first one.
        groups: Ids, or entries with at least `id`.
        tests: Entries with at least `id` and `shows`.
        treatments: Entries with at least `id`; `indications` and `cautions` need `when` or
            `causes`.
        prevention: Entries with at least `id`.
        red_flags: Entries with at least `id` and `when`.
        codes: Rows of the code file.
        head: Fields of `pack.yaml`, such as `complaint` and `population`.
    """
    group_entries = [_entry(item, evidence=()) for item in groups]
    for group in group_entries:
        group["evidence"] = _lines(group["id"], "e", group["evidence"])
    entries: dict[str, list[Entry]] = {
        "sources": [
            {"id": "judgement", "kind": "judgement", "title": "Judgement."},
            {"id": "study", "kind": "publication", "title": "A study.", "pmid": "1"},
        ],
        "findings": [_entry(item, kind="symptom", **CLAIM) for item in findings],
        "groups": group_entries,
        "causes": [
            {
                "id": name,
                "name": _named(name),
                "group": group_entries[0]["id"],
                "pretest": "very_common",
                **given,
                "evidence": _lines(name, "e", given["evidence"]),
            }
            for name, given in (causes or {}).items()
        ],
        "tests": [_entry(item, kind="blood", **CLAIM) for item in tests],
        "treatments": [
            {
                **_entry(item, kind="medication"),
                "indications": _lines(item["id"], "i", item["indications"]),
                "cautions": _lines(item["id"], "c", item.get("cautions", ()), level="caution"),
            }
            for item in treatments
        ],
        "prevention": [_entry(item, **CLAIM) for item in prevention],
        "red_flags": [
            _entry(item, urgency="urgent", consider="Consider it.", **CLAIM) for item in red_flags
        ],
    }
    uses = ("race", "ethnicity", "language", "sexual_orientation", "gender_identity", "sex")
    uses += ("date_of_birth", "social_determinants", "health_status_assessments")
    default_head: Entry = {
        "name": "made",
        "version": "1.0.0",
        "title": "Made for a test",
        "status": "draft",
        "reviewed": "2026-01-01",
        "next_review": "2027-01-01",
        "attributes": {
            "citation": "None.",
            "developer": "None.",
            "funding": "None.",
            "released": "2026-01-01",
            "uses": dict.fromkeys(uses, False),
        },
    }
    return Pack({**default_head, **head}, entries, list(codes))


def knowledge(
    findings: Iterable[str | Entry] = (), causes: Mapping[str, Entry] | None = None, **more: Any
) -> KnowledgeBase:
    """A small knowledge base from Python dicts, by way of files and the loader; see `pack`."""
    return load(pack(findings, causes, **more))


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _entry(item: str | Entry, **defaults: Any) -> Entry:
    given = {"id": item} if isinstance(item, str) else item
    return {"name": _named(given["id"]), **defaults, **given}


def _lines(owner: str, letter: str, lines: Iterable[Entry], **defaults: Any) -> list[Entry]:
    return [
        {"id": f"{owner}.{letter}{number}", **CLAIM, **defaults, **line}
        for number, line in enumerate(lines)
    ]


def as_yaml(criterion: Criterion) -> Any:
    """A criterion as it stands in a rule file."""
    return criterion if isinstance(criterion, str) else criterion.model_dump()


# ------------------------------------------------------------------------------- random criteria

VERDICTS: tuple[Verdict, ...] = (True, False, None)
"""The three values."""


def criteria(findings: Iterable[str]) -> SearchStrategy[Criterion]:
    """Small criteria over these findings, those that can never hold included."""
    return _criteria(tuple(findings))


@cache
def _criteria(findings: tuple[str, ...]) -> SearchStrategy[Criterion]:
    names = st.sampled_from(findings)
    atoms = names | names.map(lambda name: Absent(absent=name))

    def clauses(parts: SearchStrategy[Criterion]) -> SearchStrategy[Criterion]:
        several = st.lists(parts, min_size=1, max_size=4).map(tuple)
        return (
            several.map(lambda p: AllOf(all=p))
            | several.map(lambda p: AnyOf(any=p))
            | st.tuples(st.integers(1, 5), several).map(lambda t: AtLeast(at_least=t[0], of=t[1]))
        )

    return st.recursive(atoms, clauses, max_leaves=6)


def states_of(findings: Sequence[str]) -> SearchStrategy[dict[str, bool]]:
    """Any of the findings present, absent or unknown."""
    return st.lists(st.sampled_from(VERDICTS), min_size=len(findings), max_size=len(findings)).map(
        lambda drawn: {
            name: state for name, state in zip(findings, drawn, strict=True) if state is not None
        }
    )


# ----------------------------------------------------------------------------------- random packs

_KINDS = ("symptom", "sign", "history", "laboratory", "exposure", "medication", "test_result")
_FAVORS = ("weak", "moderate", "strong", "confirms")
_OPPOSES = ("weak", "moderate", "strong", "rules_out")


@st.composite
def packs(draw: DrawFn) -> Pack:
    """A random pack that loads: implied, derived and measured findings, and entries of all kinds.

    Findings are `f0`, `f1`, ...; derived ones `d0`, ...; `complaint` is the complaint.
    """
    plain = [f"f{number}" for number in range(draw(st.integers(3, 9)))]
    found: list[Entry] = [
        {
            "id": name,
            "kind": draw(st.sampled_from(_KINDS)),
            "ask": f"Is there {name}?",
            "implies": draw(st.lists(st.sampled_from(plain[:number]), max_size=2, unique=True))
            if number
            else [],
        }
        for number, name in enumerate(plain)
    ]
    ancestors = closure({item["id"]: item["implies"] for item in found})
    measured = draw(st.lists(st.sampled_from(found), max_size=2, unique_by=lambda i: i["id"]))
    for item in measured:
        item["shown_by"] = [_measurement(item["id"])]

    names = list(plain)
    patients = _patients(ancestors)

    def usable_criterion() -> Criterion:
        """A criterion that holds of some patient, as the loader asks."""
        drawn = draw(criteria(names))
        holds = any(evaluate(drawn, states) for states in patients)
        return drawn if holds else min(findings_in(drawn))

    derived: dict[str, Criterion] = {}
    for number in range(draw(st.integers(0, 4))):
        name = f"d{number}"
        derived[name] = usable_criterion()
        for states in patients:
            states[name] = evaluate(derived[name], states) is True
        names.append(name)
    found += [{"id": name, "derived": as_yaml(made)} for name, made in derived.items()]

    links = {name: {*above} for name, above in ancestors.items()}
    links |= {name: set(findings_in(made)) for name, made in derived.items()}

    def line() -> Entry:
        when = usable_criterion()
        favoring = draw(st.booleans())
        weight = {
            "favors" if favoring else "opposes": draw(
                st.sampled_from(_FAVORS if favoring else _OPPOSES)
            )
        }
        return {"when": as_yaml(when), **weight}

    def several(most: int, least: int = 0) -> range:
        return range(draw(st.integers(least, most)))

    def claim() -> Entry:
        return {"when": as_yaml(usable_criterion())}

    groups = [
        {"id": f"g{n}", "evidence": [{**claim(), "favors": "weak"} for _ in several(1)]}
        for n in several(2, 1)
    ]
    causes = {
        f"c{n}": {
            "group": draw(st.sampled_from(groups))["id"],
            "pretest": draw(st.sampled_from(("very_common", "common", "uncommon", "rare"))),
            "do_not_miss": draw(st.booleans()),
            "evidence": _clustered([line() for _ in several(5, 1)], names, links),
        }
        for n in several(4, 1)
    }
    level = st.sampled_from(("avoid", "caution", "adjust", "monitor"))
    cause = st.lists(st.sampled_from(list(causes)), min_size=1, max_size=2, unique=True)
    return pack(
        [*found, "complaint"],
        causes,
        groups=groups,
        tests=[
            {
                "id": f"t{n}",
                "shows": draw(
                    st.lists(st.sampled_from(plain), min_size=1, max_size=3, unique=True)
                ),
            }
            for n in several(2)
        ],
        treatments=[
            {
                "id": f"r{n}",
                "indications": [{"causes": draw(cause)}, *(claim() for _ in several(2))],
                "cautions": [{**claim(), "level": draw(level)} for _ in several(2)],
            }
            for n in several(2)
        ],
        prevention=[{"id": f"p{n}", **claim()} for n in several(1)],
        red_flags=[{"id": f"x{n}", **claim()} for n in several(2)],
        codes=[
            ("HPO", f"HP:{n:07}", draw(st.sampled_from(("exact", "narrower", "broader"))), name, "")
            for n, name in enumerate(plain)
        ],
        complaint="complaint",
    )


def _patients(ancestors: Mapping[str, Collection[str]]) -> list[dict[str, bool]]:
    """Patients of whom every finding is known, and who agree with what is implied."""
    names = sorted(ancestors)
    everything = (1 << len(names)) - 1
    patients = []
    for mask in {*range(0, everything, max(1, everything // 60)), everything}:
        chosen = [name for bit, name in enumerate(names) if mask >> bit & 1]
        present = {name for one in chosen for name in (one, *ancestors[one])}
        patients.append({name: name in present for name in names})
    return patients


def _measurement(finding: str) -> Entry:
    return {
        "measurement": f"value_of_{finding}",
        "unit": "mmol/L",
        "convert": {"mg/dL": 0.1},
        "plausible": {"from": 0, "up_to": 100},
        "present": {"below": 3},
        "absent": {"from": 4},
        "within": "P90D",
    }


def _components(names: Sequence[str], links: Mapping[str, Collection[str]]) -> dict[str, str]:
    """A name for each set of findings that are connected."""
    part = {name: name for name in names}
    for name in names:
        for other in links.get(name, ()):
            old, new = part[other], part[name]
            part = {n: new if p == old else p for n, p in part.items()}
    return {name: f"k_{p}" for name, p in part.items()}


def _clustered(
    lines: list[Entry], names: Sequence[str], links: Mapping[str, Collection[str]]
) -> list[Entry]:
    """The lines of one cause; those whose findings are connected get one cluster."""
    joint = {name: {*links.get(name, ())} for name in names}
    for item in lines:
        first, *others = sorted(_names_in(item["when"]))
        joint[first].update(others)
    part = _components(names, joint)
    return [{**item, "cluster": part[min(_names_in(item["when"]))]} for item in lines]


def _names_in(written: Any) -> set[str]:
    if isinstance(written, str):
        return {written}
    parts = [part for value in written.values() for part in _as_list(value)]
    return set().union(*(_names_in(part) for part in parts))


def _as_list(value: Any) -> Sequence[Any]:
    if isinstance(value, int):
        return ()
    return [value] if isinstance(value, str) else value


# --------------------------------------------------------------------------------- random records

_FULL_DATES = st.dates().map(lambda day: day.isoformat())
DATES = st.one_of(
    st.sampled_from(
        ("2026-11-23", "2026-11", "2026", "2026-11-01T08:00:00Z", "2021-01-05", "2031-01-01")
    ),
    st.sampled_from(("0001-01-01", "0001", "9999-12-31", "9999-12", "2024-02-29")),
    _FULL_DATES,
)
"""Dates of a record: recent, long ago, in the future, partial, and at the ends of the calendar."""

_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
_UNITS = st.sampled_from(
    ("mmol/L", "mg/dL", "mEq/L", "meq/L", "%", "mmol/l", "", "furlong", "10*3/uL", "µmol/L")
)
_DURATIONS = st.timedeltas(
    min_value=timedelta(0),
    max_value=timedelta(days=150 * 366),
)
_NUMBERS = st.one_of(
    st.floats(0, 10, allow_nan=False),
    st.floats(0, 200, allow_nan=False),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.integers(-(10**12), 10**12),
)


def _optional(**fields: SearchStrategy[Any]) -> SearchStrategy[Entry]:
    return st.fixed_dictionaries({}, optional=fields)


def _merged(*parts: SearchStrategy[Entry]) -> SearchStrategy[Entry]:
    return st.tuples(*parts).map(lambda all_: {k: v for part in all_ for k, v in part.items()})


def _record_parts(
    findings: Sequence[str],
    codings: Sequence[tuple[str, str]],
    measurements: Sequence[tuple[str, str]],
    tests: Sequence[str],
) -> SearchStrategy[Entry]:
    ids = st.sampled_from([*findings, "not_in_the_vocabulary"])
    codes = st.sampled_from([*codings, ("HPO", "HP:9999999"), ("urn:x", "?")]).map(
        lambda pair: {"system": pair[0], "code": pair[1]}
    )
    name = st.one_of(
        ids.map(lambda i: {"id": i}),
        codes.map(lambda c: {"code": c}),
        st.lists(codes, min_size=1, max_size=3).map(lambda c: {"code": c}),
        st.tuples(ids, codes).map(lambda t: {"id": t[0], "code": [t[1]]}),
        _WORDS.map(lambda t: {"text": t}),
    )
    entry = _merged(name, _optional(date=DATES, note=_WORDS))
    status = st.sampled_from(("present", "absent", "past", True, False))
    statement = _merged(
        entry,
        _optional(
            status=status,
            context=st.sampled_from(("patient", "family", "ordered", "taken")),
            onset=DATES,
            end=DATES,
            duration=_DURATIONS,
            body_site=st.sampled_from(("calf", "Calf", "foot", "tongue")) | _WORDS,
            laterality=st.sampled_from(("left", "right", "bilateral")),
            severity=st.sampled_from(("mild", "moderate", "severe")),
        ),
    )
    statements = st.lists(statement, max_size=6)
    by_key = st.dictionaries(
        ids | st.sampled_from([f"{s}:{c}" if s != "HPO" else c for s, c in codings] or ["a"]),
        status | st.none(),
        max_size=5,
    )
    readable = st.sampled_from([*measurements, ("value_of_nothing", "1")]).map(
        lambda pair: {"id": pair[0], "unit": pair[1]}
    )
    coded = st.sampled_from(("2823-3", "17861-6", "0-0")).map(
        lambda code: {"code": {"system": "LOINC", "code": code}}
    )
    measurement = _merged(
        readable | readable | coded | _merged(readable, st.fixed_dictionaries({"unit": _UNITS})),
        st.fixed_dictionaries({"value": _NUMBERS}),
        _optional(comparator=st.sampled_from(("<", "<=", ">=", ">")), date=DATES),
    )
    medication = _merged(
        entry,
        _optional(
            status=status,
            context=st.sampled_from(("taken", "ordered")),
            start=DATES,
            stop=DATES,
            dose=_WORDS,
        ),
    )
    test_id = st.sampled_from([*tests, "no_such_test"]).map(lambda i: {"id": i})
    result = _merged(
        test_id,
        _optional(
            date=DATES,
            status=st.sampled_from(("done", "ordered", "not_done")),
            shows=statements,
        ),
    )
    cramps = _optional(
        duration=_DURATIONS,
        episode_duration=_DURATIONS,
        per_week=st.floats(0, 100_000),
        locations=st.lists(st.sampled_from(("calf", "hand", "generalized", "face")), max_size=3),
        triggers=st.lists(st.sampled_from(("exercise", "rest", "cold", "other")), max_size=3),
        times_of_day=st.lists(st.sampled_from(("day", "night", "any")), max_size=2),
        response_to_remedies=st.sampled_from(("relieved", "partly_relieved", "not_relieved")),
    )
    return _optional(
        as_of=DATES,
        age=st.floats(0, 130) | st.integers(0, 130),
        sex=st.sampled_from(("female", "male", "other")),
        pregnant=st.booleans(),
        cramps=cramps,
        findings=statements | by_key,
        diagnoses=statements,
        exposures=statements,
        measurements=st.lists(measurement, max_size=4),
        medications=st.lists(medication, max_size=3),
        family_history=st.lists(
            _merged(entry, _optional(status=status, relation=_WORDS)), max_size=3
        ),
        test_results=st.lists(result, max_size=2),
    )


def records_for(base: KnowledgeBase) -> SearchStrategy[Entry]:
    """Records that validate, as mappings, about this knowledge base and about other things."""
    measured = sorted(
        {
            (form.measurement, unit)
            for finding in base.findings.values()
            for form in finding.shown_by
            if isinstance(form, MeasuredValue) and form.measurement and form.unit
            for unit in (form.unit, *form.convert)
        }
    )
    codings = sorted({(str(code.system), code.code) for code in base.codes})
    return _record_parts(list(base.findings), codings, measured, list(base.tests))


@cache
def article_knowledge() -> KnowledgeBase:
    """The article pack, loaded once for all tests of a process."""
    return KnowledgeBase.load("article")


def records() -> SearchStrategy[Entry]:
    """Broad records about the packs that ship; they validate."""
    return st.deferred(lambda: records_for(article_knowledge()))


def json_values() -> SearchStrategy[Any]:
    """What a JSON parser may hand over, and some that none would: NaN, surrogates, odd keys."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from((10**400, -1, 0, 1e308, 5e-324)),
        st.floats(),
        st.text(st.characters(), max_size=12),
        st.sampled_from(("present", "2026-11-23", "P1D", "muscle_cramp", "HP:0003394", "\x00", "")),
    )
    fields = st.sampled_from(
        (*PatientRecord.model_fields, "code", "id", "status", "value", "unit", "shows", "agee")
    )
    return st.recursive(
        scalars,
        lambda parts: (
            st.lists(parts, max_size=4)
            | st.dictionaries(fields, parts, max_size=5)
            | st.dictionaries(fields | scalars.filter(_is_hashable), parts, max_size=4)
        ),
        max_leaves=20,
    )


def _is_hashable(value: object) -> bool:
    return value == value  # NaN as a key equals nothing, and no mapping can find it again


# ------------------------------------------------------------------------------------ comparisons


def placeless(answer: Assessment) -> str:
    """The assessment's JSON without the places of the record, which name positions in it."""
    return json.dumps(without_places(answer.model_dump(mode="json")))


def without_places(value: Any) -> Any:
    """Plain data without the places of the record, which name positions in it."""
    if isinstance(value, dict):
        return {k: without_places(v) for k, v in value.items() if k not in {"place", "places"}}
    return [without_places(part) for part in value] if isinstance(value, list) else value
