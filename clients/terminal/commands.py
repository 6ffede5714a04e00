"""What a line that the person types asks for."""

from dataclasses import dataclass
from typing import Literal

HELP = """\
What you type is sent; during a turn it waits until that has ended.
/now MESSAGE  stops the turn and says this instead
/plan         shows the plan and how far it is
/retry [STEP] tries a failed step again; /skip [STEP] goes on without it; /cancel-plan gives the plan up
/quit         leaves, as does Ctrl-D; the session stays
Ctrl-C        stops the turn; twice, it leaves"""

Action = Literal["retry", "skip", "cancel"]

_ACTIONS: dict[str, Action] = {"/retry": "retry", "/skip": "skip", "/cancel-plan": "cancel"}


@dataclass(frozen=True)
class PlanOrder:
    """How a plan is to go on.

    Attributes:
        action: What to do.
        step: Which one: its number from 1, or its id; None leaves it to the server.
    """

    action: Action
    step: str | None = None


@dataclass(frozen=True)
class Command:
    """A line that begins with a known word, or says something.

    Attributes:
        name: What is asked for.
        text: What is to be said.
        plan: Set for `decide_plan`.
    """

    name: Literal["say", "now", "quit", "help", "show_plan", "decide_plan"]
    text: str = ""
    plan: PlanOrder | None = None


def command(line: str) -> Command:
    """Return what a line asks for.

    >>> command("/skip 2").plan, command("/now stop it").text, command("/usr/bin is a folder").name
    (PlanOrder(action='skip', step='2'), 'stop it', 'say')
    """
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    if word in _ACTIONS:
        return Command("decide_plan", plan=PlanOrder(_ACTIONS[word], rest or None))
    match word:
        case "/quit":
            return Command("quit")
        case "/plan":
            return Command("show_plan")
        case "/now" if rest:
            return Command("now", rest)
        case "/now" | "/help":
            return Command("help")
        case _:
            return Command("say", line.strip())
