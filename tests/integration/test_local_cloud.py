"""The local cloud starts, serves, takes new code and ends; run on a real MiniStack with a tiny stack."""

import base64
import json
import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from infra.local import ministack, processes
from infra.local.cloud import LocalCloud
from infra.local.endpoint import Endpoint
from infra.local.errors import LocalCloudError
from infra.local.logs import LogFollower, render
from infra.local.ministack import MiniStack
from tests.infra.tiny_checkout import TEMPLATE, TinyCheckout, call

_BAD_QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": -1}}
BROKEN_TEMPLATE = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Bad": _BAD_QUEUE}}


@pytest.fixture
def checkout(tmp_path: Path) -> TinyCheckout:
    """A checkout of one function."""
    return TinyCheckout(tmp_path / "checkout")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for one local cloud, which is stopped in the end whatever the test did."""
    yield tmp_path / "state"
    LocalCloud.down(tmp_path / "state")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A tiny checkout that runs, for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("cloud")
    with LocalCloud.start(folder / "state", root=TinyCheckout(folder / "checkout").root) as running:
        yield running


def test_cloud_serves_both_users_when_started(cloud: LocalCloud) -> None:
    """Alice and bob reach the function through the API as themselves, with tokens that live 24 hours."""
    answers = {user: call(cloud.endpoint, user) for user in ("alice", "bob")}

    assert {user: (status, body["user"]) for user, (status, body) in answers.items()} == {
        "alice": (200, "alice"),
        "bob": (200, "bob"),
    }
    payload = cloud.endpoint.tokens["alice"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["exp"] - claims["iat"] == 24 * 3600


def test_lambda_sees_nothing_of_the_person_when_environment_is_set(
    checkout: TinyCheckout, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile or a proxy of the person's reaches neither the functions nor our own requests."""
    monkeypatch.setenv("AWS_PROFILE", "somebody's")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with LocalCloud.start(state, root=checkout.root) as cloud:
        status, body = call(cloud.endpoint)

    assert (status, body["profile"]) == (200, None)


def test_workers_are_found_and_replaced_when_killed(cloud: LocalCloud) -> None:
    """A test can find the process of a function by name, kill it, and gets a new one with the next request."""
    call(cloud.endpoint)
    (worker,) = cloud.worker_pids("hello")

    os.kill(worker, signal.SIGKILL)
    while worker in cloud.worker_pids():
        pass
    status, _ = call(cloud.endpoint)

    assert status == 200
    assert worker not in cloud.worker_pids()
    assert len(cloud.worker_pids("tiny-hello")) == 1
    assert cloud.worker_pids("another") == []


def test_nothing_is_left_when_stopped(checkout: TinyCheckout, state: Path) -> None:
    """The server, its workers, its temporary files and its endpoint file go; its log stays."""
    with LocalCloud.start(state, root=checkout.root) as cloud:
        call(cloud.endpoint)
        pids = {cloud.endpoint.pid, *cloud.worker_pids()}

    assert not pids & {process.pid for process in processes.process_table()}
    assert [path.name for path in state.iterdir()] == ["ministack.log"]


def test_up_finds_the_running_one_when_nothing_changed(checkout: TinyCheckout, state: Path) -> None:
    """A second `up` keeps server and data, and gives fresh tokens."""
    first = LocalCloud.up(state, root=checkout.root)
    with first:
        table = first.client("dynamodb")
        table.put_item(TableName=first.endpoint.table, Item={"PK": {"S": "kept"}})

        second = LocalCloud.up(state, root=checkout.root)

        assert second.endpoint.pid == first.endpoint.pid
        assert Endpoint.load(state) == second.endpoint
        assert table.scan(TableName=second.endpoint.table)["Count"] == 1


def test_up_deploys_again_when_code_changed(checkout: TinyCheckout, state: Path) -> None:
    """Changed code reaches the running system, which keeps its data; a change without effect deploys nothing."""
    with LocalCloud.up(state, root=checkout.root) as cloud:
        before = call(cloud.endpoint)[1]["message"]
        checkout.set_version(2)

        changed = LocalCloud.up(state, root=checkout.root)
        after = call(changed.endpoint)[1]["message"]
        checkout.add_comment()
        unchanged = LocalCloud.up(state, root=checkout.root)

        assert (before, after) == ("hello from version 1", "hello from version 2")
        assert unchanged.endpoint.pid == cloud.endpoint.pid
        assert call(unchanged.endpoint)[0] == 200


def test_up_starts_a_new_one_when_the_process_is_dead(checkout: TinyCheckout, state: Path) -> None:
    """An endpoint file whose process was killed is noticed, not trusted."""
    dead = LocalCloud.up(state, root=checkout.root)
    os.kill(dead.endpoint.pid, signal.SIGKILL)

    with LocalCloud.up(state, root=checkout.root) as cloud:
        assert cloud.endpoint.pid != dead.endpoint.pid
        assert call(cloud.endpoint)[0] == 200


