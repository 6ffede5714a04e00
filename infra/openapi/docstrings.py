"""Docstrings as data: what the code says about itself is what its callers read."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

_SECTION = re.compile(r"(Args|Attributes|Example|Examples|Note|Notes|Raises|Returns|Source|Yields):")
_ENTRY = re.compile(r" {4}(?P<name>\w+): (?P<text>\S.*)")
_INDENTED = " " * 4
_CONTINUED = " " * 8


class DocstringError(Exception):
    """A section is not written as Google style has it, so something in it would be lost."""


@dataclass(frozen=True)
class Docstring:
    """A docstring, taken apart.

    Attributes:
        summary: The first line.
        description: The paragraphs between it and the first section, without doctests.
        attributes: Entries of `Attributes:`, name to text on one line.
        raises: Entries of `Raises:`, class name to trigger on one line.
    """

    summary: str = ""
    description: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    raises: Mapping[str, str] = field(default_factory=dict)


def parse(text: str | None) -> Docstring:
    r"""Take a Google-style docstring apart.

    Raises:
        DocstringError: a line of `Attributes:` or `Raises:` is neither an entry nor the continuation of one.

    >>> parse("Say it.\n\nRaises:\n    SessionNotFound: no such\n        session.").raises
    {'SessionNotFound': 'no such session.'}
    """
    head, *sections = _split(inspect.cleandoc(text or "").splitlines())
    paragraphs = "\n".join(head).strip().split("\n\n")
    entries = {lines[0].removesuffix(":"): lines[1:] for lines in sections}
    return Docstring(
        summary=_joined(paragraphs[0]),
        description="\n\n".join(_joined(said) for said in paragraphs[1:] if not said.startswith(">>>")),
        attributes=dict(_entries(entries.get("Attributes", ()))),
        raises=dict(_entries(entries.get("Raises", ()))),
    )


def attributes_of(model: type[BaseModel]) -> dict[str, str]:
    """Return what is said of a model's fields, by it or by a model it inherits from; the nearest word counts."""
    ours = [base for base in model.__mro__ if issubclass(base, BaseModel) and base is not BaseModel]
    return {name: text for base in reversed(ours) for name, text in parse(base.__doc__).attributes.items()}


def _split(lines: Sequence[str]) -> list[list[str]]:
    """Return the lines before the first section, then each section's, heading included."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if _SECTION.fullmatch(line):
            parts.append([])
        parts[-1].append(line)
    return parts


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    name, said = "", ""
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if entry:
            if name:
                yield name, said
            name, said = entry["name"], entry["text"]
        elif name and line.startswith(_CONTINUED):
            said = f"{said} {line.strip()}"
        elif not line.strip():
            continue
        elif line.startswith(_INDENTED):
            raise DocstringError(f"not `name: text`: {line.strip()}")
        else:
            # Prose after the section, as a doctest is.
            break
    if name:
        yield name, said


def _joined(paragraph: str) -> str:
    return " ".join(paragraph.split())
