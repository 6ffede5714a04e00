"""JSON schemas of what a request may hold and of what an answer holds, from the Pydantic models.

They differ from what Pydantic writes by itself in what our edge does: an answer leaves out what is None and always
tells the rest, and a client must bear with fields that it does not know; a request is refused for one.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from infra.openapi.docstrings import attributes_of, parse

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"
_NULL: Schema = {"type": "null"}
_NONE = re.compile(r"\bNone\b")


class SchemaClashError(Exception):
    """Two classes want to be called the same."""


class RequestSchemas(GenerateJsonSchema):
    """What is accepted."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  # the base class's signature
        """A title that repeats the name says nothing."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe model and fields by the docstring."""
        made = super().model_schema(schema)
        class_ = schema["cls"]
        words = parse(class_.__doc__)
        made.pop("title", None)
        made["description"] = "\n\n".join(filter(None, (words.summary, words.description)))
        for attribute, said in attributes_of(class_).items():
            field = class_.model_fields.get(attribute)
            name = field.alias if field and field.alias else attribute
            if name in made.get("properties", {}):
                made["properties"][name]["description"] = said
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Write a plain type that may be null as a list of two."""
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and not inner.keys() & {"enum", "const"}:
            return inner | {"type": [inner["type"], "null"]}
        return super().nullable_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave a default of null out: it means the same as leaving the field out."""
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made


class AnswerSchemas(RequestSchemas):
    """What is told."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Admit fields of later versions, and call what Python knows as None what it is here."""
        made = super().model_schema(schema)
        made.pop("additionalProperties", None)
        for described in made.get("properties", {}).values():
            if "description" in described:
                described["description"] = _NONE.sub(_absent, described["description"])
        return made

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Know no null: what is None is left out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Know no default: it is told like any other value."""
        return self.generate_inner(schema["schema"])

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,  # noqa: ARG002  # the base class's signature
    ) -> bool:
        """Tell every field but one that is None."""
        inner: Any = field["schema"]
        while inner["type"] == "default":
            inner = inner["schema"]
        return bool(inner["type"] != "nullable")


class Components:
    """The named schemas of a document; each is written once, however often it is used."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def answer(self, model: type[BaseModel]) -> Schema:
        """Add what `model` tells, and return a reference to it; `SessionDTO` is called `Session`.

        Raises:
            SchemaClashError: another class has its name.
        """
        made = model.model_json_schema(
            ref_template=f"{REFERENCE}{{model}}", schema_generator=AnswerSchemas, mode="serialization"
        )
        return self._named(_public(model.__name__), self._added(made))

    def request(self, model: type[BaseModel], name: str, fields: frozenset[str]) -> Schema:
        """Add what the body of a request may hold, and return a reference to it.

        Args:
            model: The command.
            name: Of the schema.
            fields: Those that come in the body.

        Raises:
            SchemaClashError: another class has its name.
        """
        return self._named(name, self._added(_only(fields, _accepted(model))))

    def parameters(self, model: type[BaseModel], fields: frozenset[str]) -> Mapping[str, Schema]:
        """Return the schemas of some of a request's fields; null, which no address can hold, is left out."""
        made = self._added(_only(fields, _accepted(model)))
        return {name: _without_null(schema) for name, schema in made["properties"].items()}

    def schema(self, reference: Schema) -> Schema:
        """Return the named schema behind a reference."""
        return self.schemas[reference["$ref"].removeprefix(REFERENCE)]

    def _added(self, made: Schema) -> Schema:
        """Add the definitions that `made` refers to, directly or not, and return it without them."""
        definitions = made.pop("$defs", {})
        missing = _references(made)
        while missing:
            name = missing.pop()
            if name in definitions:
                definition = definitions.pop(name)
                # An enumeration's title is set after our generator has spoken.
                definition.pop("title", None)
                self._named(_public(name), _renamed(definition))
                missing |= _references(definition)
        renamed: Schema = _renamed(made)
        return renamed

    def _named(self, name: str, schema: Schema) -> Schema:
        if self.schemas.setdefault(name, schema) != schema:
            raise SchemaClashError(name)
        return {"$ref": f"{REFERENCE}{name}"}


def _accepted(model: type[BaseModel]) -> Schema:
    made: Schema = model.model_json_schema(ref_template=f"{REFERENCE}{{model}}", schema_generator=RequestSchemas)
    return made


def _only(fields: frozenset[str], made: Schema) -> Schema:
    properties = {name: schema for name, schema in made["properties"].items() if name in fields}
    required = [name for name in made["required"] if name in fields]
    kept = {key: made[key] for key in made if key not in {"properties", "required"}}
    return kept | {"properties": properties} | ({"required": required} if required else {})


def _absent(none: re.Match[str]) -> str:
    return "absent" if none.start() else "Absent"


def _public(name: str) -> str:
    return name.removesuffix("DTO")


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].removeprefix(REFERENCE)} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def _renamed(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _public(value) if key == "$ref" and isinstance(value, str) else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(part) for part in node] if isinstance(node, list) else node


def _without_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), list):
        (type_,) = [type_ for type_ in schema["type"] if type_ != "null"]
        return schema | {"type": type_}
    choices: list[Schema] = [choice for choice in schema.get("anyOf", ()) if choice != _NULL]
    if len(choices) != 1:
        return schema
    return choices[0] | {key: value for key, value in schema.items() if key != "anyOf"}
