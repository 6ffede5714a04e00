"""Just enough HTML to write a page with: elements, escaped text, and the few marks that descriptions use."""

import re
from collections.abc import Iterable
from html import escape

_MARKS = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*")
_EMPTY = frozenset({"meta", "link", "br"})


class Html(str):
    """Text that is HTML already; any other is escaped where it is put."""

    __slots__ = ()


def element(name: str, /, *content: str, by: str = "", **attributes: str) -> Html:
    """Return an element.

    Args:
        name: Of the element.
        content: What is in it, in order.
        by: What parts the contents, lines for example.
        attributes: By name; a trailing underscore is dropped, any other stands for a hyphen.

    >>> element("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    """
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    opened = f"<{name}{given}>"
    return Html(opened if name in _EMPTY else f"{opened}{joined(*content, by=by)}</{name}>")


def joined(*content: str, by: str = "") -> Html:
    """Return contents one after the other, with `by`, which is HTML, between them."""
    return Html(by.join(part if isinstance(part, Html) else escape(part, quote=False) for part in content))


def inline(text: str) -> Html:
    """Return a line with its code and its strong words.

    >>> inline("**Now** send `after`.")
    '<strong>Now</strong> send <code>after</code>.'
    """
    parts: list[str] = []
    at = 0
    for mark in _MARKS.finditer(text):
        parts += [
            text[at : mark.start()],
            element("code", mark["code"]) if mark["code"] else element("strong", mark["strong"]),
        ]
        at = mark.end()
    return joined(*parts, text[at:])


def prose(text: str) -> Html:
    """Return paragraphs, which empty lines part."""
    return joined(*(element("p", inline(" ".join(part.split()))) for part in text.split("\n\n") if part.strip()))


def table(heads: tuple[str, ...], rows: Iterable[tuple[Html, ...]]) -> Html:
    """Return a table, or nothing when it has no rows; cells know their column's name, so that they can be stacked."""
    body = [
        element("tr", *(element("td", cell, data_label=head) for head, cell in zip(heads, row, strict=True)))
        for row in rows
    ]
    if not body:
        return Html()
    head = element("tr", *(element("th", head, scope="col") for head in heads))
    return element("table", element("thead", head), element("tbody", *body))
