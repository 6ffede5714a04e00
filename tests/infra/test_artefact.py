"""The artefact: what goes into the zip files, and what is asked of an interpreter before it stands for the cloud."""

import sys
import zipfile
from pathlib import Path

import pytest

from functions.catalog import Function, Kind, Route
from infra.artefact import Interpreter, brought_along, differences, importable, native_suffixes, pack
from infra.packaging import Packages, PackagingError, zipped

HERE = Interpreter(Path(sys.executable))
ROW = Function("say_hello", Kind.QUERY, Route("GET", "/hello", 200))
FILES = {
    "layer/python/domain/__init__.py": "",
    "layer/python/tiny/native.cpython-313-aarch64-linux-gnu.so": "machine code",
    "layer/python/tiny/__pycache__/tiny.cpython-313.pyc": "compiled",
    "functions/functions/__init__.py": "",
    "functions/functions/queries/__init__.py": "",
    "functions/functions/queries/say_hello.py": "import domain\n\n\ndef handler(event, context):\n    return event\n",
}


def _packages(folder: Path, **changes: str | None) -> Packages:
    """Write packages of a few files; a change names one by its stem and gives its text, None leaves it out."""
    for name, text in FILES.items():
        said = changes.get(Path(name).name.partition(".")[0], text)
        if said is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(said)
    return Packages(folder / "layer", folder / "functions")


def test_archives_are_the_same_bytes_when_files_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the folder nor the files' times nor the time zone is in them."""
    one, other = _packages(tmp_path / "one"), _packages(tmp_path / "other")
    for path in other.layer.rglob("*"):
        path.chmod(0o700)

    first = pack(one, tmp_path)
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    second = pack(other, tmp_path)

    assert first == second
    assert [(part.name, part.files, part.compiled) for part in first] == [("layer", 3, 1), ("functions", 3, 0)]


def test_archive_holds_files_alone_and_readable_for_everyone(tmp_path: Path) -> None:
    """Lambda unpacks it as one user and runs it as another."""
    (layer, _) = pack(_packages(tmp_path), tmp_path)

    with zipfile.ZipFile(layer.archive) as opened:
        entries = opened.infolist()
    assert [entry.filename for entry in entries] == sorted(
        name.removeprefix("layer/") for name in FILES if name.startswith("layer/")
    )
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert layer.size == len(zipped(tmp_path / "layer"))


def test_sdk_is_noticed_when_a_layer_carries_it(tmp_path: Path) -> None:
    """Lambda brings it; a copy would be loaded instead at every cold start."""
    packages = _packages(tmp_path)
    assert brought_along(packages) == []

    (packages.layer / "python" / "botocore").mkdir()
    (packages.layer / "python" / "six.py").touch()

    assert brought_along(packages) == ["botocore", "six.py"]


def test_artefact_itself_is_imported_when_its_native_modules_load_here(tmp_path: Path) -> None:
    """A machine like the cloud's needs no other build."""
    artefact = _packages(tmp_path, native=None)
    (artefact.layer / "python" / f"native{HERE.native_suffix()}").touch()

    assert importable(artefact, HERE) == (artefact, "from the artefact itself")


def test_local_build_is_imported_when_native_modules_do_not_load_here(tmp_path: Path) -> None:
    """Only what is made for a machine may differ, and the sentence says that it does."""
    artefact = _packages(tmp_path / "aws")
    local = _packages(tmp_path / "local", native=None, tiny=None)

    source, said = importable(artefact, HERE, local)

    assert source is local
    assert native_suffixes(artefact) == {".cpython-313-aarch64-linux-gnu.so"}
    assert ".cpython-313-aarch64-linux-gnu.so" in said
    assert HERE.native_suffix() in said


@pytest.mark.parametrize("change", [{"say_hello": "changed"}, {"say_hello": None}])
def test_local_build_is_refused_when_it_is_of_other_inputs(tmp_path: Path, change: dict[str, str | None]) -> None:
    """An import of something else would prove nothing."""
    artefact, local = _packages(tmp_path / "aws"), _packages(tmp_path / "local", **change)

    assert differences(artefact, local) == ["functions/functions/queries/say_hello.py"]
    with pytest.raises(PackagingError, match="say_hello"):
        importable(artefact, HERE, local)


def test_function_is_imported_from_its_packages_alone(tmp_path: Path) -> None:
    """It starts when its packages hold what it needs; nothing of this checkout is in reach."""
    assert HERE.failures(_packages(tmp_path), [ROW]) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import infra\n", "No module named 'infra'"),
        ("handler = 1\n", "nothing that Lambda can call"),
    ],
)
def test_failure_says_which_function_and_why(tmp_path: Path, source: str, said: str) -> None:
    """What is missing in the packages is told with the function that misses it."""
    (failure,) = HERE.failures(_packages(tmp_path, say_hello=source), [ROW])

    assert failure.startswith("say_hello: ")
    assert said in failure
