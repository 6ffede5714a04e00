"""Environments are made from locks, follow them, and are left alone when current; packages come from the registry."""

import re
from pathlib import Path

import pytest

from infra.local import bootstrap
from infra.local.bootstrap import Environment
from infra.local.errors import LocalCloudError
from infra.local.layout import LOCKS


def pinned(package: str) -> str:
    """The lines of our lock that pin a package."""
    found = re.search(rf"^{package}==(?:.*\\\n)+.*\n", (LOCKS / "dev.txt").read_text(), flags=re.MULTILINE)
    assert found is not None
    return found.group()


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment of one small package, not made yet."""
    lock = tmp_path / "lock.txt"
    lock.write_text(pinned("six"))
    return Environment("one package", tmp_path / "environment", lock)


def installed(environment: Environment) -> set[str]:
    """The modules in it."""
    return {path.stem for path in environment.folder.glob("lib/python3*/site-packages/*.py")}


def test_environment_holds_its_lock_when_ensured(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    """It is made with a progress line, and not touched again."""
    bootstrap.ensure(environment)
    first = capsys.readouterr().err
    bootstrap.ensure(environment)

    assert "six" in installed(environment)
    assert "✓ Install one package (1 pinned)" in first
    assert capsys.readouterr().err == ""


def test_installer_is_made_first_when_it_is_missing(environment: Environment, tmp_path: Path) -> None:
    """From a bare machine: pip brings the pinned installer, the installer brings the rest."""
    uv = Environment("installer", tmp_path / "uv", LOCKS / "uv.txt")

    bootstrap.ensure(environment, uv=uv)

    assert uv.is_current()
    assert "six" in installed(environment)


def test_environment_follows_when_lock_changes(environment: Environment) -> None:
    """What a new lock leaves out goes, in the same environment."""
    bootstrap.ensure(environment)
    inode = environment.python.lstat().st_ino
    environment.lock.write_text(pinned("typing-extensions"))

    assert not environment.is_current()
    bootstrap.ensure(environment)

    assert environment.is_current()
    assert installed(environment) & {"six", "typing_extensions"} == {"typing_extensions"}
    assert environment.python.lstat().st_ino == inode


def test_environment_is_not_current_when_it_was_moved(environment: Environment, tmp_path: Path) -> None:
    """Scripts in an environment name its place, so a moved one is made anew."""
    bootstrap.ensure(environment)
    moved = Environment("one package", environment.folder.rename(tmp_path / "moved"), environment.lock)

    assert not moved.is_current()
    assert not moved.has_interpreter()


def test_environment_is_not_current_when_its_interpreter_is_gone(environment: Environment) -> None:
    """An environment whose Python was removed from the machine is made anew."""
    bootstrap.ensure(environment)
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python")

    assert not environment.is_current()


def test_install_says_what_to_do_when_registry_is_unreachable(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installer's own words are shown, then what has to be reachable; a failed environment is not taken for one."""
    bootstrap.ensure(bootstrap.UV)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))

    with pytest.raises(LocalCloudError, match="package registry must be reachable"):
        bootstrap.ensure(environment)

    assert not environment.is_current()


def test_package_is_refused_when_its_hash_is_another(environment: Environment) -> None:
    """A package that is not the pinned bytes is not installed."""
    environment.lock.write_text(re.sub("sha256:....", "sha256:0000", environment.lock.read_text()))

    with pytest.raises(LocalCloudError, match=r"(?i)hash"):
        bootstrap.ensure(environment)
