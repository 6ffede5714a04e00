# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""What a message mentions: paths, folders, quoted texts, line ranges, language."""

import re
from collections.abc import Iterator

from functions.adapters.models.offline import vocabulary
from functions.adapters.models.offline.vocabulary import NO_FOLDER

_PIECE = r"[\w@~+.-]{1,100}"
# Lengths are bounded everywhere: a message may be one word of 100 000 characters.
_PATH = re.compile(
    rf"(?<![\w@~+./*-])(?:{_PIECE}(?:/{_PIECE}){{1,30}}/?|{_PIECE}/(?![\w/])"
    rf"|[\w@+-][\w@+.-]{{0,100}}\.(?i:{'|'.join(vocabulary.EXTENSIONS)})(?![\w/])"
    r"|\.[a-z][\w-]{0,100}(?![\w/])"
    r"|(?:Makefile|Dockerfile|LICENSE|README|CHANGELOG|CONTRIBUTING|Procfile|Jenkinsfile)(?![\w.]))"
)
_MARKDOWN_NAMES = {"README", "CHANGELOG", "CONTRIBUTING"}
_FENCE = re.compile(r"```[^\n`]*\n(.*?)\n?```", re.DOTALL)
_QUOTED = re.compile(
    r"`([^`\n]{1,500})`|\"([^\"]{1,5000})\"|«([^«»]{1,5000})»|“([^“”]{1,5000})”|(?<!\w)'([^'\n]{1,5000})'(?!\w)"
)
_LINES = re.compile(
    r"\b(?:lines?|строк[аиу]?|строки с)\s+(\d{1,7})(?:\s*(?:-|–|to|through|until|and|по|до)\s*(\d{1,7}))?",
    re.IGNORECASE,
)
_FOLDER_BEFORE = re.compile(r"(?<![\w@+./-])([\w@+./-]{1,100})\s{1,9}(?:folder|directory)\b", re.IGNORECASE)
_FOLDER_AFTER = re.compile(
    r"\b(?:in|inside|under|within|folder|directory|в|внутри|из|папк[еиуа]|каталог[еа]?|директори[июя])\s+"
    r"(?:(?:the|this|my|our|folder|directory|dir|called|named|папк[еиу]|каталоге?|директори[ию])\s+)*"
    r"([\w@+./-]{1,100})",
    re.IGNORECASE,
)
_GLOB = re.compile(r"(?<![\w/.*-])[\w.-]{0,100}\*[\w.*-]{0,100}")
_KIND_OF_FILE = {
    "python": "*.py",
    "markdown": "*.md",
    "typescript": "*.ts",
    "javascript": "*.js",
    "json": "*.json",
    "yaml": "*.yaml",
    "toml": "*.toml",
}
_KIND = re.compile(rf"\b({'|'.join(_KIND_OF_FILE)})[ -]?(?:files?|файл\w*)", re.IGNORECASE)
_ARTICLES = re.compile(r"\s*(?:(?:the|this|my|a|new|file|файл\w*|новый|этот)\s+)*", re.IGNORECASE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def places(text: str) -> Iterator[tuple[str, int]]:
    """Yield the paths that a text names, with where they begin."""
    for match in _PATH.finditer(text):
        path = match[0].rstrip(".")
        if path.strip("./~"):
            yield f"{path}.md" if path in _MARKDOWN_NAMES else path, match.start()


def paths(text: str) -> tuple[str, ...]:
    """Return the paths that a text names, in order, each once; folders may end with a slash.

    >>> paths("Compare README with src/app.py, then Node's e.g. and SessionLock.acquire.")
    ('README.md', 'src/app.py')
    """
    return tuple(dict.fromkeys(path for path, _ in places(text)))


def leading_path(text: str) -> tuple[str, str] | None:
    """Return the path that a text begins with, quoted or not, and what follows; None when it begins otherwise.

    >>> leading_path(" the file `a.py` to b.py")
    ('a.py', ' to b.py')
    """
    opening = _ARTICLES.match(text)
    start = opening.end() if opening else 0
    quote = _QUOTED.match(text, start)
    if quote:
        inner = quoted(quote[0])[0]
        return (inner, text[quote.end() :]) if paths(inner) == (inner,) else None
    path = _PATH.match(text, start)
    return (next(places(path[0]))[0], text[start + len(path[0].rstrip(".")) :]) if path and paths(path[0]) else None


def is_file(path: str) -> bool:
    """Tell whether a path looks like a file rather than a folder.

    >>> is_file("src/app.py"), is_file("src/app"), is_file("docs/"), is_file("Makefile"), is_file(".gitignore")
    (True, False, False, True, True)
    """
    name = path.rsplit("/", 1)[-1]
    return "." in name or name[:1].isupper()


def without_paths(text: str) -> str:
    """Return the text with a space in place of every path."""
    return _PATH.sub(" ", text)


def folder(text: str) -> str:
    """Return the folder that a text names, `.` when it names none.

    >>> folder("list the files in the domain folder"), folder("какие файлы в папке docs/adr?"), folder("list files")
    ('domain', 'docs/adr', '.')
    """
    spelled = [path for path in paths(text) if "/" in path or path.startswith(".")]
    near = [match[1] for pattern in (_FOLDER_BEFORE, _FOLDER_AFTER) for match in pattern.finditer(text)]
    candidates = (name.rstrip("./") for name in (*spelled, *near))
    return next((name for name in candidates if name and name.lower() not in NO_FOLDER and "*" not in name), ".")


def pattern(text: str) -> str:
    """Return the glob that a text asks for, empty when it asks for none.

    >>> pattern("list all *.toml"), pattern("list the Python files"), pattern("list files")
    ('*.toml', '*.py', '')
    """
    glob = _GLOB.search(text)
    if glob and glob[0].strip("*"):
        return glob[0]
    kind = _KIND.search(text)
    return _KIND_OF_FILE[kind[1].lower()] if kind else ""


def quoted(text: str) -> tuple[str, ...]:
    """Return the texts in quotes or backticks, without them, in order.

    >>> quoted('run `ls -la` and say "hi"')
    ('ls -la', 'hi')
    """
    return tuple(next(part for part in match.groups() if part) for match in _QUOTED.finditer(text))


def blanked(text: str) -> str:
    """Return the text, as long as before, with spaces in place of everything quoted or fenced."""
    return _QUOTED.sub(_spaces, _FENCE.sub(_spaces, text))


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def fenced(text: str) -> str | None:
    """Return the first block between triple backticks, None when there is none."""
    block = _FENCE.search(text)
    return block[1] if block else None


def line_range(text: str) -> tuple[int, int] | None:
    """Return first and last line asked for, in this order and ≥ 1; None when no lines are named.

    >>> line_range("read lines 20-10 of a.py"), line_range("line 7"), line_range("all lines")
    ((10, 20), (7, 7), None)
    """
    named = _LINES.search(text)
    if not named:
        return None
    first, last = sorted((max(1, int(named[1])), max(1, int(named[2] or named[1]))))
    return first, last


def is_russian(text: str) -> bool:
    """Tell whether a text is to be answered in Russian: what it quotes and the paths it names do not count."""
    return bool(_CYRILLIC.search(without_paths(blanked(text))))
