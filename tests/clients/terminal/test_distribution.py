"""What is installed without a checkout is what runs in one."""

import importlib
import tomllib
from pathlib import Path

import typer

ROOT = Path(__file__).parents[3]


def test_client_installs_what_the_checkout_uses() -> None:
    """Name, packages and Python of both descriptions agree, and the command exists."""
    alone = tomllib.loads((ROOT / "clients/pyproject.toml").read_text())["project"]
    checkout = tomllib.loads((ROOT / "pyproject.toml").read_text())
    module, _, name = alone["scripts"]["agent-runtime"].partition(":")

    assert alone["dependencies"] == checkout["dependency-groups"]["client"]
    assert alone["version"] == checkout["project"]["version"]
    assert alone["requires-python"] == checkout["project"]["requires-python"]
    assert isinstance(getattr(importlib.import_module(module), name), typer.Typer)
