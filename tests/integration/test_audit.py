"""`make audit` asks of every pin, and fails when something is known or nobody answers; the service here is ours."""

from collections.abc import Callable

import pytest

from infra.local import audit, bootstrap
from infra.local.layout import LOCKS
from tests.support.pins import pins
from tests.support.scripted_server import Answers, Received, served

LAYER = LOCKS / "layer.txt"
"""What is deployed: some ten pins, each one question."""


@pytest.fixture(scope="module", autouse=True)
def _auditor() -> None:
    with bootstrap.one_at_a_time():
        bootstrap.ensure(bootstrap.ENVIRONMENTS["audit"])


def _knowing(package: str) -> Callable[[Received], Answers]:
    """Return a service that knows something against every version of one package."""

    def answer(asked: Received) -> Answers:
        named = asked.body["package"]
        affected = {"package": named, "versions": [asked.body["version"]]}
        known = {"id": "MADE-UP-1", "aliases": [], "summary": "Made up.", "affected": [affected]}
        return Answers(body={"vulns": [known]} if named["name"] == package else {})

    return answer


def test_audit_asks_of_every_pin_that_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    """No pin is passed over in silence, and a clean answer is said for each lock."""
    with served(_knowing("nothing")) as service:
        code = audit.main({"OSV_URL": f"{service.url}/v1/query"}, [LAYER])

        asked = {request.body["package"]["name"]: request.body["version"] for request in service.received}

    assert code == 0
    assert asked == pins("layer")
    assert capsys.readouterr().out == "infra/locks/layer.txt: No known vulnerabilities found\n"


def test_audit_fails_when_something_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """The package, the version and the advisory are named."""
    with served(_knowing("wrapt")) as service:
        code = audit.main({"OSV_URL": f"{service.url}/v1/query"}, [LAYER])

    said = capsys.readouterr().out
    assert code == 1
    assert "MADE-UP-1" in said
    assert f"wrapt {pins('layer')['wrapt']}" in said


def test_audit_fails_when_nobody_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """An audit that asked nobody is none, and says so."""
    with served(_knowing("nothing")) as service:
        gone = service.url

    assert audit.main({"OSV_URL": f"{gone}/v1/query"}, [LAYER]) == 2
    assert "Nothing was audited" in capsys.readouterr().err


def test_audit_is_of_every_lock() -> None:
    """A lock that is made later is audited too."""
    assert set(audit.EVERY_LOCK) == set(LOCKS.iterdir())
