"""The tool `search_in_code` as the model calls it: a regular expression runs in a process that can be stopped."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from clients.folder import Folder
from clients.tools.arguments import Arguments
from clients.tools.outcome import ToolRefused
from clients.tools.search_in_code import Search, search

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]
# `-I` keeps the searched folder, which may be the current one, and the environment out of the import path; a file
# named like a module of ours would run otherwise.
_START = (
    sys.executable,
    "-I",
    "-c",
    "import sys; sys.path.insert(0, sys.argv[1]); from clients.tools.search_tool import main; main()",
    str(_PACKAGE_PARENT),
)


class SearchInCode:
    """Finds lines in the files of a folder; see `search` for what is passed over."""

    name = "search_in_code"
    narrowing = "lower max_results, name a smaller folder as path, or give a file_pattern"

    def __init__(self, *, regex_seconds: float = 20.0, command: Sequence[str] = _START) -> None:
        """Let a regular expression take `regex_seconds`: some take longer than a lifetime on a single line.

        Args:
            regex_seconds: After this long the process is killed.
            command: Starts the process: an order on its standard input, a report on its standard output.
        """
        self._regex_seconds = regex_seconds
        self._command = tuple(command)

    def run(self, folder: Folder, arguments: Arguments) -> list[dict[str, Any]]:
        """Return `{path, line, text}` of each hit in the order of path and line."""
        wanted = Search(
            query=arguments.text("query"),
            path=arguments.text("path", "."),
            file_pattern=arguments.text("file_pattern", "**"),
            is_case_sensitive=arguments.flag("case_sensitive"),
            is_regex=arguments.flag("regex"),
            max_results=arguments.whole("max_results", 100, least=1, most=1000) or 100,
        )
        arguments.finish()
        if wanted.is_regex:
            return self._run_apart(folder, wanted)
        return [asdict(hit) for hit in search(folder, wanted)]

    def _run_apart(self, folder: Folder, wanted: Search) -> list[dict[str, Any]]:
        order = json.dumps({"root": str(folder.root), "wanted": asdict(wanted)})
        try:
            done = subprocess.run(
                self._command, input=order.encode(), capture_output=True, check=False, timeout=self._regex_seconds
            )
        except subprocess.TimeoutExpired as error:
            raise ToolRefused(
                f"The search took longer than {self._regex_seconds:g} s; make the regular expression simpler, or name "
                "a smaller folder as `path`."
            ) from error
        if done.returncode != 0:
            raise ToolRefused("The search broke off; make the regular expression simpler.")
        report = json.loads(done.stdout)
        if "refused" in report:
            raise ToolRefused(report["refused"])
        hits: list[dict[str, Any]] = report["hits"]
        return hits


def carry_out(order: str) -> str:
    """Return the report of one search, both JSON: `{hits}`, or `{refused}` with the reason."""
    given = json.loads(order)
    try:
        return json.dumps(
            {"hits": [asdict(hit) for hit in search(Folder(Path(given["root"])), Search(**given["wanted"]))]}
        )
    except ToolRefused as refusal:
        return json.dumps({"refused": str(refusal)})
    except OSError as error:
        return json.dumps({"refused": error.strerror})


def main() -> None:
    """Carry out the order on standard input and report on standard output."""
    sys.stdout.write(carry_out(sys.stdin.read()))
