"""The client takes what the service's schemas offer: the same names, defaults and limits."""

from pathlib import Path
from typing import Any

import pytest
from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from clients.folder import Folder
from clients.tools.arguments import Arguments
from clients.tools.create_directory import CreateDirectory
from clients.tools.delete_file import DeleteFile
from clients.tools.execute_command import ExecuteCommand
from clients.tools.list_files import ListFiles
from clients.tools.move_file import MoveFile
from clients.tools.read_file import ReadFile
from clients.tools.search_tool import SearchInCode
from clients.tools.tool import Tool
from clients.tools.write_file import WriteFile
from domain.model.tools import TOOLS
from domain.model.tools.tool import Where

AT_CLIENT: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        ReadFile(),
        ListFiles(),
        SearchInCode(),
        WriteFile(),
        CreateDirectory(),
        DeleteFile(),
        MoveFile(),
        ExecuteCommand({}),
    )
}


class AllReadError(Exception):
    """The tool has asked for everything it knows."""


class Asked(Arguments):
    """Notes what a tool asks for instead of carrying anything out."""

    def __init__(self) -> None:
        super().__init__({})
        self.defaults: dict[str, Any] = {}
        self.limits: dict[str, tuple[int, int | None]] = {}

    def text(self, name: str, default: str | None = None) -> str:
        self.defaults[name] = default
        return default or "x"

    def whole(self, name: str, default: int | None, *, least: int, most: int | None = None) -> int | None:
        self.defaults[name], self.limits[name] = default, (least, most)
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        self.defaults[name] = default
        return default

    def finish(self) -> None:
        raise AllReadError


def asked(tool: str, folder: Path) -> Asked:
    """Return what a client tool asks for."""
    arguments = Asked()
    with pytest.raises(AllReadError):
        AT_CLIENT[tool].run(Folder(folder), arguments)
    return arguments


def test_every_client_tool_is_known_when_the_service_declares_it() -> None:
    """None is missing on either side."""
    assert set(AT_CLIENT) == {tool.name for tool in TOOLS.values() if tool.where is Where.CLIENT}


@pytest.mark.parametrize("tool", AT_CLIENT)
def test_client_and_schema_agree_when_arguments_are_left_out(tool: str, folder: Path) -> None:
    """What the schema calls the default is what the client does; everything of a pattern is `**` there, null here."""
    fields = TOOLS[tool].arguments.model_fields
    found = asked(tool, folder)

    assert set(found.defaults) == set(fields)
    for name, field in fields.items():
        default = None if field.is_required() else field.default
        assert (found.defaults[name], default) == ("**", None) or found.defaults[name] == default, name


@pytest.mark.parametrize("tool", AT_CLIENT)
def test_client_and_schema_agree_when_a_number_has_limits(tool: str, folder: Path) -> None:
    """Neither lets through what the other refuses."""
    for name, limits in asked(tool, folder).limits.items():
        assert _limits(TOOLS[tool].arguments.model_fields[name]) == limits, name


def _limits(field: FieldInfo) -> tuple[int | None, int | None]:
    least = next((rule.ge for rule in field.metadata if isinstance(rule, Ge)), None)
    most = next((rule.le for rule in field.metadata if isinstance(rule, Le)), None)
    return least, most  # type: ignore[return-value]  # of whole numbers
