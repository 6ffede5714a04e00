"""Objects by dotted name, so that a function imports only what it uses."""

from importlib import import_module
from typing import Any


def load(name: str) -> Any:
    """Return the object `module:attribute`.

    >>> load("json:dumps")([1])
    '[1]'
    """
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
