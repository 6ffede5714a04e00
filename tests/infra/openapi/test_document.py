"""The document is valid, whole, current, and true of itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from domain.model.events import FACTS
from functions.catalog import Function, Kind, Route
from functions.runtime.problems import STATUSES
from infra.openapi.__main__ import DOCS, made, main
from infra.openapi.document import document
from tests.support.api_contract import ApiContract, routes

DOCUMENT = document()
EVERY_ROUTE = pytest.mark.parametrize(("function", "route"), routes(), ids=[row.name for row, _ in routes()])


def _operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return found


def _parameters(route: Route) -> list[dict[str, Any]]:
    shared = DOCUMENT["components"]["parameters"]
    return [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in _operation(route)["parameters"]]


def test_document_is_valid() -> None:
    """It passes the meta-schema of OpenAPI 3.1, and every reference leads somewhere."""
    validate(json.loads(json.dumps(DOCUMENT)), cls=OpenAPIV31SpecValidator)


@pytest.mark.parametrize("name", made())
def test_stored_file_is_current(name: str) -> None:
    """What the repository holds is what the code says."""
    assert (DOCS / name).read_text(encoding="utf-8") == made()[name], f"docs/{name} is stale: run `make openapi`"


def test_command_writes_the_files(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """`make openapi` writes what the test compares with, the same each time, and says how large it is."""
    assert main([str(tmp_path)]) == 0

    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == made()
    assert "openapi.json: " in capsys.readouterr().out


def test_operations_are_the_routes_of_the_catalog() -> None:
    """Each route is one operation called like its function, and there is no other."""
    operations = {
        (method.upper(), path): operation["operationId"]
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }

    assert operations == {(route.method, route.path): row.name for row, route in routes()}


@EVERY_ROUTE
def test_operation_takes_path_and_headers(function: Function, route: Route) -> None:
    """Every placeholder is a required parameter; commands take an idempotency key, reads no body."""
    parameters = {(one["in"], one["name"]): one for one in _parameters(route)}
    in_path = {name for where, name in parameters if where == "path"}
    headers = {name for where, name in parameters if where == "header"}

    assert in_path == route.path_parameters
    assert all(parameters["path", name]["required"] for name in in_path)
    assert headers == {"X-Correlation-Id"} | ({"Idempotency-Key"} if function.kind is Kind.COMMAND else set())
    assert "requestBody" not in _operation(route) or function.kind is Kind.COMMAND


@EVERY_ROUTE
def test_operation_answers_with_status_headers_and_codes(function: Function, route: Route) -> None:
    """The success of the catalog, its headers, and at least what every request can be refused for."""
    operation = _operation(route)
    success = operation["responses"][str(route.status)]
    codes = ApiContract(DOCUMENT).codes(function.name)

    assert ("Location" in success["headers"]) is (route.status == 201)
    assert ("Idempotent-Replayed" in success["headers"]) is (function.kind is Kind.COMMAND)
    assert ("IDEMPOTENCY_KEY_REUSED" in codes) is (function.kind is Kind.COMMAND)
    assert ("SESSION_NOT_FOUND" in codes) is ("session_id" in route.path_parameters)
    assert ("UNAUTHENTICATED" in codes) is not route.is_public
    assert operation.get("security") == ([] if route.is_public else None)


def test_every_code_is_some_operations() -> None:
    """No code of the error table is left out, and none is made up."""
    contract = ApiContract(DOCUMENT)

    assert set().union(*(contract.codes(row.name) for row, _ in routes())) == STATUSES.keys()


def test_responses_that_can_be_repeated_say_when() -> None:
    """429 and 503 always carry `Retry-After`, 409 where the session can be busy."""
    shared = DOCUMENT["components"]["responses"]

    assert {name for name, one in shared.items() if "Retry-After" in one["headers"]} == {
        "RateLimited",
        "StorageUnavailable",
    }
    assert (
        "Retry-After"
        in _operation(Route("POST", "/sessions/{session_id}/messages", 202))["responses"]["409"]["headers"]
    )


def _described() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name not in FACTS:
            yield from ((f"{name}.{field}", part) for field, part in schema.get("properties", {}).items())
    for row, route in routes():
        yield from ((f"{row.name}?{one['name']}", one) for one in _parameters(route))


def test_every_field_and_parameter_is_described() -> None:
    """Whoever adds a field says in its class's docstring what it means."""
    assert [name for name, part in _described() if not part.get("description")] == []


def test_every_operation_and_schema_is_described() -> None:
    """Summaries are one line; classes speak for their schemas."""
    assert [row.name for row, route in routes() if not _operation(route)["summary"]] == []
    assert [name for name, schema in DOCUMENT["components"]["schemas"].items() if not schema["description"]] == []


@EVERY_ROUTE
def test_examples_fit_their_schemas(function: Function, route: Route) -> None:
    """What is shown as a request or an answer is one."""
    contract = ApiContract(DOCUMENT)
    operation = _operation(route)
    contents = [
        content
        for holder in (operation.get("requestBody"), operation["responses"][str(route.status)])
        if holder
        for content in holder["content"].values()
    ]
    shown = [(content["schema"], content["example"]) for content in contents if "example" in content]
    given = [(one["schema"], one["example"]) for one in _parameters(route) if "example" in one]

    assert [contract.misfits(schema, example) for schema, example in shown + given] == [[]] * len(shown + given)
    assert function.name == operation["operationId"]


def test_examples_of_refusals_fit_their_schemas() -> None:
    """Each code's example is a problem with that code and status."""
    contract = ApiContract(DOCUMENT)
    responses = [one for _, route in routes() for one in _operation(route)["responses"].values() if "$ref" not in one]
    contents = [
        one["content"]["application/problem+json"]
        for one in (*DOCUMENT["components"]["responses"].values(), *responses)
        if "application/problem+json" in one["content"]
    ]

    for content in contents:
        for code, example in content["examples"].items():
            assert contract.misfits(content["schema"], example["value"]) == []
            assert example["value"]["code"] == code


def test_event_data_is_described_by_type() -> None:
    """Every fact has its own shape of `data`; a type that is not known yet may have any."""
    contract = ApiContract(DOCUMENT)
    event = {
        "seq": 1,
        "turn": 0,
        "type": "SessionCreated",
        "category": "session",
        "occurred_at": "2026-01-01T12:00:00Z",
        "correlation_id": "c",
        "data": {"has_title": True},
    }
    schema = {"$ref": "#/components/schemas/Event"}

    assert {
        case["if"]["properties"]["type"]["const"] for case in DOCUMENT["components"]["schemas"]["Event"]["allOf"]
    } == FACTS.keys()
    assert contract.misfits(schema, event) == []
    assert contract.misfits(schema, event | {"data": {}}) == ["$.data: 'has_title' is a required property"]
    assert contract.misfits(schema, event | {"type": "SomethingNew", "data": {"any": 1}}) == []
