"""Every tool: its arguments with their limits, where it runs, what it is for. The JSON schemas come from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.model.agent import AgentType
from domain.model.llm import ToolSpec
from domain.model.value import JsonObject

PATH_ERROR = "path_not_allowed"


class Where(StrEnum):
    """Who carries a tool out."""

    CLIENT = "client"
    SERVER = "server"


def relative_path(path: str) -> str:
    """Return `path` normalised, inside the client's folder.

    Raises:
        PydanticCustomError: absolute, with `..`, or with a NUL; a Windows drive counts as absolute.

    >>> relative_path("./src//app.py")
    'src/app.py'
    """
    normal = path.replace("\\", "/")
    parts = PurePosixPath(normal).parts
    if normal.startswith("/") or ":" in normal[:3] or ".." in parts or "\0" in normal:
        raise PydanticCustomError(PATH_ERROR, "the path must lie inside the folder: relative, without '..'")
    return str(PurePosixPath(*parts)) if parts else "."


Path = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(relative_path)]


class Arguments(BaseModel):
    """Arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


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


class SwitchMode(Arguments):
    """Hand the task to another agent, when it needs what you may not do."""

    mode: AgentType
    reason: str = Field("Task requires different agent capabilities", max_length=2000)


class AttemptCompletion(Arguments):
    """Give the final answer and end the task. Call it alone, once everything is done."""

    result: str = Field(min_length=1, max_length=100_000)


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        arguments: Validates and describes its arguments; its docstring is what the model reads.
        must_be_alone: It ends or redirects the turn, so no other call may stand beside it.
    """

    name: str
    arguments: type[Arguments]
    where: Where
    must_be_alone: bool = False

    def spec(self) -> ToolSpec:
        """Return the tool as a model sees it."""
        return _spec(self)


@cache
def _spec(tool: Tool) -> ToolSpec:
    return ToolSpec(name=tool.name, description=tool.arguments.__doc__ or "", parameters=plain_schema(tool.arguments))


def plain_schema(model: type[BaseModel]) -> JsonObject:
    """Return a JSON schema without `$ref`, titles or null alternatives, which some providers refuse."""
    schema = model.model_json_schema()
    plain: JsonObject = _plain(schema, schema.get("$defs", {}))
    return plain


def _plain(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    choices = [choice for choice in node.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        node = {**node, **choices[0]}
        node.pop("anyOf")
        node.pop("default", None)
    return {
        name: {field: _plain(schema, definitions) for field, schema in value.items()}
        if name == "properties"
        else _plain(value, definitions)
        for name, value in node.items()
        if name not in {"$defs", "title", "description"}
    }


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("read_file", ReadFile, Where.CLIENT),
        Tool("list_files", ListFiles, Where.CLIENT),
        Tool("search_in_code", SearchInCode, Where.CLIENT),
        Tool("switch_mode", SwitchMode, Where.SERVER, must_be_alone=True),
        Tool("attempt_completion", AttemptCompletion, Where.SERVER, must_be_alone=True),
    )
}
"""Every tool by name."""
