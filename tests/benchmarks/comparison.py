"""The contest of stores: runs each contestant in its environment and tells all of them side by side."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from infra.local.environment import clean
from infra.local.layout import PEERS_VENV, ROOT
from infra.local.progress import step
from tests.benchmarks.contest.chat import EXCHANGES, MESSAGE_CHARACTERS
from tests.benchmarks.contest.crowd import EXCHANGES_EACH, WRITERS
from tests.benchmarks.contest.standing import Standing, from_json
from tests.benchmarks.markdown import markdown_table

PACKAGE = "tests.benchmarks.contest"
PEERS_PYTHON = PEERS_VENV / "bin" / "python"
CONTESTANTS: Mapping[str, Path] = {
    f"{PACKAGE}.ours": Path(sys.executable),
    f"{PACKAGE}.peers.agent_squad": PEERS_PYTHON,
    f"{PACKAGE}.peers.langchain": PEERS_PYTHON,
    f"{PACKAGE}.peers.langgraph": PEERS_PYTHON,
}
"""Module and interpreter of each; the peers' packages do not mix with ours."""
LAST_WORDS = 300
"""Characters of its output that are told of a process that died."""

CHAT_HEADINGS = (
    "Store",
    f"Write units, all {2 * EXCHANGES}",
    f"a message at {2 * EXCHANGES}",
    f"Read units, all {2 * EXCHANGES}",
    f"a message at {2 * EXCHANGES}",
    f"Requests, all {2 * EXCHANGES}",
    "Readable",
)
CROWD_HEADINGS = ("Store", "Acknowledged", "Readable", "Lost", "Doubled", "Refused")


def hold_contest(
    environment: Mapping[str, str], folder: Path, contestants: Mapping[str, Path] = CONTESTANTS
) -> Sequence[Standing]:
    """Run the contestants one after the other.

    Args:
        environment: Where they find DynamoDB Local; they see nothing else of ours.
        folder: For what they print.
        contestants: Module and interpreter of each.

    Returns:
        The standings, in the order of the contestants; one that could not run says why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    standings: list[Standing] = []
    for module, python in contestants.items():
        with step(f"Chat and crowd on {module.rpartition('.')[2]}"):
            standings += _run(module, python, environment, folder)
    return standings


def _run(module: str, python: Path, environment: Mapping[str, str], folder: Path) -> Sequence[Standing]:
    name = module.rpartition(".")[2]
    output, log = folder / f"{name}.json", folder / f"{name}.log"
    output.unlink(missing_ok=True)
    with log.open("w") as said:
        done = subprocess.run(
            [str(python), "-m", PACKAGE, module, "--output", str(output)],
            cwd=ROOT,
            env=clean(**environment),
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        error = f"exit code {done.returncode}: {log.read_text(errors='replace')[-LAST_WORDS:].strip()}"
        return [Standing(name, f"python -m {PACKAGE} {module}", {}, error=error)]
    return from_json(output.read_text())


def contest_report(standings: Sequence[Standing]) -> str:
    """Return both tables, what was used, and what could not run."""
    failed = [f"- **{standing.name}** could not run: {standing.error}" for standing in standings if standing.error]
    chat = (
        f"The same chat for everybody: {EXCHANGES} questions and {EXCHANGES} answers of {MESSAGE_CHARACTERS} "
        "characters, one after the other."
    )
    crowd = (
        f"The same crowd for everybody: {WRITERS} processes write {EXCHANGES_EACH} questions each to one session at "
        "once. Lost: acknowledged, and not in the conversation afterwards."
    )
    parts = [
        chat,
        markdown_table(CHAT_HEADINGS, _chat_rows(standings)),
        crowd,
        markdown_table(CROWD_HEADINGS, _crowd_rows(standings)),
        "\n".join([_used(standing) for standing in standings if not standing.error] + failed),
    ]
    return "\n\n".join(parts)


def _chat_rows(standings: Iterable[Standing]) -> Iterable[Sequence[str]]:
    for standing in standings:
        if standing.chat:
            total, last = standing.chat.total, standing.chat.last
            yield (
                standing.name,
                f"{total.writes:,}",
                f"{last.writes / 2:g}",
                f"{total.reads:,.0f}",
                f"{last.reads / 2:g}",
                f"{total.requests:,}",
                str(standing.chat.readable),
            )


def _crowd_rows(standings: Iterable[Standing]) -> Iterable[Sequence[str]]:
    for standing in standings:
        if standing.crowd:
            crowd = standing.crowd
            figures = (crowd.acknowledged, crowd.readable, crowd.lost, crowd.doubled)
            why = f" ({', '.join(crowd.errors)})" if crowd.errors else ""
            yield (standing.name, *map(str, figures), f"{crowd.refused}{why}")


def _used(standing: Standing) -> str:
    versions = ", ".join(f"{package} {version}" for package, version in standing.versions.items())
    return f"- **{standing.name}** ({versions or 'this checkout'}): {standing.how}"
