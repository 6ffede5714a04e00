"""The document as a page to read: one file, no script, nothing fetched from anywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.openapi.conversation import pretty
from infra.openapi.markup import Html, element, inline, joined, prose, table
from infra.openapi.schemas import Schema
from infra.openapi.words import fields, in_words, name_cell, type_cell

Json = dict[str, Any]
STYLE = Path(__file__).with_name("page.css")


def page(document: Json) -> str:
    """Return the page; the same document gives the same text."""
    return _Page(document).html()


class _Page:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: dict[str, Schema] = document["components"]["schemas"]
        self._shared: dict[str, Json] = document["components"]["responses"]

    def html(self) -> str:
        info = self._document["info"]
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", f"{info['title']}: API"),
            element("style", Html("\n" + STYLE.read_text(encoding="utf-8"))),
            by="\n",
        )
        body = element("body", self._contents(), element("main", *self._main(), by="\n"), by="\n")
        return f"<!doctype html>\n{element('html', head, body, lang='en', by=chr(10))}\n"

    def _main(self) -> Iterator[Html]:
        info = self._document["info"]
        version = element("span", info["version"], class_="version")
        yield element(
            "header",
            element("h1", info["title"], " ", version),
            prose(info["description"]),
            element(
                "p",
                element("a", "openapi.json", href="openapi.json"),
                " is this page for machines; ",
                element("a", "one conversation in full", href="conversation.md"),
                " shows how it all goes together.",
            ),
        )
        yield element("h2", "Where", id="servers")
        yield table(
            ("Address", "What"),
            [(element("code", one["url"]), inline(one["description"])) for one in self._document["servers"]],
        )
        yield prose(self._document["components"]["securitySchemes"]["bearer"]["description"])
        yield element("h2", "Operations", id="operations")
        yield self._overview()
        for tag in self._document["tags"]:
            for route, operation in self._operations(tag["name"]):
                yield self._operation(route, operation)
        yield element("h2", "Refusals of any request", id="refusals")
        yield prose("Each operation can answer with these; its own stand beside it.")
        yield table(
            ("Status", "Code", "When"), [row for shared in self._shared.values() for row in _refusal_rows(shared)]
        )
        yield element("h2", "Events", id="events")
        yield prose("What an event's `data` says, by its `type`.")
        yield from (self._fact(case) for case in self._facts())
        yield element("h2", "Schemas", id="schemas")
        facts = {_name_of(case["then"]["properties"]["data"]) for case in self._facts()}
        yield from (_schema(name, self._schemas[name]) for name in sorted(self._schemas.keys() - facts))

    def _operations(self, tag: str) -> Iterator[tuple[Html, Json]]:
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag]:
                    yield _route(method, path), operation

    def _facts(self) -> list[Json]:
        cases: list[Json] = self._schemas["Event"]["allOf"]
        return cases

    def _contents(self) -> Html:
        """Return the list beside the page, which narrow screens do without: the overview has the same links."""
        groups = [
            joined(
                element("strong", tag["name"]),
                element("ul", *(element("li", _link(operation)) for _, operation in self._operations(tag["name"]))),
            )
            for tag in self._document["tags"]
        ]
        more = element(
            "ul",
            *(element("li", element("a", name, href=f"#{name.lower()}")) for name in ("Refusals", "Events", "Schemas")),
        )
        return element("nav", *groups, element("strong", "For all"), more, aria_label="Contents", by="\n")

    def _overview(self) -> Html:
        return table(
            ("Operation", "What"),
            [
                (element("a", route, href=f"#{operation['operationId']}"), inline(operation["summary"]))
                for tag in self._document["tags"]
                for route, operation in self._operations(tag["name"])
            ],
        )

    def _operation(self, route: Html, operation: Json) -> Html:
        return element(
            "section",
            element("h3", operation["summary"], class_="summary"),
            element("p", route, class_="route"),
            prose(operation["description"]),
            *([prose("No token is needed.")] if operation.get("security") == [] else []),
            *self._parameters(operation["parameters"]),
            *self._body(operation.get("requestBody")),
            *self._answers(operation["responses"]),
            id=operation["operationId"],
            by="\n",
        )

    def _parameters(self, parameters: list[Json]) -> Iterator[Html]:
        shared = self._document["components"]["parameters"]
        full = [shared[_name_of(one)] if "$ref" in one else one for one in parameters]
        yield element("h4", "Parameters")
        yield table(
            ("Name", "Where", "Type", "Meaning"),
            [
                (
                    name_cell(one["name"], is_required=one.get("required", False)),
                    joined(one["in"]),
                    type_cell(one["schema"]),
                    inline(one.get("description", "")),
                )
                for one in full
            ],
        )

    def _body(self, body: Json | None) -> Iterator[Html]:
        if body:
            content = body["content"]["application/json"]
            yield element("h4", "Body")
            yield fields(self._schemas[_name_of(content["schema"])])
            yield from _example("Example", content.get("example"))

    def _answers(self, responses: dict[str, Json]) -> Iterator[Html]:
        rows: list[tuple[Html, ...]] = []
        for status, response in responses.items():
            if int(status) < 400:
                yield from _success(status, response)
            elif "$ref" not in response:
                common = {code for shared in self._shared.values() for code in _problems(shared)}
                rows += _refusal_rows(response, without=common)
        if rows:
            yield element("h4", "Refusals")
            yield table(("Status", "Code", "When"), rows)
        yield element(
            "p",
            "And what " if rows else "Refused for what ",
            element("a", "any request can be refused for", href="#refusals"),
            ".",
        )

    def _fact(self, case: Json) -> Html:
        type_ = case["if"]["properties"]["type"]["const"]
        schema = self._schemas[type_]
        category = element("span", case["then"]["properties"]["category"]["const"], class_="category")
        return element(
            "section",
            element("h3", type_, " ", category),
            prose(schema["description"]),
            fields(schema),
            id=f"schema-{type_}",
            class_="schema",
        )


def _success(status: str, response: Json) -> Iterator[Html]:
    content = response["content"]["application/json"]
    yield element("h4", "Answer ", element("span", status, class_="ok"), " ", in_words(content["schema"]))
    yield prose(response["description"])
    names = [element("code", name) for name in response["headers"]]
    yield element("p", "With the headers ", joined(*names, by=", "), ".")
    yield from _example("Example", content.get("example"))


def _example(title: str, value: Any) -> Iterator[Html]:
    if value is not None:
        yield element("details", element("summary", title), element("pre", element("code", pretty(value))))


def _refusal_rows(response: Json, without: frozenset[str] | set[str] = frozenset()) -> Iterator[tuple[Html, ...]]:
    for code, example in _problems(response).items():
        if code not in without:
            status = str(example["value"]["status"])
            yield element("span", status, class_="refused"), element("code", code), inline(example["summary"])


def _problems(response: Json) -> dict[str, Json]:
    examples: dict[str, Json] = response["content"]["application/problem+json"]["examples"]
    return examples


def _schema(name: str, schema: Schema) -> Html:
    values = [element("code", value) for value in schema.get("enum", ())]
    return element(
        "section",
        element("h3", name),
        prose(schema.get("description", "")),
        *([element("p", joined(*values, by=" · "))] if values else []),
        fields(schema),
        id=f"schema-{name}",
        class_="schema",
    )


def _route(method: str, path: str) -> Html:
    return joined(element("span", method.upper(), class_=f"method {method}"), element("code", path), by=" ")


def _link(operation: Json) -> Html:
    return element("a", operation["summary"], href=f"#{operation['operationId']}")


def _name_of(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
