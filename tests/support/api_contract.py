"""The description of the API as a judge of answers."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from functions.catalog import CATALOG, Function, Route

Json = dict[str, Any]
NO_FIELDS: Json = {"type": "object", "additionalProperties": False}


class ApiContract:
    """Tells whether an answer is one that the description promises.

    Args:
        document: The OpenAPI document.
    """

    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas = {"components": document["components"]}

    def faults(self, name: str, status: int, headers: Mapping[str, str], body: Any) -> list[str]:
        """Return what is wrong with an answer of the operation `name`; nothing when it keeps the promise."""
        responses = self._operation(name)["responses"]
        if str(status) not in responses:
            return [f"{name} is not said to answer {status}"]
        promised = self._resolved(responses[str(status)])
        content_type = headers["Content-Type"]
        if content_type not in promised["content"]:
            return [f"{name} is not said to answer {status} as {content_type}"]
        return self.misfits(promised["content"][content_type]["schema"], body)

    def misfits(self, schema: Json, value: Any) -> list[str]:
        """Return where `value` does not fit `schema`."""
        judge = Draft202012Validator(schema | self._schemas, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)]

    def body_schema(self, name: str) -> Json:
        """Return what the body of a request to the operation `name` must fit; one that has none takes no fields."""
        body = self._operation(name).get("requestBody")
        schema: Json = body["content"]["application/json"]["schema"] if body else NO_FIELDS
        return schema

    def codes(self, name: str) -> set[str]:
        """Return every code that the operation `name` is said to answer with."""
        promised = [self._resolved(response) for response in self._operation(name)["responses"].values()]
        problems = [response["content"].get("application/problem+json") for response in promised]
        return {code for problem in problems if problem for code in problem["schema"]["properties"]["code"]["enum"]}

    def _operation(self, name: str) -> Json:
        (route,) = [trigger for row, trigger in routes() if row.name == name]
        operation: Json = self._document["paths"][route.path][route.method.lower()]
        return operation

    def _resolved(self, response: Json) -> Json:
        name = response.get("$ref", "").rpartition("/")[2]
        resolved: Json = self._document["components"]["responses"][name] if name else response
        return resolved


def routes() -> list[tuple[Function, Route]]:
    """Return every function of the catalog that answers HTTP, with its route."""
    return [(row, row.trigger) for row in CATALOG if isinstance(row.trigger, Route)]
