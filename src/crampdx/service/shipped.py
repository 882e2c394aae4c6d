"""The schemas and examples that ship: in the wheel, or beside `src` in a checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from crampdx.inputs.builtin import RECORD
from crampdx.inputs.detection import form_of

__all__ = ["examples", "schemas"]

SUFFIX = ".schema.json"


def _folder(name: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    inside = package / name
    return inside if inside.is_dir() else package.parents[1] / name


@cache
def schemas() -> dict[str, Any]:
    """Every JSON Schema by its name, such as `record`."""
    return _read("schemas", SUFFIX)


@cache
def examples() -> dict[str, Any]:
    """Every example that is a record, by its name."""
    found = _read("examples", ".json")
    return {name: document for name, document in found.items() if form_of(document) == RECORD.name}


def _read(folder: str, suffix: str) -> dict[str, Any]:
    return {
        path.name.removesuffix(suffix): json.loads(path.read_bytes())
        for path in sorted(_folder(folder).glob(f"*{suffix}"))
    }
