"""What packages load at every start and no function ever uses, left out until somebody does: 50 modules of 460.

`functions/__init__.py` does this in Lambda, before anything else is imported. A module that stands in has the few names
that are asked of it at every start; when any other is asked for, the real one is loaded in its place, so nothing
breaks when a package changes: the start only takes longer, and the gate of `tests/benchmarks` says so.
"""

import sys
from collections.abc import Mapping, MutableSequence, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    # Importing it loads six modules more, and Python asks for methods, not for classes.
    Loader = object


class EmptyText(str):
    """A text that takes any arguments and says nothing."""

    __slots__ = ()

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Return an empty text."""
        return super().__new__(cls)


STAND_INS: Mapping[str, Mapping[str, Any]] = {
    # Loads the tracer, whether or not anything is traced; we import logger and metrics from where they are.
    "aws_lambda_powertools": {},
    # Powertools' circuit breaker imports it for a client of its own, and is given one of ours.
    "boto3": {},
    # Loads every class that writes documentation, for a few that clients need.
    "botocore.docs": {},
    # botocore writes a docstring for each method of each client that it makes, and nobody reads it.
    "botocore.docs.docstring": dict.fromkeys(
        ("ClientMethodDocstring", "PaginatorDocstring", "WaiterDocstring"), EmptyText
    ),
    # Imports importlib.metadata to look for plug-ins, also when `PYDANTIC_DISABLE_PLUGINS` tells it not to look.
    "pydantic.plugin._loader": {"get_plugins": tuple},
    # Imports importlib.metadata to look for the version of a package that nobody installed.
    "urllib3.http2": {},
}
"""Names that every start asks for, by module. An entry is not needed any more when the package imports that lazily."""


class StandInLoader(Loader):
    """Fills a module with what it is known to be asked for, and loads the real one when it is asked for more.

    Args:
        real: Loads what this one stands in for.
        known: Names that are there from the beginning.
    """

    def __init__(self, real: Loader, known: Mapping[str, Any]) -> None:
        self._real = real
        self._known = known

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave that to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        names = vars(module)

        def ask(name: str) -> Any:
            """Return what Python did not find in the module."""
            folder = names.get("__path__")
            if name == "__path__" or (folder and PathFinder.find_spec(f"{module.__name__}.{name}", folder)):
                # A module inside this one, which Python imports when this one does not have the name.
                raise AttributeError(name)
            del names["__getattr__"]
            self._real.exec_module(module)
            return getattr(module, name)

        names.update(self._known, __getattr__=ask)


class StandInFinder:
    """Finds stand-ins, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load `fullname` when it has a stand-in and is installed."""
        known = STAND_INS.get(fullname)
        spec = None if known is None else PathFinder.find_spec(fullname, path, target)
        if known is not None and spec and spec.loader:
            spec.loader = StandInLoader(spec.loader, known)
        return spec


def slim_start(meta_path: MutableSequence[Any] = sys.meta_path) -> None:
    """Let stand-ins be found first, whatever is imported from now on."""
    meta_path.insert(0, StandInFinder())
