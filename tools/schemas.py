"""Write ``schemas/*.schema.json``: JSON Schemas of rule files, of the record and of the assessment.

They are made of the pydantic models, which stay the one place where the formats are defined. An
editor that knows JSON Schema then completes and checks a rule file while it is written, by the
comment in its first line::

    # yaml-language-server: $schema=../../schemas/groups.schema.json

A schema accepts whatever the library accepts as JSON or YAML, the short forms of a record too. It
accepts a little more: what refers to another entry, and most of what depends on a second field, is
checked by the library alone.

    python tools/schemas.py            write the files
    python tools/schemas.py --check    fail where a file differs from the models

The output depends on the models and on the version of pydantic, which ``constraints.txt`` pins.
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import core_schema

from crampdx.assessment import Assessment
from crampdx.authoring.cases.models import Case
from crampdx.authoring.cases.tables import LineTable, RowTable
from crampdx.authoring.lint.linter import LintResult
from crampdx.knowledge.models import (
    Cause,
    CauseExtension,
    Finding,
    FindingExtension,
    Group,
    Pack,
    Prevention,
    RedFlag,
    Source,
    Suppression,
    Test,
    TestExtension,
    Treatment,
    TreatmentExtension,
    Uses,
    require_any,
)
from crampdx.record import dates
from crampdx.record import models as record
from crampdx.text import durations

FOLDER = Path(__file__).resolve().parents[1] / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


# --------------------------------------------------------------------------------- generating


class _Generator(GenerateJsonSchema):
    """Pydantic's generator; what an assessment always holds is required in its schema."""

    schema_dialect = DIALECT

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """The schema of a model, its fields described by their docstrings."""
        return _described(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Schema:
        """The schema of a dataclass, likewise."""
        return _described(super().dataclass_schema(schema), schema["cls"])


def _described(schema: Schema, model: type) -> Schema:
    """The schema of a class with the docstring of each attribute as its description.

    Pydantic does this too (`use_attribute_docstrings`), but whenever a class is made, which would
    add a tenth to the time that `import crampdx` takes; only schemas need it.
    """
    for name, text in _docstrings_of_attributes(model).items():
        field = schema.get("properties", {}).get(name.removesuffix("_"))
        if field is not None:
            field.setdefault("description", text)
    return schema


def _docstrings_of_attributes(model: type) -> dict[str, str]:
    """What the docstring below each attribute says, its own before those that it inherits."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base.__module__.startswith("crampdx."):
            (definition,) = ast.parse(inspect.getsource(base)).body
            for statement, following in pairwise(definition.body):  # type: ignore[attr-defined]
                match statement, following:
                    case (
                        ast.AnnAssign(target=ast.Name(id=name)),
                        ast.Expr(value=ast.Constant(value=str(text))),
                    ):
                        found[name] = " ".join(text.split())
    return found


def _generated(model: Any, mode: JsonSchemaMode) -> Schema:
    schema = TypeAdapter(model).json_schema(mode=mode, schema_generator=_Generator)
    for part in _parts(schema):
        _tidy(part)
    return schema


def _parts(schema: Any) -> Iterator[Schema]:
    """Every mapping inside the schema, itself included."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)


def _tidy(part: Schema) -> None:
    """Drop the titles made of field names, give texts on one line, say what pydantic does not."""
    if part.get("format") == "duration":
        part["pattern"] = f"^{durations._ISO.pattern}$"
    if part.get("type") == "array" and "maxLength" in part:
        part["maxItems"] = part.pop("maxLength")
    properties = part.get("properties")
    if isinstance(properties, dict):
        for named in properties.values():
            named.pop("title", None)
    text = part.get("description")
    if isinstance(text, str):
        part["description"] = " ".join(text.replace("``", "`").split())


# ------------------------------------------------------------------------------------ rule files


def _rule_file(*models: type[BaseModel], is_list: bool) -> Schema:
    """The schema of a rule file: an entry of one of these models, or a list of them."""
    schema = _generated(models[0], "validation")
    if len(models) > 1 or is_list:
        definitions: Schema = {}
        for model in models:
            part = _generated(model, "validation")
            definitions.update(part.pop("$defs", {}))
            definitions[model.__name__] = part
        references = [{"$ref": f"#/$defs/{model.__name__}"} for model in models]
        entry: Schema = references[0] if len(models) == 1 else {"anyOf": references}
        # a file that holds comments alone is an empty list
        schema = {"type": ["array", "null"], "items": entry} if is_list else dict(entry)
        schema["$defs"] = dict(sorted(definitions.items()))
    return schema


# ---------------------------------------------------------------------------------------- record

_DATE = f"^{dates.PARTIAL_DATE.pattern}$"
_LISTS = {
    "findings": "FindingEntry",
    "diagnoses": "FindingEntry",
    "exposures": "FindingEntry",
    "measurements": "Measurement",
    "medications": "Medication",
    "family_history": "FamilyStatement",
    "test_results": "TestResult",
}
_ENTRIES = sorted(set(_LISTS.values()))


def _record() -> Schema:
    """The record's schema, with the short forms that its validators take.

    - a list of entries as a mapping from id or code to a status or to the other fields;
    - a code as text, and one code where several may stand;
    - a status as true or false.
    """
    schema = _generated(record.PatientRecord, "validation")
    definitions = schema["$defs"]
    for part in _parts(schema):
        if part.get("description", "").startswith("A date: "):
            (part["anyOf"][0] if "anyOf" in part else part)["pattern"] = _DATE
    _let_codes_be_text(definitions)
    for properties, field, name in [
        (definitions["TestResult"]["properties"], "shows", "FindingEntry"),
        *((schema["properties"], field, name) for field, name in _LISTS.items()),
    ]:
        properties[field] = _list_or_mapping(properties[field], name)
    for name in _ENTRIES:
        entry = definitions[name]
        _let_status_be_boolean(entry["properties"], definitions)
        definitions[f"{name}ByName"] = _by_name(entry)
        entry.update(require_any("id", "code", "text"))
    schema["$defs"] = dict(sorted(definitions.items()))
    return schema


def _let_codes_be_text(definitions: Schema) -> None:
    coding = definitions["Coding"]
    description = coding.pop("description", "")
    definitions["CodingObject"] = {**coding, "title": "CodingObject"}
    definitions["Coding"] = {
        "title": "Coding",
        "description": description,
        "anyOf": [
            {"type": "string", "pattern": "^[^:]+:.+", "examples": ["HP:0003394", "LOINC:2823-3"]},
            {"$ref": "#/$defs/CodingObject"},
        ],
    }
    for name in _ENTRIES:
        properties = definitions[name]["properties"]
        several = properties["code"]
        several.pop("default")
        properties["code"] = {
            "description": several.pop("description"),
            "anyOf": [{"$ref": "#/$defs/Coding"}, several],
        }


def _let_status_be_boolean(properties: Schema, definitions: Schema) -> None:
    status = properties.get("status", {})
    if status.get("$ref") == "#/$defs/Status":
        properties["status"] = {
            "description": status.get("description", definitions["Status"]["description"]),
            "default": status["default"],
            "anyOf": [{"$ref": "#/$defs/Status"}, {"type": "boolean"}],
        }


def _by_name(entry: Schema) -> Schema:
    """The entry as the value of a mapping, whose key names it: its other fields, null, a status."""
    named = copy.deepcopy(entry)
    for key in ("title", "description"):
        named.pop(key, None)
    for key in ("id", "code"):
        del named["properties"][key]
    status = named["properties"].get("status", {})
    short = [{"anyOf": status["anyOf"]}] if "anyOf" in status else []
    return {"anyOf": [{"type": "null"}, *short, named]}


def _list_or_mapping(field: Schema, name: str) -> Schema:
    described: Schema = {k: field.pop(k) for k in ("description", "default") if k in field}
    mapping = {
        "type": "object",
        "propertyNames": {
            "anyOf": [{"pattern": "^[a-z][a-z0-9_]*$"}, {"pattern": "^[^:]+:.+"}],
        },
        "additionalProperties": {"$ref": f"#/$defs/{name}ByName"},
        "maxProperties": field["maxItems"],
    }
    return {**described, "anyOf": [field, mapping]}


# ----------------------------------------------------------------------------------------- files


def _cases() -> Schema:
    """The schema of a case file; the record of a case in full, so that editors complete it."""
    schema = _rule_file(Case, LineTable, RowTable, is_list=True)
    patient = _record()
    definitions = {**schema["$defs"], **patient.pop("$defs"), "PatientRecord": patient}
    for name in ("Case", "LineTable", "RowTable", "Line", "Row"):
        properties = definitions[name]["properties"]
        description = properties["record"]["description"]
        properties["record"] = {"description": description, "$ref": "#/$defs/PatientRecord"}
    return {**schema, "$defs": dict(sorted(definitions.items()))}


class File(NamedTuple):
    """A schema to write: its name, its title, what it is for, and how it is made."""

    name: str
    title: str
    description: str
    make: Callable[[], Schema]
    example: Any


def _rules(
    title: str, *models: type[BaseModel], where: str, example: Any, is_list: bool = True
) -> File:
    return File(
        title,
        f"crampdx rule file: {title.replace('_', ' ')}",
        f"What {where} of a crampdx rule pack holds. docs/rule-format.md explains it.",
        lambda: _rule_file(*models, is_list=is_list),
        example,
    )


_CITED: Schema = {"because": "Why, in one sentence.", "sources": ["judgement"]}
_RECORD: Schema = {
    "as_of": "2026-06-01",
    "age": 58,
    "findings": {"muscle_cramp": True, "sensory_loss": False},
    "measurements": {"serum_potassium": {"value": 3.1, "unit": "mmol/L", "date": "2026-05-30"}},
}


FILES = (
    _rules(
        "pack",
        Pack,
        where="pack.yaml",
        is_list=False,
        example={
            "name": "own",
            "version": "1.0.0",
            "title": "Rules of our hospital",
            "status": "draft",
            "requires": ["article"],
            "reviewed": "2026-06-01",
            "next_review": "2027-06-01",
            "attributes": {
                "citation": "Our guideline on cramps, 2026.",
                "developer": "Our hospital.",
                "funding": "None.",
                "released": "2026-06-01",
                "uses": dict.fromkeys(Uses.model_fields, False),
            },
        },
    ),
    _rules(
        "sources",
        Source,
        where="sources.yaml",
        example=[
            {
                "id": "mcgee2002",
                "kind": "publication",
                "title": "Simplifying likelihood ratios",
                "citation": "McGee S. J Gen Intern Med 2002;17(8):647-650",
                "doi": "10.1046/j.1525-1497.2002.10750.x",
            },
            {"id": "judgement", "kind": "judgement", "title": "Judgement of the authors"},
        ],
    ),
    _rules(
        "findings",
        Finding,
        FindingExtension,
        where="findings/*.yaml",
        example=[
            {
                "id": "low_sodium",
                "name": "Low sodium",
                "kind": "laboratory",
                "shown_by": [
                    {
                        "measurement": "serum_sodium",
                        "unit": "mmol/L",
                        "plausible": {"from": 80, "below": 200},
                        "present": {"below": 135},
                        "absent": {"from": 135},
                        "within": "P90D",
                    }
                ],
                **_CITED,
            },
            {"extends": "muscle_weakness", "synonyms": ["loss of strength"], **_CITED},
        ],
    ),
    _rules(
        "cause",
        Cause,
        CauseExtension,
        where="causes/<cause>.yaml",
        is_list=False,
        example={
            "id": "hyponatremia",
            "name": "Low sodium",
            "group": "electrolytes",
            "pretest": "uncommon",
            "evidence": [
                {"id": "hyponatremia.low", "when": "low_sodium", "favors": "confirms", **_CITED},
                {
                    "id": "hyponatremia.normal",
                    "when": {"absent": "low_sodium"},
                    "opposes": "rules_out",
                    **_CITED,
                },
            ],
        },
    ),
    _rules(
        "groups",
        Group,
        where="groups.yaml",
        example=[{"id": "electrolytes", "name": "Electrolyte imbalance"}],
    ),
    _rules(
        "tests",
        Test,
        TestExtension,
        where="tests.yaml",
        example=[
            {
                "id": "sodium_test",
                "name": "Serum sodium",
                "kind": "blood",
                "shows": ["low_sodium"],
                **_CITED,
            }
        ],
    ),
    _rules(
        "treatments",
        Treatment,
        TreatmentExtension,
        where="treatments/*.yaml",
        example=[
            {
                "id": "stretching",
                "name": "Stretching",
                "kind": "physical",
                "indications": [{"id": "stretching.overuse", "causes": ["overuse"], **_CITED}],
                "cautions": [
                    {"id": "stretching.tear", "when": "muscle_tear", "level": "avoid", **_CITED}
                ],
            }
        ],
    ),
    _rules(
        "prevention",
        Prevention,
        where="prevention.yaml",
        example=[{"id": "drink_enough", "name": "Drink enough", **_CITED}],
    ),
    _rules(
        "red_flag",
        RedFlag,
        where="red_flags/<red flag>.yaml",
        is_list=False,
        example={
            "id": "cord_compression",
            "name": "Compression of the spinal cord",
            "urgency": "emergency",
            "when": {"all": ["sensory_level", {"any": ["paraplegia", "spastic_gait"]}]},
            "consider": "Consider urgent imaging of the spine.",
            **_CITED,
        },
    ),
    _rules(
        "lint",
        Suppression,
        where="lint.yaml",
        example=[{"check": "CDX010", "entry": "muscle_pain", "reason": "Our forms ask for it."}],
    ),
    File(
        "case",
        "crampdx cases",
        "What a *.case.yaml file holds: records, and what is expected of their assessment."
        " docs/cases.md explains it.",
        _cases,
        [
            {
                "name": "a low potassium leads",
                "record": _RECORD,
                "expect": {"top": ["hypokalemia"], "findings": {"hypokalemia": "present"}},
            }
        ],
    ),
    File(
        "record",
        "crampdx patient record",
        "What is known of one patient at one time. docs/record.md explains it.",
        _record,
        _RECORD,
    ),
    File(
        "lint_result",
        "crampdx lint result",
        "What `crampdx lint --output json` writes. docs/lint.md explains it.",
        lambda: _generated(LintResult, "serialization"),
        None,
    ),
    File(
        "assessment",
        "crampdx assessment",
        "The ranked differential of one record. docs/assessment.md explains it.",
        lambda: _generated(Assessment, "serialization"),
        None,
    ),
)


def schema_of(file: File) -> Schema:
    """The whole schema: first what names it, then what is made of the models."""
    body = file.make()
    body.pop("title", None)
    body.pop("description", None)
    definitions = body.pop("$defs", {})
    head: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:crampdx:schema:{file.name}",
        "title": file.title,
        "description": file.description,
    }
    if file.example is not None:
        head["examples"] = [file.example]
    return {**head, **body, "$defs": definitions} if definitions else {**head, **body}


def text_of(file: File) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema_of(file), indent=2, ensure_ascii=False) + "\n"


def differing(folder: Path) -> Iterator[str]:
    """The names of files that are missing, differ from the models, or should not be there."""
    expected = {f"{file.name}.schema.json": file for file in FILES}
    for name, file in expected.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text_of(file):
            yield name
    yield from sorted(p.name for p in folder.glob("*.json") if p.name not in expected)


def main(arguments: Iterable[str] | None = None) -> int:
    """Write or check the schemas; the exit status tells whether they are as they should be."""
    parser = argparse.ArgumentParser(description="Write schemas/ from the models.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(None if arguments is None else list(arguments))
    folder: Path = options.folder
    if options.check:
        names = list(differing(folder))
        for name in names:
            print(f"schemas/{name} differs from the models: run `make schemas`", file=sys.stderr)
        return 1 if names else 0
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / f"{file.name}.schema.json").write_text(text_of(file), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