def test_up_refuses_when_it_runs_on_another_port(checkout: TinyCheckout, state: Path) -> None:
    """PORT cannot move a running system."""
    with (
        LocalCloud.up(state, root=checkout.root) as cloud,
        pytest.raises(LocalCloudError, match="run `make down` first"),
    ):
        LocalCloud.up(state, port=cloud.endpoint.port + 1, root=checkout.root)


def test_down_stops_the_running_one_and_says_when_there_was_none(checkout: TinyCheckout, state: Path) -> None:
    """`down` can be said twice."""
    pid = LocalCloud.up(state, root=checkout.root).endpoint.pid

    assert LocalCloud.down(state)
    assert not LocalCloud.down(state)
    assert pid not in {process.pid for process in processes.process_table()}


def test_start_leaves_nothing_running_when_synthesis_fails(checkout: TinyCheckout, state: Path) -> None:
    """A CDK application that fails is quoted, and its MiniStack is stopped."""
    checkout.break_app()

    with pytest.raises(LocalCloudError, match="the table has no key"):
        LocalCloud.start(state, root=checkout.root)

    assert not [row for row in processes.process_table() if f"-Xstate={state}" in row.command]


def test_start_names_the_resource_when_deployment_fails(checkout: TinyCheckout, state: Path) -> None:
    """A resource that cannot be made is named with its reason."""
    checkout.set_template(BROKEN_TEMPLATE)

    with pytest.raises(LocalCloudError, match=r"Bad \(AWS::SQS::Queue\): .*VisibilityTimeout"):
        LocalCloud.start(state, root=checkout.root)


def test_old_code_goes_on_when_update_fails(checkout: TinyCheckout, state: Path) -> None:
    """A change that cannot be deployed says so and leaves the running system as it was; the next one can succeed."""
    with LocalCloud.up(state, root=checkout.root) as cloud:
        checkout.set_template(BROKEN_TEMPLATE)
        with pytest.raises(LocalCloudError, match="VisibilityTimeout"):
            LocalCloud.up(state, root=checkout.root)
        assert call(cloud.endpoint)[1]["message"] == "hello from version 1"

        checkout.set_template(TEMPLATE)
        checkout.set_version(2)
        assert call(LocalCloud.up(state, root=checkout.root).endpoint)[1]["message"] == "hello from version 2"


def test_start_says_why_when_stack_is_refused(checkout: TinyCheckout, state: Path) -> None:
    """A type that the local cloud does not know is refused before anything is made."""
    checkout.set_template({"Resources": {"Bad": {"Type": "AWS::Nothing::AtAll"}}})

    with pytest.raises(LocalCloudError, match=r"refused Tiny.*AWS::Nothing::AtAll"):
        LocalCloud.start(state, root=checkout.root)


def test_start_refuses_when_port_is_taken(checkout: TinyCheckout, state: Path, cloud: LocalCloud) -> None:
    """A port that another system has is refused before anything is started."""
    with pytest.raises(LocalCloudError, match=f"Port {cloud.endpoint.port} cannot be used"):
        LocalCloud.start(state, port=cloud.endpoint.port, root=checkout.root)


def test_start_quotes_the_log_when_ministack_dies(state: Path) -> None:
    """What a MiniStack wrote before it ended is shown; here its interpreter is none."""
    with pytest.raises(LocalCloudError, match="MiniStack ended while it started") as failure:
        MiniStack.start(state, python=Path("/bin/sh"))

    assert "llegal option" in str(failure.value)


def test_start_gives_up_when_ministack_stays_silent(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A MiniStack that never answers is stopped."""
    monkeypatch.setattr(ministack, "START_SECONDS", 0.1)
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\nread -r forever < /dev/zero\n")
    silent.chmod(0o755)

    with pytest.raises(LocalCloudError, match="did not answer"):
        MiniStack.start(state, python=silent)

    assert not [row for row in processes.process_table() if f"-Xstate={state}" in row.command]


def test_policies_are_enforced_when_auth_is_on(checkout: TinyCheckout, state: Path) -> None:
    """With `auth` a credential that nobody gave out is refused, and the system serves all the same."""
    with LocalCloud.start(state, auth=True, root=checkout.root) as cloud:
        assert call(cloud.endpoint)[0] == 200
        health = HTTPConnection(processes.LOOPBACK, cloud.endpoint.port)
        health.request("GET", "/_ministack/health")
        assert json.load(health.getresponse())["auth"] == "enabled"
        health.close()


def test_log_lines_are_followed_once_when_functions_ran(cloud: LocalCloud) -> None:
    """Each line that a function wrote is shown once, readable."""
    follower = LogFollower(cloud.client("logs"))
    call(cloud.endpoint)

    lines = follower.new_lines()

    assert [render(line).split(" ", 1)[1] for line in lines] == [
        "INFO    tiny-hello: hello from version 1 correlation_id=c-1"
    ]
    assert follower.new_lines() == []
