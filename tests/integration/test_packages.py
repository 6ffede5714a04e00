"""The real packages: every function starts from them alone, and they are as small as they must be."""

import json
import subprocess

import pytest

from functions.catalog import CATALOG, Function
from functions.runtime.settings import Settings
from infra.local.layout import CLOUD_VENV
from infra.packaging import LAMBDA_PYTHON, PACKED_LIMIT_BYTES, build
from infra.target import AWS, LOCAL, Target

LAMBDA_BRINGS = ("boto3", "botocore", "s3transfer", "urllib3")
IMPORT = """
import importlib, json, sys

sys.path[:0] = json.loads(sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
assert callable(getattr(importlib.import_module(module), name))
"""


@pytest.mark.parametrize("target", [AWS, LOCAL], ids=lambda target: target.name)
def test_packages_are_small_and_without_the_sdk(target: Target) -> None:
    """Layer and functions weigh at most 6 MB zipped and carry no copy of what Lambda brings."""
    packages = build(target)

    assert packages.packed_bytes() <= PACKED_LIMIT_BYTES
    assert not [name for name in LAMBDA_BRINGS if (packages.layer / "python" / name).exists()]


def test_native_code_is_the_clouds_when_for_aws() -> None:
    """Every compiled extension in the cloud's layer is for its processor and its Python."""
    native = [path.name for path in build(AWS).layer.rglob("*.so")]

    tag = f".cpython-{LAMBDA_PYTHON.replace('.', '')}-aarch64-linux-gnu.so"
    assert native
    assert all(name.endswith(tag) for name in native)


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
def test_function_starts_from_its_packages_alone(row: Function) -> None:
    """Each entry point imports on the local cloud's interpreter, which has nothing but what Lambda brings."""
    packages = build(LOCAL)
    path = json.dumps([str(packages.functions), str(packages.layer / "python")])
    environment = dict.fromkeys(Settings.environment_names().values(), "offline") | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    done = subprocess.run(
        [str(CLOUD_VENV / "bin" / "python"), "-I", "-c", IMPORT, path, row.entry_point],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
