"""The dialect of JSON Schema in which clients describe the arguments of their tools: closed and bounded.

Source:
    https://json-schema.org/draft/2020-12, of which it is a part.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from domain.model import patterns
from domain.model.json_values import MAX_LEVELS, is_nested_within
from domain.model.value import JsonObject, Value

MAX_SCHEMA_LEVELS = 10
MAX_SCHEMAS = 200
MAX_PROPERTIES = 100


class SchemaType(StrEnum):
    """Kinds of JSON values."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"


_KEYWORDS: Mapping[SchemaType, frozenset[str]] = {
    SchemaType.OBJECT: frozenset({"properties", "required", "additional_properties"}),
    SchemaType.ARRAY: frozenset({"items", "min_items", "max_items"}),
    SchemaType.STRING: frozenset({"min_length", "max_length", "pattern"}),
    SchemaType.INTEGER: frozenset({"minimum", "maximum"}),
    SchemaType.NUMBER: frozenset({"minimum", "maximum"}),
}
"""What only one kind of value has, by that kind."""
_WORDS = frozenset({"title", "description", "default"})
"""What describes and does not bind."""


def _comparable(value: Any) -> Any:
    if not is_nested_within(value, MAX_LEVELS):
        raise PydanticCustomError("schema", f"a value is nested at most {MAX_LEVELS} deep, its numbers finite")
    return value


Comparable = Annotated[Any, AfterValidator(_comparable)]
Absent = SkipJsonSchema[None]
"""What a keyword is that was not given; to give null instead is refused."""
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Bound = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]


class ToolSchema(Value):
    """What a value must be. One that says nothing binding takes any JSON.

    Keywords of one kind of value need its `type` beside them; `anyOf` stands alone but for words. `$ref`, `$defs`,
    `format` and every other keyword are refused. Regular expressions are of Rust's dialect and found anywhere in a
    text.

    Attributes:
        type: Kind of the value; any when left out.
        enum: Values of which it is one.
        const: The one value it is.
        properties: Of an object, by name.
        required: Names of the properties that must be there.
        additional_properties: Whether an object may have others.
        items: What each element of an array is.
        min_items: Fewest elements.
        max_items: Most elements.
        min_length: Fewest characters.
        max_length: Most characters.
        minimum: Smallest number, itself included.
        maximum: Largest number, itself included.
        pattern: Regular expression found in the text.
        any_of: Schemas of which it fits one at least.
        title: A short name, for the model.
        description: What it is for, for the model.
        default: What leaving it out means, for the model; it is not filled in.
    """

    model_config = ConfigDict(alias_generator=to_camel)

    type: SchemaType | Absent = None
    enum: Annotated[tuple[Comparable, ...], Field(min_length=1, max_length=100)] | Absent = None
    const: Comparable = None
    properties: dict[Annotated[str, Field(max_length=100)], "ToolSchema"] = Field(default_factory=dict)
    required: tuple[str, ...] = ()
    additional_properties: StrictBool = True
    items: "ToolSchema | Absent" = None
    min_items: Count = 0
    max_items: Count | Absent = None
    min_length: Count = 0
    max_length: Count | Absent = None
    minimum: Bound | Absent = None
    maximum: Bound | Absent = None
    pattern: patterns.Pattern | Absent = None
    any_of: Annotated[tuple["ToolSchema", ...], Field(min_length=1, max_length=20)] | Absent = None
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""
    default: Comparable = None

    @model_validator(mode="before")
    @classmethod
    def _says_only_what_is_known(cls, value: Any) -> Any:
        known = {field.alias for field in cls.model_fields.values()}
        if isinstance(value, dict) and (unknown := sorted(str(name) for name in value.keys() - known)):
            raise PydanticCustomError(
                "schema", "“{name}” is not supported in the schema of a tool", {"name": unknown[0][:100]}
            )
        if isinstance(value, dict) and None in (value.get(name, ...) for name in known - {"const", "default"}):
            raise PydanticCustomError("schema", "null is no value of a keyword but const and default")
        return value

    @model_validator(mode="after")
    def _says_what_fits_together(self) -> Self:
        said = self.model_fields_set - _WORDS
        if "any_of" in said and said != {"any_of"}:
            raise PydanticCustomError("schema", "anyOf stands alone, with title, description and default at most")
        own = _KEYWORDS.get(self.type, frozenset()) if self.type else frozenset()
        if stray := sorted(said - own - {"type", "enum", "const", "any_of"}):
            raise PydanticCustomError(
                "schema", "“{name}” needs the type it belongs to beside it", {"name": to_camel(stray[0])}
            )
        if missing := [name for name in self.required if name not in self.properties]:
            raise PydanticCustomError("schema", "“{name}” is required and no property", {"name": missing[0][:100]})
        return self

    @property
    def has_const(self) -> bool:
        """Whether exactly one value is right; it may be null."""
        return "const" in self.model_fields_set

    def inner(self) -> Iterator[Self]:
        """Yield the schemas right inside this one."""
        yield from self.properties.values()  # type: ignore[misc]  # each is of this very class
        yield from self.any_of or ()  # type: ignore[misc]  # same
        if self.items:
            yield self.items  # type: ignore[misc]  # same

    def as_json(self) -> JsonObject:
        """Return the schema as it was given."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _bounded(schema: ToolSchema) -> ToolSchema:
    if schema.type is not SchemaType.OBJECT:
        raise PydanticCustomError("schema", "arguments are an object: say type object")
    level: list[ToolSchema] = [schema]
    levels = schemas = properties = 0
    while level:
        levels, schemas = levels + 1, schemas + len(level)
        properties += sum(len(one.properties) for one in level)
        level = [inner for one in level for inner in one.inner()]
    for count, most, name in (
        (levels, MAX_SCHEMA_LEVELS, "levels"),
        (properties, MAX_PROPERTIES, "properties"),
        (schemas, MAX_SCHEMAS, "schemas"),
    ):
        if count > most:
            raise PydanticCustomError("schema", f"a schema has at most {most} {name}")
    return schema


ArgumentsSchema = Annotated[ToolSchema, AfterValidator(_bounded)]
"""The schema of a tool's arguments."""
