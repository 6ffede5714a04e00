"""Which of the lines that a search found answers the question best."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from functions.adapters.models.offline.results import Hit
from functions.adapters.models.offline.terms import KEYWORDS, TYPE_KEYWORDS, Quest, last_part

_DEFINITION = re.compile(
    r"\s*(?:(?:export|default|public|private|protected|internal|static|abstract|final|async|pub)\s+)*"
    rf"({KEYWORDS})\s+(?:\([^)]*\)\s*)?([A-Za-z_$][\w$]*)"
)
_ASSIGNMENT = re.compile(r"[\"']?([A-Za-z_$][\w$.-]*)[\"']?\s*(?::\s|=(?![=>]))|\s+[\"']([A-Za-z_$][\w$.-]*)[\"']:\s")
"""At the beginning of a line, or an indented key in quotes: other indented assignments are mostly local variables."""
_HUMPS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_a-zA-Z]+|\d+")
_INTERFACE = re.compile(r"Protocol|\bABC\b|\babstract\b|\binterface\b|@overload")
_TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|testing|e2e)/|(?:^|/)(?:test_|conftest)|[._-](?:test|spec)\.\w+$"
)
_VENDORED_PATH = re.compile(r"(?:^|/)(?:node_modules|\.?venv|site-packages|vendor|dist|build|\.[a-z][\w.-]*)/")
_CODE = frozenset(
    {".py", ".pyi", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".go", ".rs", ".java", ".kt", ".scala", ".c", ".cc", ".cpp"}
    | {".h", ".hpp", ".cs", ".rb", ".php", ".swift"}
)
_PROSE = frozenset({".md", ".rst", ".txt", ".adoc"})
_TYPES = frozenset(TYPE_KEYWORDS.split("|"))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit and what speaks for it.

    Attributes:
        coverage: How much of what was asked for stands in line and path.
        name: What the line defines, when that was asked for; else empty.
        is_answer: It defines something whose name, with its path, has everything that was asked for.
    """

    hit: Hit
    score: float
    coverage: int
    name: str = ""
    is_answer: bool = False

    @property
    def place(self) -> str:
        """Path and line as people write them."""
        return f"{self.hit.path}:{self.hit.line}"


def rank(hits: Iterable[Hit], quest: Quest) -> list[Ranked]:
    """Return the hits, best first; equal ones by path and line, so the order never depends on the search.

    >>> found = [Hit("docs/a.md", 1, "the price list"), Hit("src/b.py", 9, "class PriceList:")]
    >>> [ranked.place for ranked in rank(found, Quest(words=("price", "list")))]
    ['src/b.py:9', 'docs/a.md:1']
    """
    unique = tuple({(hit.path, hit.line): hit for hit in hits}.values())
    per_file = Counter(hit.path for hit in unique)
    ranked = (_ranked(hit, quest, mentions=per_file[hit.path]) for hit in unique)
    return sorted(ranked, key=lambda item: (-item.score, item.hit.path, item.hit.line))


def tokens(text: str) -> frozenset[str]:
    """Return the lower-case words inside identifiers.

    >>> sorted(tokens("class HTTPPrice_list2:"))
    ['2', 'class', 'http', 'list', 'price']
    """
    return frozenset(hump.lower() for hump in _HUMPS.findall(text))


def _ranked(hit: Hit, quest: Quest, *, mentions: int) -> Ranked:
    keyword, name = _defined(hit.text)
    in_name, in_line, in_path = (_covered(text, quest) for text in (name, hit.text, hit.path))
    wanted = len(quest.wanted)
    score = 10.0 * len(in_line) + 3 * len(in_path) + min(mentions, 5) / 2 + _kind_of_file(hit.path, quest)
    if in_name:
        score += 8 + 6 * len(in_name) + 4 * (keyword in _TYPES) + _closeness(name, quest)
    if len(in_name) == wanted:
        score += 10
    if quest.wants_implementation and _INTERFACE.search(hit.text):
        score -= 6
    # A module named after the thing counts as much as the thing's own name.
    is_answer = bool(in_name) and len(in_name | in_path) == wanted
    return Ranked(hit, score, len(in_line | in_path), name if in_name else "", is_answer=is_answer)


def _defined(text: str) -> tuple[str, str]:
    """Return the keyword and the name of the definition on a line; `=` for an assignment, both empty for none."""
    definition = _DEFINITION.match(text)
    if definition:
        return definition[1], definition[2]
    assignment = _ASSIGNMENT.match(text)
    return ("=", assignment[1] or assignment[2]) if assignment else ("", "")


def _covered(text: str, quest: Quest) -> frozenset[str]:
    """Return what of the quest stands in a text."""
    low = text.lower()
    if quest.exact:
        last_parts = {name: last_part(name).lower() for name in quest.exact}
        return frozenset(
            name for name, part in last_parts.items() if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", low)
        )
    present = tokens(text)
    joined = "".join(quest.words)
    return frozenset(word for word in quest.words if any(token.startswith(word) for token in present) or joined in low)


def _closeness(name: str, quest: Quest) -> float:
    """Return 6 for a name that is what was asked for, and down to -3 for what it says beyond that."""
    if name.lower() in {
        "".join(quest.words),
        "_".join(quest.words),
        *(last_part(exact).lower() for exact in quest.exact),
    }:
        return 6.0
    asked = sum(len(part) for part in quest.wanted)
    return -max(0.0, min(3.0, (len(name) - asked) / 5))


def _kind_of_file(path: str, quest: Quest) -> float:
    suffix = PurePosixPath(path).suffix.lower()
    score = 3.0 if suffix in _CODE else -8.0 if suffix in _PROSE else 0.0
    if _TEST_PATH.search(path):
        score += 6 if quest.wants_tests else -30
    return score - (60 if _VENDORED_PATH.search(path) else 0)
