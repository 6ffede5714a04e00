"""Packages: what is in them, that they are the same for the same inputs, and that nothing is built twice."""

import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from infra.packaging import PACKED_LIMIT_BYTES, Packages, PackagingError, Tools, build, main
from infra.target import AWS, LOCAL

# Installs one small distribution as uv would, and writes down how it was called.
FAKE_UV = """#!{python}
import pathlib, sys

here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    print(*sys.argv[1:], file=calls)
if (here / "broken").exists():
    sys.exit("no such package")
if sys.argv[1:3] == ["python", "find"]:
    sys.exit(print({python!r}) if (here / "has_lambda_python").exists() else 2)
target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1])
for name, text in {{
    "tiny/__init__.py": "SET = {{'a', 'b', 'c', 'd'}}\\ndef has(x): return x in {{'e', 'f', 'g', 'h'}}\\n",
    "tiny/native.so": "machine code",
    "tiny/page.js": "alert()",
    "tiny/py.typed": "",
    "tiny/__init__.pyi": "",
    "tiny/tests/test_tiny.py": "",
    "pydantic/v1/main.py": "",
    "tiny-1.dist-info/METADATA": "Name: tiny",
    "tiny-1.dist-info/RECORD": "tiny",
    "tiny-1.dist-info/licenses/LICENSE": "MIT",
    "bin/tiny": "",
    ".lock": "",
}}.items():
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
"""


class _Checkout:
    """A checkout of one module per package, with a fake uv beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.into = folder / "build"
        self.tool_folder = folder / "uv_venv" / "bin"
        for name, text in {
            "domain/__init__.py": "",
            "domain/model.py": "ANSWER = 42\n",
            "domain/__pycache__/model.cpython-311.pyc": "stale",
            "functions/__init__.py": "",
            "functions/edge.py": "from domain.model import ANSWER\n",
            "infra/locks/layer.txt": "tiny==1\n",
        }.items():
            self.write(name, text)
        self.tool_folder.mkdir(parents=True)
        self.uv.write_text(FAKE_UV.format(python=sys.executable))
        self.uv.chmod(0o755)

    @property
    def uv(self) -> Path:
        return self.tool_folder / "uv"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def tools(self, *, compiler: str | None = sys.executable) -> Tools:
        return Tools(uv=str(self.uv), python=sys.executable, compiler=compiler)

    def build(self) -> Packages:
        return build(LOCAL, root=self.root, into=self.into, tools=self.tools())

    def installs(self) -> int:
        return len(self.calls())

    def calls(self) -> list[str]:
        log = self.tool_folder / "calls"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> _Checkout:
    """A checkout that was never built."""
    return _Checkout(tmp_path)


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _without_pyc(folder: Path) -> set[str]:
    return {name for name in _files(folder) if not name.endswith(".pyc")}


def _compiled(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pyc"))


def test_packages_hold_what_runs_and_nothing_else(checkout: _Checkout) -> None:
    """The layer is `domain` and the packages without tests, stubs, scripts and records; functions stand alone."""
    packages = checkout.build()

    assert _without_pyc(packages.layer) == {
        "python/domain/__init__.py",
        "python/domain/model.py",
        "python/tiny/__init__.py",
        "python/tiny/native.so",
        "python/tiny-1.dist-info/METADATA",
    }
    assert _without_pyc(packages.functions) == {"functions/__init__.py", "functions/edge.py"}


def test_every_module_is_compiled_and_never_checked_against_its_source(checkout: _Checkout) -> None:
    """Each module has one .pyc of the running interpreter, of the kind that is taken without a look at the source."""
    packages = checkout.build()

    for folder in (packages.layer, packages.functions):
        modules = list(folder.rglob("*.py"))
        assert len(_compiled(folder)) == len(modules)
        for compiled in _compiled(folder):
            assert sys.implementation.cache_tag in compiled.name
            assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 0b01


def test_packages_are_the_same_when_built_elsewhere(checkout: _Checkout, tmp_path: Path) -> None:
    """The same inputs give the same bytes and times in another place, so asset hashes do not change."""
    other = _Checkout(tmp_path / "other")

    first, second = checkout.build(), other.build()

    assert _files(first.layer) == _files(second.layer)
    assert _files(first.functions) == _files(second.functions)
    assert str(tmp_path).encode() not in b"".join(path.read_bytes() for path in _compiled(first.layer))
    assert len({path.stat().st_mtime for path in [*first.layer.rglob("*"), *second.layer.rglob("*")]}) == 1


def test_nothing_is_built_when_nothing_changed(checkout: _Checkout) -> None:
    """A second build installs nothing and leaves the folders as they are."""
    before = checkout.build()
    folders = [before.layer.stat().st_ino, before.functions.stat().st_ino]

    after = checkout.build()

    assert [after.layer.stat().st_ino, after.functions.stat().st_ino] == folders
    assert checkout.installs() == 1


def test_changed_source_is_built_without_installing(checkout: _Checkout) -> None:
    """A change in `domain` or `functions` makes that package anew and installs nothing."""
    checkout.build()
    checkout.write("domain/model.py", "ANSWER = 43\n")
    checkout.write("functions/new.py", "")

    packages = checkout.build()

    assert (packages.layer / "python/domain/model.py").read_text() == "ANSWER = 43\n"
    assert "functions/new.py" in _files(packages.functions)
    assert checkout.installs() == 1


def test_changed_lock_is_installed(checkout: _Checkout) -> None:
    """Another lock installs the packages anew."""
    checkout.build()
    checkout.write("infra/locks/layer.txt", "tiny==2\n")

    checkout.build()

    assert checkout.installs() == 2


def test_install_takes_only_pinned_wheels_of_the_clouds_platform_when_for_aws(checkout: _Checkout) -> None:
    """For AWS: wheels for Linux on arm64 and Python 3.13, each with its hash, nothing compiled, nothing else pulled."""
    build(AWS, root=checkout.root, into=checkout.into, tools=checkout.tools())

    (call,) = checkout.calls()

    assert "--python-platform aarch64-manylinux2014 --python-version 3.13" in call
    assert "--no-deps --require-hashes --only-binary :all:" in call


def test_packages_have_no_pyc_when_no_interpreter_fits(checkout: _Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the cloud's Python the build says that starts are slower, and goes on: another .pyc would be ignored."""
    packages = build(AWS, root=checkout.root, into=checkout.into, tools=checkout.tools(compiler=None))

    assert _compiled(packages.layer) == _compiled(packages.functions) == []
    assert "cold starts are slower" in capsys.readouterr().err


