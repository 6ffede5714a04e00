"""Text from elsewhere, safe to print."""

import unicodedata

# What a terminal obeys instead of showing, and what makes text look like other text: controls, marks of direction,
# characters without width, line separators, halves of characters, private ones.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_PLAIN = frozenset("\n\t")
_JOINER = "\u200d"  # holds emoji together; without effect elsewhere


def visible(text: str) -> str:
    r"""Return `text` with every character that would not show as itself written out.

    Who decides by what is shown must see what is there, and no file or model may move the cursor.

    >>> print(visible("rm \x1b[2K\u202e/x"))
    rm \x1b[2K\u202e/x
    """
    return "".join(one if _shows(one) else one.encode("unicode_escape").decode() for one in text)


def one_line(text: str, longest: int) -> str:
    r"""Return `text` visible, on one line, cut when long.

    >>> one_line("a\n  b", 10), one_line("abcdef", 4)
    ('a b', 'abc…')
    """
    line = visible(" ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _shows(character: str) -> bool:
    return character in _PLAIN or character == _JOINER or unicodedata.category(character) not in _HIDDEN
