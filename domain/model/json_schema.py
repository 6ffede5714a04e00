"""JSON schemas as models and providers take them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from domain.model.value import JsonObject


def plain_schema(model: type[BaseModel]) -> JsonObject:
    """Return a JSON schema without `$ref`, titles or null alternatives, which some providers refuse."""
    schema = model.model_json_schema()
    plain: JsonObject = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    choices = [choice for choice in node.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        node = {**node, **choices[0]}
        node.pop("anyOf")
        node.pop("default", None)
    return {
        name: {field: _plain(schema, definitions) for field, schema in value.items()}
        if name == "properties"
        else _plain(value, definitions)
        for name, value in node.items()
        if name not in {"$defs", "title", "description"}
    }
