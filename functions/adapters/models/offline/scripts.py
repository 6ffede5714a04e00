"""How a wish is carried out over several rounds: a script asks for tool calls, is sent their results, and ends.

A script is a generator that depends on nothing but the wish and the results. So replaying it with the results that the
history holds brings it to exactly where it was, in any process, and no state is kept between calls.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from domain.model.llm import RequestedCall
from functions.adapters.models.offline.phrases import Voice
from functions.adapters.models.offline.transcript import Step

REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """What a script comes to.

    Attributes:
        text: For the user.
        is_complete: Whether the wish was carried out; a failed or misunderstood one must not count as a completed task.
    """

    text: str
    is_complete: bool = True


Script = Generator[tuple[RequestedCall, ...], tuple[Step, ...], Ending]


def failure(step: Step, voice: Voice) -> str:
    """Return what went wrong with a call, in the client's or the server's own words."""
    reason = " ".join(step.content[: 4 * REASON_CHARACTERS].split())[:REASON_CHARACTERS]
    return voice.say("step_failed", tool=step.tool, outcome=step.outcome or "no result", reason=reason or "-")


def failures(steps: Sequence[Step], voice: Voice) -> list[str]:
    """Return what went wrong with those calls that did not succeed."""
    return [failure(step, voice) for step in steps if not step.is_done]


def act(call: RequestedCall, done: str, voice: Voice) -> Script:
    """Make one call and say `done`, or what went wrong."""
    steps = yield (call,)
    problems = failures(steps, voice)
    return Ending("\n".join(problems), is_complete=False) if problems else Ending(done)


def ask(question: str, suggestions: tuple[str, ...]) -> Script:
    """Ask the user; the turn normally ends with that."""
    yield (
        RequestedCall(tool="ask_followup_question", arguments={"question": question, "suggestions": list(suggestions)}),
    )
    return Ending(question, is_complete=False)
