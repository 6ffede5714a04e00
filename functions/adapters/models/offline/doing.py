# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""Wishes that change something or speak to somebody: write, move, delete, run, plan, ask."""

import re
from collections.abc import Sequence

from domain.model.agent import AgentType
from domain.model.llm import RequestedCall
from domain.model.message import CallStatus
from domain.model.value import JsonObject
from domain.services.keywords import classify
from functions.adapters.models.offline import results, terms
from functions.adapters.models.offline.phrases import Voice
from functions.adapters.models.offline.scripts import Ending, Script, act, ask, failures
from functions.adapters.models.offline.wishes import (
    AskBack,
    DeleteFile,
    MakeFolder,
    MakePlan,
    MoveFile,
    RunCommand,
    WriteFile,
)

MAX_OUTPUT_LINES = 40
MAX_SUBTASKS = 8
TITLE_CHARACTERS = 80
DESCRIPTION_CHARACTERS = 1000

_STEP = re.compile(r"^[ \t]*(?:\d{1,3}[.)]|[-*•])[ \t]+(\S[^\n]*)", re.MULTILINE)
_SEQUENCE = re.compile(
    r"[.,;]?\s+(?:and\s+)?(?:then|after that|finally|secondly)[,:]?\s+"
    r"|[.,;]?\s+(?:а\s+|и\s+)?(?:затем|потом|после этого)[,:]?\s+",
    re.IGNORECASE,
)
_FIRST = re.compile(r"(?:.*?[:.]\s+)?(?:first(?:ly)?|сначала)[,:]?\s+", re.IGNORECASE | re.DOTALL)


def write_file(wish: WriteFile, voice: Voice) -> Script:
    """Write a file, or ask what it shall hold."""
    if wish.content is None:
        heading = f"# {wish.path.rsplit('/', 1)[-1]}"
        return (yield from ask(voice.say("ask_content", path=wish.path), (voice.say("empty"), heading)))
    arguments: JsonObject = {"path": wish.path, "content": wish.content}
    if "/" in wish.path:
        arguments["create_dirs"] = True
    done = voice.say("written", path=wish.path, count=len(wish.content.splitlines()))
    return (yield from act(RequestedCall(tool="write_file", arguments=arguments), done, voice))


def make_folder(wish: MakeFolder, voice: Voice) -> Script:
    """Create a folder, or ask which."""
    if not wish.path:
        return (yield from ask(voice.say("ask_folder"), ("docs", "tests")))
    call = RequestedCall(tool="create_directory", arguments={"path": wish.path})
    return (yield from act(call, voice.say("folder_made", path=wish.path), voice))


def delete_file(wish: DeleteFile, voice: Voice) -> Script:
    """Delete a file."""
    call = RequestedCall(tool="delete_file", arguments={"path": wish.path})
    return (yield from act(call, voice.say("deleted", path=wish.path), voice))


def move_file(wish: MoveFile, voice: Voice) -> Script:
    """Move or rename a file."""
    call = RequestedCall(tool="move_file", arguments={"source": wish.source, "destination": wish.destination})
    return (yield from act(call, voice.say("moved", source=wish.source, destination=wish.destination), voice))


def run_command(wish: RunCommand, voice: Voice) -> Script:
    """Run a command and show what it printed, or ask which."""
    if not wish.command:
        return (yield from ask(voice.say("ask_command"), ("git status", "make test")))
    steps = yield (RequestedCall(tool="execute_command", arguments={"command": wish.command}),)
    problems = failures(steps, voice)
    if problems:
        return Ending("\n".join(problems), is_complete=False)
    printed = [line for step in steps for line in _output(step.content)]
    if not printed:
        return Ending(voice.say("ran_silently", command=wish.command))
    shown = printed[:MAX_OUTPUT_LINES]
    if len(printed) > MAX_OUTPUT_LINES:
        shown.append(voice.say("more", count=len(printed) - MAX_OUTPUT_LINES))
    return Ending("\n".join([voice.say("ran", command=wish.command), *shown]))


def ask_back(wish: AskBack, voice: Voice) -> Script:
    """Ask the user what he wants to be asked."""
    suggestions = wish.suggestions or (voice.say("suggest_yes"), voice.say("suggest_no"))
    return (yield from ask(wish.question, suggestions))


def make_plan(wish: MakePlan, voice: Voice) -> Script:
    """Propose a plan; when it comes back with remarks, propose it once more with them."""
    steps = yield (_plan(wish.goal, "", voice),)
    remarks = next((step.content for step in steps if step.outcome is CallStatus.REJECTED), "")
    if remarks:
        steps = yield (_plan(wish.goal, remarks, voice),)
    problems = failures(steps, voice)
    if problems:
        return Ending("\n".join(problems), is_complete=False)
    return Ending(voice.say("planned", title=_title(wish.goal)))


def _plan(goal: str, remarks: str, voice: Voice) -> RequestedCall:
    description = goal.strip()[:DESCRIPTION_CHARACTERS]
    if remarks:
        description = f"{description}\n\n{voice.say('feedback', feedback=remarks[:DESCRIPTION_CHARACTERS])}"
    subtasks = [
        {
            # The title repeats the order, so that a title is understood as well as its description.
            "title": _title(text),
            "description": text,
            "agent": agent,
            "estimated_time_minutes": 5,
            # Indices of earlier subtasks, from 0.
            "dependencies": [at - 1] if at else [],
        }
        for at, (text, agent) in enumerate(_subtasks(goal, voice))
    ]
    arguments: JsonObject = {"title": _title(goal), "description": description, "subtasks": subtasks}
    return RequestedCall(tool="create_plan", arguments=arguments)


def _subtasks(goal: str, voice: Voice) -> list[tuple[str, AgentType]]:
    """Return description and agent of each step: those that the goal names, else look, do, check."""
    named = _steps(goal)
    if len(named) >= 2:
        return [(step[:DESCRIPTION_CHARACTERS], _agent(step)) for step in named[:MAX_SUBTASKS]]
    quest = terms.quest(goal)
    wanted = " ".join(quest.exact) or quest.title if quest else ""
    check = [(voice.say("check_how", wanted=wanted), AgentType.ASK)] if wanted else []
    return [(voice.say("look_how"), AgentType.ASK), (goal.strip()[:DESCRIPTION_CHARACTERS], AgentType.CODER), *check]


def _steps(goal: str) -> Sequence[str]:
    listed = [match[1].strip() for match in _STEP.finditer(goal)]
    if len(listed) >= 2:
        return listed
    first = _FIRST.match(goal)
    return [part.strip() for part in _SEQUENCE.split(goal[first.end() if first else 0 :]) if part.strip()]


def _agent(step: str) -> AgentType:
    """Return who does a step; planning a step of a plan is the coder's own business."""
    agent = classify(step).agent
    return AgentType.CODER if agent is AgentType.ARCHITECT else agent


def _title(text: str) -> str:
    title = " ".join(text.split())[:TITLE_CHARACTERS]
    return f"{title[:1].upper()}{title[1:]}"


def _output(content: str) -> list[str]:
    """Return the lines a command printed, with its exit code when the client tells it."""
    parts = results.fields(content)
    if not parts:
        return content.splitlines()
    printed = (parts.get(name) for name in ("stdout", "output", "stderr"))
    code = parts.get("exit_code", parts.get("returncode"))
    output = [line for text in printed if isinstance(text, str) for line in text.splitlines()]
    return [*output, f"exit code {code}"] if isinstance(code, int) else output
