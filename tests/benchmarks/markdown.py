"""Tables in Markdown, and blocks of a page that a command writes."""

import re
from collections.abc import Iterable, Sequence


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column is text and whose others are figures.

    >>> print(markdown_table(("Operation", "Requests"), [("AddMessage", "2")]))
    | Operation | Requests |
    |---|--:|
    | AddMessage | 2 |
    """
    ruler = f"|---|{'--:|' * (len(headings) - 1)}"
    return "\n".join((_line(headings), ruler, *map(_line, rows)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def block_of(page: str, name: str) -> str:
    """Return what stands between the markers of a block.

    >>> block_of("Before <!-- bench -->figures<!-- /bench --> after", "bench")
    'figures'

    Raises:
        ValueError: the page has no such block, or two of them.
    """
    return _found(page, name).group(1)


def with_block(page: str, name: str, content: str) -> str:
    """Return the page with other content between the markers of a block.

    Raises:
        ValueError: the page has no such block, or two of them.
    """
    found = _found(page, name)
    return page[: found.start(1)] + content + page[found.end(1) :]


def _found(page: str, name: str) -> re.Match[str]:
    blocks = list(re.finditer(rf"<!-- {name} -->(.*?)<!-- /{name} -->", page, flags=re.DOTALL))
    if len(blocks) != 1:
        raise ValueError(f"One block <!-- {name} --> … <!-- /{name} --> was expected, {len(blocks)} were found.")
    return blocks[0]
