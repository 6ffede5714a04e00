"""Schemas in words: what a value is, and within which bounds."""

import json
from collections.abc import Iterator
from typing import Any

from infra.openapi.markup import Html, element, inline, joined, table
from infra.openapi.schemas import REFERENCE, Schema

NOT_BLANK = r"\S"
_FORMATS = {"date-time": "time"}


def in_words(schema: Schema) -> Html:
    """Return what a value is: names of other schemas are links.

    >>> in_words({"type": ["string", "null"]})
    'string or null'
    >>> in_words({"items": {"$ref": "#/components/schemas/Event"}, "type": "array"})
    'list of <a href="#schema-Event">Event</a>'
    """
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return element("a", name, href=f"#schema-{name}")
    if "anyOf" in schema:
        return joined(*(in_words(choice) for choice in schema["anyOf"]), by=" or ")
    if "const" in schema:
        return joined("always ", element("code", json.dumps(schema["const"])))
    if "items" in schema:
        return joined("list of ", in_words(schema["items"]))
    types: str | list[str] = schema.get("type", "any JSON")
    words = [schema.get("format", types)] if isinstance(types, str) else types
    return joined(*(_FORMATS.get(word, word) for word in words), by=" or ")


def bounds(schema: Schema) -> Html:
    """Return the limits of a value and its default, as one line; empty when there are none.

    >>> bounds({"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
    '1–200, <code>50</code> when left out'
    """
    return joined(*_bounds(schema), by=", ")


def _bounds(schema: Schema) -> Iterator[Html]:
    length = _range(schema.get("minLength"), schema.get("maxLength"))
    if length:
        yield joined(length, " characters")
    size = _range(schema.get("minimum"), schema.get("maximum"))
    if size:
        yield size
    if schema.get("pattern") == NOT_BLANK:
        yield joined("not blank")
    elif "pattern" in schema:
        yield joined("fits ", element("code", schema["pattern"]))
    if "default" in schema:
        yield joined(element("code", _plain(schema["default"])), " when left out")


def _range(least: float | None, most: float | None) -> Html:
    if least is None and most is None:
        return Html()
    if most is None:
        return joined(f"{least} or more")
    return joined(f"up to {_spaced(most)}" if least is None else f"{_spaced(least)}–{_spaced(most)}")


def _spaced(number: float) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def fields(schema: Schema) -> Html:
    """Return the fields of an object as a table; empty when it has none."""
    required = schema.get("required", ())
    return table(
        ("Field", "Type", "Meaning"),
        [
            (name_cell(name, is_required=name in required), type_cell(part), inline(part.get("description", "")))
            for name, part in schema.get("properties", {}).items()
        ],
    )


def name_cell(name: str, *, is_required: bool) -> Html:
    """Return a name, marked when it can be left out or be absent."""
    return joined(element("code", name, class_="name"), *([] if is_required else [element("i", "optional")]), by=" ")


def type_cell(schema: Schema) -> Html:
    """Return type and bounds."""
    limits = bounds(schema)
    return joined(in_words(schema), *([element("span", limits, class_="bounds")] if limits else []), by=" ")
