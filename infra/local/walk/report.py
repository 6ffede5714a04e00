"""How the walk looks."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from clients.approval_views import Approval
from clients.consent import Decision
from clients.views import Event
from infra.local.demo_report import DemoReport, table
from infra.local.walk.coverage import Coverage

_LONGEST = 110
_SHOWN = (
    "Approval",
    "Plan",
    "Subtask",
    "ToolCallRefused",
    "ToolCallCancelled",
    "AgentSwitchRefused",
    "TurnCancelled",
    "TurnFailed",
    "Session",
)
"""How facts begin that are shown as they come; all of them stand in the table at the end."""


class WalkReport(DemoReport):
    """Prints the walk as it goes, and what it has covered.

    Attributes:
        failed: Claims that turned out to be false.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.failed: list[str] = []

    def scene(self, title: str) -> None:
        """Head what comes."""
        self._line()
        self._line((title, "bold underline"))

    def said(self, text: str) -> None:
        """Show what alice says."""
        self._line(("alice  ", "bold green"), _short(text))

    def event(self, event: Event) -> None:
        """Show the facts that the walk is about."""
        super().event(event)
        if event.type.startswith(_SHOWN):
            told = ", ".join(
                f"{event.fields[name]}" for name in ("subtask_id", "code", "tool") if event.fields.get(name)
            )
            self._line((f"       {event.seq} {event.type}{f' ({told})' if told else ''}", "dim"))

    def decision(self, approval: Approval, decision: Decision) -> None:
        """Show what alice decides."""
        why = f": {decision.feedback}" if decision.feedback else ""
        self._line(("decides", "bold magenta"), f" {decision.verdict} {approval.request_type} {approval.subject}{why}")

    def note(self, sentence: str) -> None:
        """Show a sentence."""
        self._line((f"       {sentence}", "dim"))

    def check(self, claim: str, *, is_true: bool) -> None:
        """Show whether something that must hold does."""
        super().check(claim, is_true=is_true)
        if not is_true:
            self.failed.append(claim)

    def coverage(self, coverages: Iterable[Coverage]) -> None:
        """Show what was covered, what was not, and what cannot be."""
        shown = table("Covered", ("of", "left"), ("seen", "right"), ("which", "left"))
        for one in coverages:
            shown.add_row(one.subject, f"{len(one.seen)}/{len(one.expected)}", Text(", ".join(sorted(one.seen))))
            for name, reason in sorted(one.left_out.items()):
                shown.add_row("", "", Text(f"not {name}: {reason}", "dim"))
            for name in sorted(one.missing):
                shown.add_row("", "", Text(f"MISSING: {name}", "bold red"))
        self._console.print(shown)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
