# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""From a question to what must be searched for."""

import re
from dataclasses import dataclass
from itertools import permutations

from domain.model.llm import RequestedCall
from domain.model.value import JsonObject
from functions.adapters.models.offline import mentions, vocabulary

MAX_WORDS = 4
MAX_RESULTS = 200
TYPE_KEYWORDS = "class|interface|struct|trait|enum|type|protocol"
KEYWORDS = f"{TYPE_KEYWORDS}|def|func|fn|function|module|namespace|const|let|var|val"
"""Words that introduce a definition in common languages."""

_IDENTIFIER = re.compile(
    r"(?<![\w.])(?:[A-Za-z_$][\w$]{0,100}\.){0,9}"
    r"(?:[A-Za-z$][\w$]*_[\w$]*|_+[A-Za-z][\w$]*|[a-z][a-z0-9]*[A-Z][\w$]*|[A-Z][a-z0-9]+[A-Z][\w$]*|[A-Za-z]+[0-9][\w$]*)"
    r"|(?<![\w.])[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]{0,100}){0,9}(?=\(\))"
    r"|(?<![\w.])[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]{0,100}){1,9}"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENDINGS = (("ing", 4), ("ed", 4), ("s", 3))
"""Endings of English words, with how many letters must stay before them."""
_NAME = re.compile(r"[\w$]+(?:\.[\w$]+)*")
_REGEX = re.compile(r"\.[*+]|\\[wsdb]|\[[^\]]+\][*+]|\w\|\w")
"""What only somebody writes who means a regular expression."""
_IMPLEMENTATION = re.compile(r"\bimplement|\bреализ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quest:
    """What is looked for.

    Attributes:
        exact: Identifiers as the user wrote them; when there are any, they alone are searched for.
        words: Lower-case stems, at most `MAX_WORDS`.
        title: The words as the user wrote them.
        path: Where to look; `.` for everywhere.
        wants_implementation: The user asked where something is implemented, so an interface is second best.
    """

    exact: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    title: str = ""
    path: str = "."
    file_pattern: str = ""
    wants_implementation: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is searched for."""
        return self.exact or self.words

    @property
    def wants_tests(self) -> bool:
        """Whether tests are what is looked for."""
        return any(word.startswith("test") for word in (*self.words, *self.exact))

    @property
    def label(self) -> str:
        """The quest as an answer names it."""
        return ", ".join(f"`{name}`" for name in self.exact) or f'"{self.title}"'

    def searches(self) -> tuple[RequestedCall, ...]:
        """Return the first searches: definitions, and every mention."""
        if self.exact:
            names = "|".join(re.escape(last_part(name)) for name in self.exact if _NAME.fullmatch(name))
            defined = (self._search(rf"\b(?:{KEYWORDS})\s+(?:{names})\b", is_regex=True),) if names else ()
            return *defined, *(self._search(name, is_regex=bool(_REGEX.search(name))) for name in self.exact)
        if len(self.words) == 1:
            return self._definitions(KEYWORDS, self.words[0]), self._search(self.words[0])
        # English turns the words of a name round: "the lock of the session" is a SessionLock.
        pairs = tuple(permutations(self.words, 2))
        return (
            self._definitions(KEYWORDS, "|".join(rf"{one}\w*{other}" for one, other in pairs)),
            self._search("|".join(rf"{one}[_\s-]?{other}" for one, other in pairs), is_regex=True),
            self._definitions(TYPE_KEYWORDS, "|".join(self.words)),
        )

    def wider_searches(self) -> tuple[RequestedCall, ...]:
        """Return the searches for when the first ones did not find everything; most are plain, for any client."""
        if self.exact:
            return tuple(self._search(part) for name in self.exact if (part := last_part(name)) != name)
        if len(self.words) == 1:
            return ()
        joined = ("".join(word.capitalize() for word in self.words), "_".join(self.words))
        plain = (self._search(text) for text in (*joined, *self.words))
        return self._definitions(KEYWORDS, "|".join(self.words)), *plain

    def _definitions(self, keywords: str, names: str) -> RequestedCall:
        return self._search(rf"\b(?:{keywords})\s+\w*(?:{names})\w*", is_regex=True)

    def _search(self, query: str, *, is_regex: bool = False) -> RequestedCall:
        arguments: JsonObject = {"query": query, "path": self.path, "max_results": MAX_RESULTS}
        if is_regex:
            arguments["regex"] = True
        if self.file_pattern:
            arguments["file_pattern"] = self.file_pattern
        return RequestedCall(tool="search_in_code", arguments=arguments)


def last_part(name: str) -> str:
    """Return what a dotted name defines, another text as it is.

    >>> last_part("Prices.parse"), last_part("e.g. this")
    ('parse', 'e.g. this')
    """
    return name.rsplit(".", 1)[-1] if _NAME.fullmatch(name) else name


def quest(text: str) -> Quest | None:
    """Return what a question is about, None when nothing in it can be searched for.

    >>> quest("Where are the price tables implemented?").words
    ('price', 'table')
    >>> quest("where is parse_price defined?").exact
    ('parse_price',)
    >>> quest("Где реализована таблица настроек?").words
    ('table', 'setting')
    """
    spelled = [part for part in mentions.quoted(text) if part.strip() and len(part) <= 200]
    rest = mentions.without_paths(mentions.blanked(text))
    found = [match[0].rstrip(".") for match in _IDENTIFIER.finditer(rest)]
    exact = tuple(dict.fromkeys([part for part in spelled if not mentions.paths(part)] + found))[:MAX_WORDS]
    stems: dict[str, str] = {}
    for word in _WORD.findall(_IDENTIFIER.sub(" ", rest)):
        stems.setdefault(_stem(word), word)
    stems.pop("", None)
    words = tuple(stems)[:MAX_WORDS]
    if not exact and not words:
        return None
    return Quest(
        exact=exact,
        words=words,
        title=" ".join(stems[word] for word in words),
        path=_place(text),
        file_pattern=mentions.pattern(mentions.blanked(text)),
        wants_implementation=bool(_IMPLEMENTATION.search(text)),
    )


def _stem(word: str) -> str:
    """Return a word as it stands in identifiers, empty when it carries no meaning of its own."""
    low = word.lower()
    if low in vocabulary.STOP:
        return ""
    english = next((english for stem, english in vocabulary.ENGLISH if low.startswith(stem)), None)
    if english:
        return english
    if low.endswith(("ss", "us", "is")):
        return low
    return next((low[: -len(end)] for end, left in _ENDINGS if low.endswith(end) and len(low) - len(end) >= left), low)


def _place(text: str) -> str:
    """Return the path in which to look: one that the text names, else everywhere."""
    named = mentions.paths(mentions.blanked(text))
    return named[0].rstrip("/") if named else "."
