"""What results are made of: frozen parts that are cheap to build and to write as JSON.

An assessment has some hundred and fifty parts, each built once and read a few times. A `Part` is a
`msgspec.Struct`: it is built and written in C. To all that asks for a dataclass it is one, so that
`dataclasses.fields`, `asdict` and `replace` work on it, and pydantic validates it as a field.

The JSON of rules is written once for each rule: results name the same few hundred of them over and
over, and they never change.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, cast

import msgspec
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["Part", "part", "write_json", "written_once"]


class Part(msgspec.Struct, frozen=True, gc=False):
    """A frozen part of a result; its subclasses are declared with `part`.

    A part holds plain data, tuples, other parts and rules. So it can be in no circle of references,
    and the collector of circles need not look at it.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]] = {}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate the fields as those of a dataclass, then be serialized as one.

        What pydantic makes of a dataclass fits but for one thing: it cannot create a struct.
        """
        fields = handler.generate_schema(_as_dataclass(cls))
        itself: dict[str, Any] = {**handler.resolve_ref_schema(handler(source))}
        return core_schema.chain_schema(
            ref=itself.pop("ref", None),
            steps=[
                core_schema.no_info_wrap_validator_function(cls._validated, fields),
                cast("CoreSchema", itself),
            ],
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the part itself, whichever way it goes."""
        itself = schema["steps"][-1] if schema["type"] == "chain" else schema
        return handler(itself)

    @classmethod
    def _validated(cls, value: Any, validate: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        checked = validate(value)
        return cls(*[getattr(checked, name) for name in cls.__struct_fields__])


PartT = TypeVar("PartT", bound=Part)


def part(cls: type[PartT]) -> type[PartT]:
    """Make a kind of part a dataclass, too, in the eyes of all that asks for one."""
    like = _as_dataclass(cls)
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        setattr(cls, name, getattr(like, name))
    return cls


def _as_dataclass(cls: type[Part]) -> type[Any]:
    """A dataclass of the same name, text and fields."""
    fields = [
        (field.name, field.type, dataclasses.field())
        if field.default is msgspec.NODEFAULT
        else (field.name, field.type, dataclasses.field(default=field.default))
        for field in msgspec.structs.fields(cls)
    ]
    named = {"__doc__": cls.__doc__, "__module__": cls.__module__}
    return dataclasses.make_dataclass(cls.__name__, fields, namespace=named, frozen=True)


# -------------------------------------------------------------------------------------------- JSON

_written: dict[int, tuple[weakref.ref[Any], msgspec.Raw]] = {}
"""The JSON of what never changes, by its `id`; an entry goes when its object does."""


def written_once(shared: Part | BaseModel) -> msgspec.Raw:
    """Write the JSON of a rule, or of a part that many results share, once for as long as it lives.

    Args:
        shared: A frozen model, or a part that was declared with `weakref=True`.

    Raises:
        TypeError: It is neither.
    """
    key = id(shared)
    known = _written.get(key)
    if known is None:
        forget = weakref.ref(shared, lambda _: _written.pop(key, None))
        known = _written[key] = forget, msgspec.Raw(_written_anew(shared))
    return known[1]


def _written_anew(shared: object) -> bytes:
    if isinstance(shared, Part):
        return _encoder.encode(shared)
    if isinstance(shared, BaseModel) and shared.model_config.get("frozen"):
        return shared.model_dump_json().encode()
    raise TypeError(f"{type(shared).__name__} is neither data of JSON nor a frozen model")


_encoder = msgspec.json.Encoder(enc_hook=written_once)


def write_json(fields: Mapping[str, Any]) -> str:
    """Write what `model_dump_json` of pydantic would write of these fields.

    Args:
        fields: Plain data, parts, and frozen pydantic models.

    Raises:
        TypeError: Something in it is of another kind.

    >>> write_json({"rank": 1, "codes": ("a", "b"), "share": 0.5, "as_of": None})
    '{"rank":1,"codes":["a","b"],"share":0.5,"as_of":null}'
    """
    return _encoder.encode(fields).decode()
