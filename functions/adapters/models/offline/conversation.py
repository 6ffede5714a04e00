"""Answering plain language: recognise, replay what was done in this turn, take the next step or end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.model.agent import AgentType
from domain.model.llm import RequestedCall, ToolSpec
from domain.services.keywords import is_question
from functions.adapters.models.offline import doing, looking, mentions, recognition
from functions.adapters.models.offline.phrases import SUFFIX, Voice
from functions.adapters.models.offline.scripts import Ending, Script
from functions.adapters.models.offline.transcript import Step, Turn
from functions.adapters.models.offline.wishes import (
    AskBack,
    DeleteFile,
    Finish,
    HandOver,
    Introduce,
    ListFiles,
    MakeFolder,
    MakePlan,
    MoveFile,
    ReadFiles,
    RunCommand,
    Search,
    Unknown,
    Wish,
    WriteFile,
)

MAX_ROUNDS = 6
"""Answers to one message, hand-overs not counted: an agent can be handed over to only once, so those are few."""
SAID_CHARACTERS = 120

_SCRIPTS: Mapping[type, Callable[[Any, Voice], Script]] = {
    ListFiles: looking.list_files,
    ReadFiles: looking.read_files,
    Search: looking.search,
    WriteFile: doing.write_file,
    MakeFolder: doing.make_folder,
    DeleteFile: doing.delete_file,
    MoveFile: doing.move_file,
    RunCommand: doing.run_command,
    MakePlan: doing.make_plan,
    AskBack: doing.ask_back,
}
_LOOKING_TOOLS = frozenset({"read_file", "list_files", "search_in_code"})


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: a text, or calls."""

    text: str = ""
    calls: tuple[RequestedCall, ...] = ()


@dataclass(slots=True)
class _Progress:
    """What came of the wishes so far."""

    endings: list[Ending] = field(default_factory=list)

    def total(self, *more: str) -> Ending:
        texts = [*(ending.text for ending in self.endings), *more]
        return Ending("\n\n".join(texts), is_complete=not more and all(ending.is_complete for ending in self.endings))


def converse(turn: Turn, tools: Sequence[ToolSpec]) -> Reply:
    """Return the next answer to a message in plain language.

    Args:
        turn: The message and what has been done about it; its rounds are the only memory.
        tools: What the speaking agent may use.
    """
    text = turn.message.content
    offered = {tool.name: tool for tool in tools}
    voice = Voice(mentions.is_russian(text))
    return _Scene(turn, offered, voice).reply(_wishes(turn, offered))


def _wishes(turn: Turn, offered: Mapping[str, ToolSpec]) -> tuple[Wish, ...]:
    text = turn.message.content
    completed = recognition.answered(turn.question, text)
    if completed is not None:
        return (completed,)
    found = recognition.wishes(text)
    if isinstance(found[0], Unknown) and "create_plan" in offered and not is_question(text):
        # A task that came to the architect is one to plan.
        return (MakePlan(text),)
    return found


