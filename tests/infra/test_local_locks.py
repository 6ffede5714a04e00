"""The lock files fit pyproject.toml, carry no address, and the layer leaves out what Lambda brings."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.local.layout import LOCKS, ROOT
from tests.support.pins import pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
RUNTIME = PROJECT["project"]["dependencies"]
EXPECTED = {
    "cloud": GROUPS["cloud"],
    "sam": GROUPS["sam"],
    "audit": GROUPS["audit"],
    "peers": GROUPS["peers"],
    "dev": [*RUNTIME, *GROUPS["deploy"], *GROUPS["client"], *GROUPS["test"]],
    "layer": RUNTIME,
    "uv": ["uv"],
}
MAY_BE_SHIPPED = re.compile(r"(Apache|BSD|MIT|PSF)\b")
"""Licences of what is deployed: each lets us ship a copy and asks for nothing but its notice."""
LAMBDA_BRINGS = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}


def test_every_lock_is_known() -> None:
    """A lock that nothing declares is spare."""
    assert {path.stem for path in LOCKS.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_lock_satisfies_what_is_declared(name: str) -> None:
    """Each declared requirement is pinned to a version that it allows; if not, `make lock` was forgotten."""
    pinned = pins(name)
    wanted = [Requirement(text) for text in EXPECTED[name]]

    missing = [str(need) for need in wanted if canonicalize_name(need.name) not in pinned]
    unfit = [str(need) for need in wanted if pinned.get(canonicalize_name(need.name), "0") not in need.specifier]

    assert (missing, unfit) == ([], [])


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_lock_names_no_address_and_hashes_every_pin(path: Path) -> None:
    """A lock works with any registry and accepts only the bytes it was made from."""
    text = path.read_text()

    assert "://" not in text
    assert not re.findall(r"^-", text, re.MULTILINE)
    assert re.findall(r"^[\w.-]+(?:\[[^\]]*\])?==[^\\\n]*\n", text, re.MULTILINE) == []


def test_layer_carries_nothing_that_lambda_brings() -> None:
    """Another copy of the SDK would cost each cold start its loading."""
    assert not pins("layer").keys() & LAMBDA_BRINGS


def test_layer_is_what_the_tests_run_on() -> None:
    """The versions that are tested are the versions that are deployed."""
    tested = pins("dev")

    assert {package: tested[package] for package in pins("layer")} == pins("layer")


@pytest.mark.parametrize("package", sorted(pins("layer")))
def test_licence_lets_us_ship_what_the_layer_carries(package: str) -> None:
    """Each package names its licence, and every one that it names is in the list."""
    said = metadata(package)
    prefix = "License :: OSI Approved :: "
    named = [said["License-Expression"]] if "License-Expression" in said else []
    named += [line.removeprefix(prefix) for line in said.get_all("Classifier", []) if line.startswith(prefix)]

    assert named
    assert [licence for licence in named if not MAY_BE_SHIPPED.match(licence)] == []
