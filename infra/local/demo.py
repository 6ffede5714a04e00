"""One real conversation with a running local cloud, shown and checked."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from clients.api import AgentRuntimeApi
from clients.conversation import TurnEnd, ask
from clients.event_stream import events
from clients.pacing import Clock, SystemClock
from clients.problems import ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable
from clients.views import Event
from clients.workspace import Workspace
from infra.local.aws import LocalAws
from infra.local.demo_references import references
from infra.local.demo_report import DemoReport, terminal
from infra.local.demo_requests import Requests, settled_aws_requests
from infra.local.endpoint import Endpoint

QUESTION = "Where is the session lock implemented?"
_PATIENCE_SECONDS = 90.0
_FAILURES = (ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable, BotoCoreError, ClientError)


def run_demo(endpoint: Endpoint, folder: Path, *, console: Console | None = None, clock: Clock | None = None) -> int:
    """Ask about the files of `folder` as alice, execute the tools here, and print what happened.

    Args:
        endpoint: A running local cloud.
        folder: What is asked about; nothing outside it is read.
        console: Where to print; None takes standard output.
        clock: None takes the machine's.

    Returns:
        0 when the answer came, every line it names exists and is not empty, it names one at least, the events have no
        gap, the functions logged what they asked of AWS, bob cannot see the session and nobody can without a token;
        1 otherwise.
    """
    report = DemoReport(console or terminal())
    # The environment's proxies lead away from this machine, where the server is.
    with httpx.Client(trust_env=False) as http:
        try:
            return 0 if _Demo(endpoint, folder, http, report, clock or SystemClock()).run() else 1
        except _FAILURES as error:
            report.failure(str(error))
            return 1


class _Demo:
    """The steps of one demonstration."""

    def __init__(self, endpoint: Endpoint, folder: Path, http: httpx.Client, report: DemoReport, clock: Clock) -> None:
        self._endpoint = endpoint
        self._http = http
        self._report = report
        self._clock = clock
        self._workspace = Workspace(folder)
        self._alice = self._client(endpoint.tokens["alice"])
        self._seen: list[Event] = []

    def run(self) -> bool:
        """Hold the conversation; return whether everything that was to be shown is true."""
        health = self._alice.get_health()
        session_id = self._alice.create_session(title="A first look").id
        self._report.question(QUESTION, f"session {session_id}, server {health.version} says {health.status}")
        end = ask(
            self._alice,
            session_id,
            QUESTION,
            after=0,
            workspace=self._workspace,
            on_event=self._heard,
            on_outcome=self._report.call,
            max_silence_seconds=_PATIENCE_SECONDS,
        )
        is_answered = self._judge_answer(end)
        last_seq = self._read_to_the_end(session_id)
        self._report.events(self._seen)
        self._report.tokens(self._seen)
        self._report.http_requests(self._alice.requests)
        requests = self._aws_requests(session_id)
        self._report.aws_requests(requests)
        checks = {
            "the answer came and every line it names exists": is_answered,
            f"the session counts {last_seq} events, and so does its log": last_seq == len(self._seen),
            f"the functions logged {requests.total()} requests to AWS": requests.total() > 0,
            **self._isolation(session_id),
        }
        return self._show(checks)

    def _heard(self, event: Event) -> None:
        self._seen.append(event)
        self._report.event(event)

    def _judge_answer(self, end: TurnEnd) -> bool:
        if end.how != "completed" or end.answer is None:
            self._report.failure(f"the turn {end.how}{f' with {end.code}' if end.code else ''} without an answer")
            return False
        self._report.answer(end.answer)
        found = references(end.answer, self._workspace.folder)
        self._report.references(found)
        if not found:
            self._report.failure("the answer names no line of any file")
        return bool(found) and all(one.text is not None for one in found)

    def _read_to_the_end(self, session_id: str) -> int:
        """Read what the session's log holds after the end of the turn; return what its head says the last number is."""
        last_seq = self._alice.get_session(session_id).last_seq
        rest = events(
            self._alice, session_id, after=len(self._seen), clock=self._clock, max_silence_seconds=_PATIENCE_SECONDS
        )
        for event in islice(rest, max(0, last_seq - len(self._seen))):
            self._heard(event)
        return last_seq

    def _aws_requests(self, session_id: str) -> Requests:
        server = urlsplit(self._endpoint.url)
        logs = LocalAws(f"{server.scheme}://{server.netloc}").client("logs")
        since_ms = int(self._seen[0].occurred_at.timestamp() * 1000)
        return settled_aws_requests(logs, session_id, since_ms, self._clock.sleep)

    def _isolation(self, session_id: str) -> dict[str, bool]:
        bob = self._refusal(self._client(self._endpoint.tokens["bob"]), session_id)
        nobody = self._refusal(self._client(None), session_id)
        return {
            f"bob asks for alice's session: {bob}": bob == "404 SESSION_NOT_FOUND",
            f"a request without a token: {nobody}": nobody == "401 UNAUTHENTICATED",
        }

    def _refusal(self, api: AgentRuntimeApi, session_id: str) -> str:
        try:
            api.get_session(session_id)
        except ApiProblem as problem:
            return f"{problem.status} {problem.code}"
        return "200, the whole session"

    def _client(self, token: str | None) -> AgentRuntimeApi:
        return AgentRuntimeApi(self._endpoint.url, token, self._http, clock=self._clock)

    def _show(self, checks: Mapping[str, bool]) -> bool:
        for claim, is_true in checks.items():
            self._report.check(claim, is_true=is_true)
        return all(checks.values())
