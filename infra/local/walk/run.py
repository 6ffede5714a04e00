"""The walk from beginning to end."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from rich.console import Console

from clients.api import AgentRuntimeApi
from clients.pacing import Clock
from clients.problems import ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable
from infra.local.demo_report import terminal
from infra.local.endpoint import Endpoint
from infra.local.walk import planning, scenes
from infra.local.walk.coverage import LEAST_KINDS, Coverage, covered
from infra.local.walk.report import WalkReport
from infra.local.walk.walker import Walker

CONTEXT = {"approval_seconds": "10"}
"""What the deployment is told: nobody wants to wait five minutes to see an approval expire."""
Scene = Callable[[Walker], None]
"""A part of the walk; the first line of its docstring heads it."""
SCENES: Sequence[Scene] = (
    scenes.opening,
    scenes.looking,
    scenes.approving,
    scenes.falling_silent,
    scenes.handing_over,
    scenes.stopping,
    planning.planning,
    planning.unplanned,
    planning.closing,
)
_FAILURES = (ApiProblem, BrokenAnswer, GapFound, ServerSilent, ServerUnreachable)


def run_walk(
    endpoint: Endpoint,
    *,
    played: Sequence[Scene] = SCENES,
    console: Console | None = None,
    clock: Clock | None = None,
) -> int:
    """Walk as alice through everything there is, printing as it goes, and say what was covered.

    Args:
        endpoint: A running local cloud, started with `CONTEXT` and a model that follows directives.
        played: The scenes, in order.
        console: Where to print; None takes standard output.
        clock: None takes the machine's.

    Returns:
        0 when every claim held, the events have no gap and more than twenty kinds, and every operation, tool, state of
        an approval and fact was met that can be; 1 otherwise.
    """
    report = WalkReport(console or terminal())
    with tempfile.TemporaryDirectory(prefix="walk-") as folder, httpx.Client(trust_env=False) as http:
        api = AgentRuntimeApi(endpoint.url, endpoint.tokens["alice"], http, clock=clock)
        walker = Walker(api, Path(folder), report)
        try:
            for scene in played:
                report.scene((scene.__doc__ or scene.__name__).splitlines()[0])
                scene(walker)
            coverages = _account(walker, report)
        except _FAILURES as error:
            report.failure(str(error))
            return 1
    return 1 if report.failed or any(one.missing for one in coverages) else 0


def _account(walker: Walker, report: WalkReport) -> tuple[Coverage, ...]:
    last_seq = walker.catch_up()
    report.events(walker.heard)
    report.tokens(walker.heard)
    coverages = covered(walker.api.requests, walker.approval_statuses, walker.heard)
    report.coverage(coverages)
    kinds = {event.type for event in walker.heard}
    report.check(f"the session counts {last_seq} events, and so does its log", is_true=last_seq == len(walker.heard))
    report.check(f"{len(kinds)} kinds of facts", is_true=len(kinds) >= LEAST_KINDS)
    report.check("everything was covered", is_true=not any(one.missing for one in coverages))
    return coverages
