"""What clients answer to the read-only tools, read leniently: a result may be cut, or shaped by another client."""

import json
import re
from dataclasses import dataclass
from typing import Any

from domain.model.value import JsonObject

MAX_ITEMS = 2000
MAX_FAILURES = 50
LINE_CHARACTERS = 300

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(r",\s*(?=[{\"])")
_GREP_LINE = re.compile(r"^([^\s:][^:\n]{0,400}):(\d{1,9})[:\t-][ \t]?(.*)$", re.MULTILINE)
_CUT = re.compile(r"\n\[… \d+ characters left out …\]\n")
_LIST_NAMES = ("matches", "results", "hits", "files", "entries", "items")


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that a search found; `line` is counted from 1."""

    path: str
    line: int
    text: str


def hits(content: str) -> tuple[Hit, ...]:
    """Return the lines a search found, in its order: JSON objects or `path:line:text`.

    >>> hits('[{"path": "a.py", "line": 3, "text": "class A:"}]')
    (Hit(path='a.py', line=3, text='class A:'),)
    >>> hits("a.py:3:class A:")
    (Hit(path='a.py', line=3, text='class A:'),)
    """
    items = _items(content)
    found = [_hit(item) for item in items if isinstance(item, dict)]
    grepped = "\n".join(item for item in items if isinstance(item, str)) if items else content
    if not any(found):
        found = [
            Hit(match[1], int(match[2]), match[3][:LINE_CHARACTERS])
            for match, _ in zip(_GREP_LINE.finditer(grepped), range(MAX_ITEMS), strict=False)
        ]
    return tuple(dict.fromkeys(hit for hit in found if hit))


def entries(content: str) -> tuple[str, ...]:
    """Return the paths of a listing, in its order; folders end with a slash.

    >>> entries('["src/", "README.md"]')
    ('src/', 'README.md')
    """
    items = _items(content)
    if not items and not content.lstrip().startswith(("[", "{")):
        items = content.splitlines()[:MAX_ITEMS]
    named = (item if isinstance(item, str) else _entry(item) for item in items)
    return tuple(name for name in named if name.strip())


def lines(content: str) -> tuple[list[str], bool]:
    r"""Return the lines of a text and whether it is whole: what is shown to a model may lack its middle.

    Lines end at a line feed only, as editors and compilers count them.

    >>> lines("a\nb\n")
    (['a', 'b'], True)
    """
    cut = _CUT.search(content)
    text = (content[: cut.start()] if cut else content).removesuffix("\n")
    return [line.removesuffix("\r") for line in text.split("\n")] if text else [], cut is None


def fields(content: str) -> JsonObject:
    """Return a result that is a JSON object, `{}` when it is not."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _items(content: str) -> list[Any]:
    """Return the items of a JSON list, also of one inside an object, and also when pieces of the text are missing."""
    whole = fields(content)
    for name in _LIST_NAMES:
        if isinstance(whole.get(name), list):
            return list(whole[name][:MAX_ITEMS])
    start = len(content) - len(content.lstrip())
    return _scan(content, start + 1) if content.startswith("[", start) else []


def _scan(text: str, position: int) -> list[Any]:
    found: list[Any] = []
    failures = 0
    while len(found) < MAX_ITEMS and failures < MAX_FAILURES:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text) or text[position] == "]":
            break
        try:
            item, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            failures += 1
            following = _NEXT_ITEM.search(text, position + 1)
            position = following.end() if following else len(text)
        else:
            found.append(item)
    return found


def _hit(item: JsonObject) -> Hit | None:
    path = item.get("path", item.get("file"))
    line = item.get("line", item.get("line_number"))
    text = item.get("text", item.get("content", ""))
    if not isinstance(path, str) or not path or isinstance(line, bool) or not isinstance(line, int) or line < 1:
        return None
    return Hit(path, line, text[:LINE_CHARACTERS].rstrip("\r\n") if isinstance(text, str) else "")


def _entry(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    name = item.get("path", item.get("name"))
    if not isinstance(name, str):
        return ""
    is_folder = item.get("is_dir") or item.get("is_directory") or item.get("type") in {"dir", "directory", "folder"}
    return f"{name.rstrip('/')}/" if is_folder else name
