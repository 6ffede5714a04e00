"""`python -m infra.openapi [FOLDER]`: writes openapi.json, api.html and agents.md into `docs`, or another folder."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.layout import ROOT
from infra.openapi.agents import agents_page
from infra.openapi.document import document, written
from infra.openapi.page import page

DOCS = ROOT / "docs"


def made() -> Mapping[str, str]:
    """Return the text of each file by its name."""
    described = document()
    return {"openapi.json": written(described), "api.html": page(described), "agents.md": agents_page()}


def main(arguments: Sequence[str]) -> int:
    """Write the files.

    Args:
        arguments: The folder to write into; `docs` when there is none.

    Returns:
        The exit code, always 0.
    """
    folder = Path(arguments[0]) if arguments else DOCS
    for name, text in made().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text.encode()) / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
