"""Where a local cloud listens and what its endpoint file says: wishes, refusals, damage."""

from pathlib import Path

import pytest

from infra.local.endpoint import Endpoint
from infra.local.environment import requested_port
from infra.local.errors import LocalCloudError
from infra.local.ministack import MiniStack

ENDPOINT = Endpoint("http://127.0.0.1:4566/_aws/execute-api/a1", {"alice": "A", "bob": "B"}, "table", "bus", 7)


@pytest.mark.parametrize(("text", "port"), [("", None), ("  ", None), ("8080", 8080)])
def test_port_is_what_the_environment_asks_for(text: str, port: int | None) -> None:
    """Nothing means any."""
    assert requested_port({"PORT": text}) == port


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5"])
def test_port_is_refused_when_it_is_none(text: str) -> None:
    """What was given is quoted."""
    with pytest.raises(LocalCloudError, match=f"PORT is '{text}'"):
        requested_port({"PORT": text})


def test_endpoint_survives_its_file_and_is_private(tmp_path: Path) -> None:
    """What is saved is what is loaded; it holds tokens, so only its owner may read it."""
    ENDPOINT.save(tmp_path)

    assert Endpoint.load(tmp_path) == ENDPOINT
    assert Endpoint.load(tmp_path).port == 4566
    assert (tmp_path / "endpoint.json").stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"url": "x"}', "{"])
def test_endpoint_is_refused_when_its_file_is_damaged(tmp_path: Path, text: str) -> None:
    """The file is named, with what to do."""
    (tmp_path / "endpoint.json").write_text(text)

    with pytest.raises(LocalCloudError, match=r"endpoint\.json is damaged"):
        Endpoint.load(tmp_path)


def test_endpoint_is_refused_when_its_address_names_no_port() -> None:
    """An address that a person edited is a sentence too."""
    with pytest.raises(LocalCloudError, match="names no port"):
        _ = Endpoint("http://127.0.0.1", {}, "", "", 1).port


def test_ministack_is_not_started_when_it_is_not_installed(tmp_path: Path) -> None:
    """The command that installs it is named."""
    with pytest.raises(LocalCloudError, match="run `make up`"):
        MiniStack.start(tmp_path, python=tmp_path / "python")


def test_ministack_is_not_healthy_when_nobody_listens(tmp_path: Path) -> None:
    """A refused connection is an answer."""
    assert not MiniStack(1, 1, tmp_path).is_healthy()
