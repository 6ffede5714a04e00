"""The page holds everything of the document and needs nothing else."""

import re
from html.parser import HTMLParser

import pytest

from domain.model.events import FACTS
from functions.runtime.problems import STATUSES
from infra.openapi.document import document
from infra.openapi.markup import element, inline, prose, table
from infra.openapi.page import page
from infra.openapi.schemas import Schema
from infra.openapi.words import bounds, in_words
from tests.support.api_contract import routes

DOCUMENT = document()
PAGE = page(DOCUMENT)
VOID = {"meta"}


class _Reader(HTMLParser):
    """Reads a page, and notices an element that is not closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links |= {given["href"] or ""} if "href" in given else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


READ = _Reader(PAGE)


def test_page_is_well_formed_html() -> None:
    """Every element is closed in its turn, and the document says its language and its width."""
    assert READ.open == []
    assert PAGE.startswith('<!doctype html>\n<html lang="en">')
    assert 'name="viewport"' in PAGE


def test_page_needs_nothing_from_anywhere() -> None:
    """No script, no image, no style sheet, no font: it reads the same without a network."""
    assert not READ.tags & {"script", "link", "img", "iframe", "object", "embed"}
    assert not re.search(r"url\(|@import|src=", PAGE)
    assert READ.links >= {"openapi.json", "conversation.md"}
    assert not [link for link in READ.links if "://" in link]


def test_every_link_leads_somewhere() -> None:
    """An anchor that is named once is what each link within the page points at."""
    within = {link.removeprefix("#") for link in READ.links if link.startswith("#")}

    assert within <= set(READ.ids)
    assert len(set(READ.ids)) == len(READ.ids)


def test_page_tells_every_operation_schema_fact_and_code() -> None:
    """What the document has can be found on the page."""
    assert {row.name for row, _ in routes()} <= set(READ.ids)
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(READ.ids)
    assert {f"schema-{name}" for name in FACTS} <= set(READ.ids)
    assert [code for code in STATUSES if code not in READ.text] == []
    assert [route.path for _, route in routes() if route.path not in READ.text] == []


def test_page_repeats_no_markup_of_a_description() -> None:
    """What a description says is text, whatever it looks like."""
    info = DOCUMENT["info"] | {"description": "<script>alert()</script> & `<b>`"}

    told = _Reader(page(DOCUMENT | {"info": info}))

    assert "script" not in told.tags
    assert "<script>alert()</script> & <b>" in told.text


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "any JSON"),
        ({"type": "integer"}, "integer"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"type": ["number", "null"]}, "number or null"),
        ({"const": "true", "type": "string"}, 'always <code>"true"</code>'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"$ref": "#/components/schemas/Turn"}, '<a href="#schema-Turn">Turn</a>'),
    ],
)
def test_type_is_told_in_words(schema: Schema, words: str) -> None:
    """A reader needs no JSON Schema."""
    assert in_words(schema) == words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, ""),
        ({"minLength": 1, "maxLength": 100_000}, "1–100\u202f000 characters"),
        ({"minLength": 1}, "1 or more characters"),
        ({"maxLength": 400}, "up to 400 characters"),
        ({"minimum": 0, "maximum": 20, "default": 0}, "0–20, <code>0</code> when left out"),
        ({"pattern": r"\S"}, "not blank"),
        ({"pattern": "^a&b$"}, "fits <code>^a&amp;b$</code>"),
        ({"default": "enqueue"}, "<code>enqueue</code> when left out"),
        ({"default": False}, "<code>false</code> when left out"),
    ],
)
def test_limits_are_told_in_words(schema: Schema, words: str) -> None:
    """Only limits that are there are told."""
    assert bounds(schema) == words


def test_text_is_escaped_once() -> None:
    """Text becomes HTML where it is put, and HTML stays what it is."""
    said = element("p", inline("a < `b > c` & **d**"), title='"x" & y')

    assert said == ('<p title="&quot;x&quot; &amp; y">a &lt; <code>b &gt; c</code> &amp; <strong>d</strong></p>')


def test_prose_is_paragraphs_and_a_table_without_rows_is_nothing() -> None:
    """Lines of a paragraph flow; there is no head without a body."""
    assert prose("one\ntwo\n\nthree\n") == "<p>one two</p><p>three</p>"
    assert table(("A",), []) == ""
