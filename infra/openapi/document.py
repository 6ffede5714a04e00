"""The whole document: what the service takes and answers, from the catalog and the models."""

import json
import tomllib
from pathlib import Path
from typing import Any

from domain.model.events import FACTS
from domain.queries.list_events import EventDTO
from functions.catalog import CATALOG, Route
from infra.local.layout import ROOT
from infra.openapi.conversation import BASE
from infra.openapi.operations import HEADERS, PARAMETERS, Json, Operation, response, response_name
from infra.openapi.refusals import COMMON, common_refusal
from infra.openapi.schemas import Components

INTRODUCTION = Path(__file__).with_name("introduction.md")

_SERVERS = [
    {
        "url": f"https://{{api}}.execute-api.{{region}}.amazonaws.com{BASE}",
        "description": "A deployment in your account.",
        "variables": {
            "api": {"default": "api-id", "description": "The stack's output ApiId."},
            "region": {"default": "us-east-1"},
        },
    },
    {
        "url": f"http://127.0.0.1:{{port}}/_aws/execute-api/{{api}}{BASE}",
        "description": "The system on this machine, started by `make up`; `make env` tells the address.",
        "variables": {"api": {"default": "api-id"}, "port": {"default": "4566"}},
    },
]

_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": (
        "`Authorization: Bearer` and a token of the deployment's user pool. The user is the token's issuer and `sub`; "
        "a user has exactly his own sessions."
    ),
}


def document() -> Json:
    """Return the OpenAPI 3.1 document, the operations in the catalog's order."""
    components = Components()
    operations = [
        Operation(function, function.trigger, components) for function in CATALOG if isinstance(function.trigger, Route)
    ]
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.route.path, {})[operation.route.method.lower()] = operation.described()
    _describe_facts(components)
    shared = [common_refusal(class_) for class_ in COMMON]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Agent Runtime Service",
            "version": tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"],
            "description": INTRODUCTION.read_text(encoding="utf-8").strip(),
        },
        "servers": _SERVERS,
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "responses": {response_name(refused): response([refused], components) for refused in shared},
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "securitySchemes": {"bearer": _TOKEN},
        },
    }


def written(value: Any) -> str:
    """Return `value` as the text that is stored: the same for the same content."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _describe_facts(components: Components) -> None:
    """Let an event's `data` be what the fact says that its `type` names; types of later versions may be anything."""
    event = components.schema(components.answer(EventDTO))
    event["allOf"] = [
        {
            "if": {"properties": {"type": {"const": name}}},
            "then": {"properties": {"category": {"const": fact.category.value}, "data": components.answer(fact)}},
        }
        for name, fact in FACTS.items()
    ]
