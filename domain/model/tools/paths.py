"""Paths as tools take them: normalised, and inside the client's folder."""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

PATH_ERROR = "path_not_allowed"


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