def test_failed_install_is_told_and_tried_again(checkout: _Checkout) -> None:
    """What uv said is passed on; nothing half-built is taken for built."""
    (checkout.tool_folder / "broken").touch()
    with pytest.raises(PackagingError, match=r"uv pip install .* failed:\nno such package"):
        checkout.build()
    (checkout.tool_folder / "broken").unlink()

    packages = checkout.build()

    assert "python/tiny/__init__.py" in _files(packages.layer)


def test_tools_are_those_of_the_checkout_when_they_are_there(checkout: _Checkout, tmp_path: Path) -> None:
    """Our own uv comes before any other, and the local cloud's interpreter before this one."""
    cloud = tmp_path / "cloud" / "bin" / "python"
    cloud.parent.mkdir(parents=True)
    cloud.symlink_to(sys.executable)

    tools = Tools.found(LOCAL, uv_venv=tmp_path / "uv_venv", cloud_venv=tmp_path / "cloud")

    assert tools == Tools(uv=str(checkout.uv), python=str(cloud), compiler=str(cloud))


@pytest.mark.parametrize("has_lambda_python", [True, False])
def test_compiler_is_the_clouds_python_when_there_is_one(
    checkout: _Checkout, tmp_path: Path, has_lambda_python: bool
) -> None:
    """For AWS only an interpreter of the cloud's version compiles; when there is none, nobody does."""
    if has_lambda_python:
        (checkout.tool_folder / "has_lambda_python").touch()

    tools = Tools.found(AWS, uv_venv=tmp_path / "uv_venv", cloud_venv=tmp_path / "none")

    assert tools.python == sys.executable
    assert tools.compiler == (sys.executable if has_lambda_python else None)


def test_uv_is_taken_from_path_or_asked_for(
    checkout: _Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our own uv the one on PATH does; without any the build says how to get it."""
    nowhere = tmp_path / "nowhere"
    monkeypatch.setenv("PATH", str(checkout.tool_folder))
    assert Tools.found(LOCAL, uv_venv=nowhere, cloud_venv=nowhere).uv == str(checkout.uv)

    monkeypatch.setenv("PATH", str(nowhere))
    with pytest.raises(PackagingError, match="uv is not installed"):
        Tools.found(LOCAL, uv_venv=nowhere, cloud_venv=nowhere)


def test_command_says_what_packages_weigh(checkout: _Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the size of each target asked for, of both when none is."""
    packages = checkout.build()

    assert main(["local"], packages_of=lambda _: packages) == 0
    assert main([], packages_of=lambda _: packages) == 0

    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["local", "aws", "local"]


def test_command_fails_when_packages_are_too_heavy(checkout: _Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """Over 6 MB zipped the command fails, since every cold start would pay for it."""
    packages = checkout.build()
    (packages.layer / "bulk").write_bytes(os.urandom(PACKED_LIMIT_BYTES))

    assert main(["local"], packages_of=lambda _: packages) == 1
    assert "MB zipped" in capsys.readouterr().out
