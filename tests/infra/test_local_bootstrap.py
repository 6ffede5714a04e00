"""What is missing on the machine is a sentence, said before anything is installed."""

from pathlib import Path

import pytest

from infra.local import bootstrap
from infra.local.errors import LocalCloudError


@pytest.mark.parametrize("version", [(3, 10), (3, 7), (2, 7)])
def test_python_is_refused_when_too_old(version: tuple[int, int]) -> None:
    """The version found and the one needed are both named."""
    with pytest.raises(LocalCloudError, match=rf"Python 3\.11 or newer is needed, this is {version[0]}\.{version[1]}"):
        bootstrap.check_python(version)


def test_python_is_refused_when_venv_was_left_out() -> None:
    """Debian splits venv off; the package to install is named."""
    with pytest.raises(LocalCloudError, match="python3-venv"):
        bootstrap.check_venv(("venv", "no_such_module"))


def test_node_is_refused_when_missing() -> None:
    """The sentence says what needs it."""
    with pytest.raises(LocalCloudError, match="AWS CDK runs on it"):
        bootstrap.check_node(None)


@pytest.mark.parametrize(("output", "named"), [("v18.20.0", "v18.20.0"), ("", "one that does not start")])
def test_node_is_refused_when_too_old_or_broken(tmp_path: Path, output: str, named: str) -> None:
    """What was found is named."""
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {output}\n")
    node.chmod(0o755)

    with pytest.raises(LocalCloudError, match=f"this is {named}: upgrade it"):
        bootstrap.check_node(str(node))


def test_disk_is_refused_when_nearly_full() -> None:
    """What is free and what is needed are both named."""
    with pytest.raises(LocalCloudError, match=r"Only 0\.5 GiB are free .* needs 2"):
        bootstrap.check_disk(512 * 1024**2)


def test_command_is_silent_when_all_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """The usual case prints nothing."""
    assert bootstrap.main(["uv"]) == 0
    assert capsys.readouterr() == ("", "")


def test_command_fails_with_a_sentence_when_node_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, exit code 1."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bootstrap.main(["uv"]) == 1
    assert capsys.readouterr().err.startswith("Node.js 20 or newer is needed")
