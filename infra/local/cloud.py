"""The system, running here: MiniStack with the stack deployed and two users signed in."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from infra.local.assembly import Assembly, synthesize
from infra.local.aws import LocalAws
from infra.local.deploy import deploy
from infra.local.endpoint import Endpoint
from infra.local.errors import LocalCloudError
from infra.local.fingerprint import source_fingerprint
from infra.local.identities import sign_in_users
from infra.local.layout import ROOT
from infra.local.ministack import MiniStack
from infra.local.model import OFFLINE, LocalModel
from infra.local.processes import LOOPBACK
from infra.local.progress import step

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

DEPLOYED_PARAMETER = "/agent-runtime/local/deployed"
"""Where a local cloud remembers what it runs: `{source, template, outputs}`; it lives and dies with the MiniStack."""


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud; as a context manager it is stopped at the end.

    Example: `with LocalCloud.start(tmp_path) as cloud: call(cloud.endpoint.url, cloud.endpoint.tokens["alice"])`.

    Args:
        state: The folder with its log, its temporary files and its `endpoint.json`.
        ministack: The server.
        outputs: The stack's outputs by name.
        endpoint: Where it is, with tokens for its users.
    """

    state: Path
    ministack: MiniStack
    outputs: Mapping[str, str]
    endpoint: Endpoint

    @classmethod
    def start(
        cls,
        state: Path,
        *,
        port: int | None = None,
        auth: bool = False,
        root: Path = ROOT,
        model: LocalModel = OFFLINE,
        context: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a new one and deploy into it; nothing is left running when that fails.

        Args:
            state: Its folder, made if missing and used by no other.
            port: The port to take; any free one when None.
            auth: Enforce IAM policies, so that a function can do only what its role says.
            root: The checkout whose code it runs.
            model: What answers.
            context: Further context values of the stack, for as long as it runs: `refreshed` knows nothing of them.

        Raises:
            LocalCloudError: anything that stands in the way, in a sentence.
        """
        said = {**model.context, **(context or {})}
        # First, because what can be wrong with it shows in a second; synthesis takes ten.
        with step("Start MiniStack"):
            ministack = MiniStack.start(state, port=port, auth=auth)
        try:
            model.store_key(_aws(ministack))
            source = source_fingerprint(root, said)
            return cls._deployed(ministack, Assembly.load(synthesize(root=root, context=said)), source)
        except BaseException:
            ministack.stop()
            raise

    @classmethod
    def find(cls, state: Path) -> Self | None:
        """The one that runs in a folder, with fresh tokens; None when there is none.

        Raises:
            LocalCloudError: its `endpoint.json` is damaged.
        """
        if not Endpoint.exists(state):
            return None
        endpoint = Endpoint.load(state)
        ministack = MiniStack(endpoint.pid, endpoint.port, state)
        if not ministack.is_running() or not ministack.is_healthy():
            return None
        return cls._signed_in(ministack, _remembered(_aws(ministack))["outputs"])

    @classmethod
    def up(cls, state: Path, *, port: int | None = None, root: Path = ROOT, model: LocalModel = OFFLINE) -> Self:
        """The one of a folder, running the checkout's code: found, redeployed or started, whichever is needed.

        Args:
            state: Its folder.
            port: The port that it must have; any when None.
            root: The checkout whose code it runs.
            model: What answers, from now on.

        Raises:
            LocalCloudError: anything that stands in the way, in a sentence.
        """
        with _one_at_a_time(state):
            running = cls.find(state)
            if running is None:
                _remove(state)
                return cls.start(state, port=port, root=root, model=model)
            if port not in {None, running.endpoint.port}:
                raise LocalCloudError(
                    f"A local cloud runs here already, on port {running.endpoint.port}: "
                    f"run `make down` first to have it on {port}."
                )
            return running.refreshed(root, model)

    def refreshed(self, root: Path = ROOT, model: LocalModel = OFFLINE) -> Self:
        """The same one, running the checkout's code as it is now with this model; its data stay.

        Raises:
            LocalCloudError: the code cannot be synthesized or deployed; the old code goes on running.
        """
        aws = _aws(self.ministack)
        runs = _remembered(aws)
        model.store_key(aws)
        source = source_fingerprint(root, model.context)
        if runs["source"] == source:
            return self
        assembly = Assembly.load(synthesize(root=root, context=model.context))
        # CloudFormation refuses an update that changes nothing.
        if runs["template"] == assembly.template_asset.key:
            _remember(aws, assembly, source, self.outputs)
            return self
        return self._deployed(self.ministack, assembly, source)

    @staticmethod
    def down(state: Path) -> bool:
        """Stop the one of a folder.

        Returns:
            Whether it was running.
        """
        with _one_at_a_time(state):
            return _remove(state)

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services, such as `dynamodb`."""
        return _aws(self.ministack).client(service)

    def worker_pids(self, function: str = "") -> list[int]:
        """The processes that run Lambdas now, warm or busy.

        Args:
            function: Only those of functions whose deployed name contains this; all when empty.
        """
        return self.ministack.worker_pids(function)

    def stop(self) -> None:
        """End it, with everything in it."""
        self.ministack.stop()
        Endpoint.forget(self.state)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    def _deployed(cls, ministack: MiniStack, assembly: Assembly, source: str) -> Self:
        aws = _aws(ministack)
        with step(f"Deploy {assembly.stack}") as shown:
            outputs = deploy(assembly, aws)
            shown.note = f"{assembly.resource_count()} resources"
        _remember(aws, assembly, source, outputs)
        return cls._signed_in(ministack, outputs)

    @classmethod
    def _signed_in(cls, ministack: MiniStack, outputs: Mapping[str, str]) -> Self:
        endpoint = Endpoint(
            url=f"{_url(ministack)}/_aws/execute-api/{outputs['ApiId']}",
            tokens=sign_in_users(outputs, _aws(ministack)),
            table=outputs["TableName"],
            bus=outputs["BusName"],
            pid=ministack.pid,
        )
        endpoint.save(ministack.state)
        return cls(ministack.state, ministack, outputs, endpoint)


def _url(ministack: MiniStack) -> str:
    return f"http://{LOOPBACK}:{ministack.port}"


def _aws(ministack: MiniStack) -> LocalAws:
    return LocalAws(_url(ministack))


def _remember(aws: LocalAws, assembly: Assembly, source: str, outputs: Mapping[str, str]) -> None:
    ssm: SSMClient = aws.client("ssm")
    value = json.dumps({"source": source, "template": assembly.template_asset.key, "outputs": dict(outputs)})
    ssm.put_parameter(Name=DEPLOYED_PARAMETER, Value=value, Type="String", Overwrite=True)


def _remembered(aws: LocalAws) -> Any:
    ssm: SSMClient = aws.client("ssm")
    return json.loads(ssm.get_parameter(Name=DEPLOYED_PARAMETER)["Parameter"]["Value"])


def _remove(state: Path) -> bool:
    """Stop what the folder's endpoint names, if it still runs, and forget it."""
    if not Endpoint.exists(state):
        return False
    endpoint = Endpoint.load(state)
    was_running = MiniStack(endpoint.pid, endpoint.port, state).stop()
    Endpoint.forget(state)
    return was_running


@contextmanager
def _one_at_a_time(state: Path) -> Iterator[None]:
    """Keep two commands from starting or stopping the same local cloud together."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
