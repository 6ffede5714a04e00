"""Glob patterns over relative paths."""

from fnmatch import fnmatchcase


class Glob:
    """A pattern: `*`, `?` and `[…]` within a name, `**` for any number of folders.

    Without a slash it is matched against the name alone, with one against the whole path. Case counts. Matching takes
    time proportional to the product of both lengths at worst, whatever the pattern.

    >>> Glob("*.py").matches("a/b.py"), Glob("a/*.py").matches("a/b/c.py"), Glob("a/**/*.py").matches("a/b.py")
    (True, False, True)
    """

    def __init__(self, pattern: str) -> None:
        parts = [part for part in pattern.split("/") if part not in {"", "."}]
        # A bare name may lie anywhere; two `**` in a row mean what one means.
        parts = parts if "/" in pattern.removeprefix("./").rstrip("/") else ["**", *parts]
        self._parts = [part for index, part in enumerate(parts) if part != "**" or parts[index - 1 : index] != ["**"]]

    def matches(self, path: str) -> bool:
        """Return whether a relative path with forward slashes fits; a slash at its end is passed over."""
        # `reached` holds how many pattern parts can have been used up by the names so far.
        reached = self._skip({0})
        for name in path.rstrip("/").split("/"):
            following: set[int] = set()
            for at in reached:
                if at == len(self._parts):
                    continue
                if self._parts[at] == "**":
                    following.add(at)
                elif fnmatchcase(name, self._parts[at]):
                    following.add(at + 1)
            reached = self._skip(following)
        return len(self._parts) in reached

    def _skip(self, reached: set[int]) -> set[int]:
        """Add what is reached when a `**` stands for no folder at all."""
        return reached | {at + 1 for at in reached if at < len(self._parts) and self._parts[at] == "**"}
