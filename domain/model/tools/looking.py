"""Tools that look at the client's files."""

from pydantic import Field

from domain.model.tools.paths import Path
from domain.model.tools.tool import Arguments, Tool, Where


class ReadFile(Arguments):
    """Read a text file, whole or from start_line to end_line (1-based, inclusive)."""

    path: Path
    encoding: str = Field("utf-8", max_length=40)
    start_line: int | None = Field(None, ge=1)
    end_line: int | None = Field(None, ge=1)


class ListFiles(Arguments):
    """List the files of a folder as paths relative to the project; folders end with a slash."""

    path: Path
    recursive: bool = False
    include_hidden: bool = False
    pattern: str | None = Field(None, max_length=400)


class SearchInCode(Arguments):
    """Search the text of the project's files; each match comes with path, line number and line."""

    query: str = Field(min_length=1, max_length=2000)
    path: Path = "."
    file_pattern: str | None = Field(None, max_length=400)
    case_sensitive: bool = False
    regex: bool = False
    max_results: int = Field(100, ge=1, le=1000)


LOOKING = (
    Tool("read_file", ReadFile, Where.CLIENT),
    Tool("list_files", ListFiles, Where.CLIENT),
    Tool("search_in_code", SearchInCode, Where.CLIENT),
)
"""They change nothing, so nobody is asked."""