class _Scene:
    """One turn as one agent sees it."""

    def __init__(self, turn: Turn, offered: Mapping[str, ToolSpec], voice: Voice) -> None:
        self._rounds = [steps for steps in turn.rounds if any(step.tool != "switch_mode" for step in steps)]
        self._steps = [step for steps in turn.rounds for step in steps]
        self._offered = offered
        self._voice = voice

    def reply(self, wishes: tuple[Wish, ...]) -> Reply:
        """Return the next answer; a hand-over comes at its place, before or after the rest."""
        targets = [(at, wish.agent) for at, wish in enumerate(wishes) if isinstance(wish, HandOver)]
        if targets and targets[0][0] == 0 and not self._switches(targets[0][1]):
            return self._hand_over(targets[0][1])
        progress = _Progress()
        wanted = self._replay(_perform(wishes, progress, self._voice))
        if wanted is not None:
            return self._call(wanted, progress)
        waiting = [agent for _, agent in targets if not self._switches(agent)]
        if waiting:
            return self._hand_over(waiting[0])
        if targets:
            # The agent that was handed over to is to stay: completing the task would send the next message elsewhere.
            return self._text(progress.total(*(self._handed_over(agent) for _, agent in targets)).text)
        return self._end(progress.total())

    def _replay(self, script: Script) -> tuple[RequestedCall, ...] | None:
        """Return what the script asks for after the results that are there, None when it has ended."""
        try:
            wanted = next(script)
            for steps in self._rounds:
                wanted = script.send(steps)
        except StopIteration:
            return None
        return wanted

    def _call(self, wanted: tuple[RequestedCall, ...], progress: _Progress) -> Reply:
        if len(self._rounds) >= MAX_ROUNDS:
            return self._end(progress.total(self._voice.say("stopped", rounds=MAX_ROUNDS)))
        missing = next((call for call in wanted if not self._may(call)), None)
        if missing is None:
            return Reply(calls=wanted)
        if missing.tool == "ask_followup_question" and missing.arguments:
            options = "".join(f"\n- {option}" for option in missing.arguments["suggestions"])
            return self._text(progress.total(f"{missing.arguments['question']}{options}").text)
        agent = _able(missing.tool)
        if not self._switches(agent) and "switch_mode" in self._offered:
            return self._hand_over(agent, reason=self._voice.say("cannot", tool=missing.tool))
        refused = [self._refused(step, agent) for step in self._switches(agent) if not step.is_done]
        return self._text(progress.total(self._voice.say("cannot", tool=missing.tool), *refused).text)

    def _may(self, call: RequestedCall) -> bool:
        """Tell whether the agent may make a call; the architect, known by its plans, writes Markdown only."""
        if call.tool == "write_file" and "create_plan" in self._offered and call.arguments:
            return call.tool in self._offered and str(call.arguments["path"]).endswith(".md")
        return call.tool in self._offered

    def _switches(self, agent: AgentType) -> list[Step]:
        """Return the hand-overs to an agent that were tried in this turn."""
        return [step for step in self._steps if step.tool == "switch_mode" and step.text("mode") == agent]

    def _hand_over(self, agent: AgentType, *, reason: str = "") -> Reply:
        if "switch_mode" not in self._offered:
            return self._text(self._voice.say("cannot", tool="switch_mode"))
        arguments = {"mode": agent.value} | ({"reason": reason} if reason else {})
        return Reply(calls=(RequestedCall(tool="switch_mode", arguments=arguments),))

    def _handed_over(self, agent: AgentType) -> str:
        refused = [step for step in self._switches(agent) if not step.is_done]
        return self._refused(refused[0], agent) if refused else self._voice.say("handed_over", agent=agent)

    def _refused(self, step: Step, agent: AgentType) -> str:
        return self._voice.say("hand_over_failed", agent=agent, reason=step.content[:500])

    def _end(self, ending: Ending) -> Reply:
        """Return the last answer: as a completion when the work is done and can be completed, else as text."""
        is_tried = any(step.tool == "attempt_completion" for step in self._steps)
        if not ending.is_complete or "attempt_completion" not in self._offered or is_tried:
            return self._text(ending.text)
        result = f"{ending.text}\n\n{SUFFIX}"
        return Reply(calls=(RequestedCall(tool="attempt_completion", arguments={"result": result}),))

    def _text(self, text: str) -> Reply:
        return Reply(text=f"{text}\n\n{SUFFIX}")


def _perform(wishes: tuple[Wish, ...], progress: _Progress, voice: Voice) -> Script:
    """Carry the wishes out one after the other, stopping at the first that fails."""
    for wish in wishes:
        if isinstance(wish, HandOver):
            continue
        script = _SCRIPTS.get(type(wish))
        progress.endings.append((yield from script(wish, voice)) if script else _said(wish, voice))
        if not progress.endings[-1].is_complete:
            break
    return progress.total()


def _said(wish: Wish, voice: Voice) -> Ending:
    """Return the ending of a wish that needs no tool."""
    if isinstance(wish, Finish):
        return Ending(voice.say("finished"))
    if isinstance(wish, Introduce):
        return Ending(voice.say("wishes"), is_complete=False)
    said = " ".join(wish.text.split())[:SAID_CHARACTERS] if isinstance(wish, Unknown) else ""
    return Ending(f"{voice.say('unknown', said=said)}\n\n{voice.say('wishes')}", is_complete=False)


def _able(tool: str) -> AgentType:
    """Return the agent that has a tool."""
    if tool == "create_plan":
        return AgentType.ARCHITECT
    return AgentType.ASK if tool in _LOOKING_TOOLS else AgentType.CODER
