"""What `pipx install '.[operator]'` gives is the operator's `agent-runtime`, and all that it needs."""

import importlib
import subprocess
import sys
import tomllib

from infra.local.layout import ROOT
from infra.operations import cli

CHECKOUT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NOT_INSTALLED = ("aws_cdk", "constructs", "cdk_nag", "moto", "pytest", "hypothesis", "ministack")


def test_command_is_the_operators_when_the_checkout_is_installed() -> None:
    """It has the name that the client's has alone, and brings what that needs."""
    module, _, name = CHECKOUT["project"]["scripts"]["agent-runtime"].partition(":")

    assert getattr(importlib.import_module(module), name) is cli.app
    assert CHECKOUT["project"]["optional-dependencies"] == {
        "operator": ["boto3", *CHECKOUT["dependency-groups"]["client"]]
    }


def test_command_imports_only_what_is_installed() -> None:
    """Every package of ours that it loads is in the wheel, and nothing that only deploys or tests."""
    code = "import sys; from infra.operations import cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    ours = {name for name in loaded.split() if (ROOT / name).is_dir()}
    assert ours <= {*CHECKOUT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    assert not {*NOT_INSTALLED} & {*loaded.split()}
