"""How the demonstration looks: plain lines and tables, on a terminal and in a log."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.summary import summarise
from clients.tools.outcome import Outcome
from clients.views import Event, JsonObject, ToolCall
from infra.local.demo_references import Reference
from infra.local.demo_requests import Requests

_LOG_WIDTH = 120
_SHORT = 100
_LEFT_OUT = ("seq", "turn", "sha256")


def terminal() -> Console:
    """Return standard output; a log has no width of its own."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_LOG_WIDTH)


class DemoReport:
    """Prints the conversation as it goes, and the figures after it.

    What comes from files, models and users is printed as it is: it is never read as rich's markup.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def question(self, text: str, where: str) -> None:
        """Show what alice asks, and where."""
        self._line()
        self._line(("alice  ", "bold green"), (text, "bold"))
        self._line((f"       {where}", "dim"))

    def event(self, event: Event) -> None:
        """Show the choice of an agent; other events wait for the table."""
        if event.type == "AgentSwitched":
            confidence = event.fields.get("confidence")
            sure = "" if confidence is None else f", confidence {confidence:g}"
            self._line(
                ("agent  ", "bold cyan"),
                f"{event.fields['from_agent']} → {event.fields['to_agent']} ({event.fields['reason']}{sure})",
            )

    def call(self, call: ToolCall, outcome: Outcome) -> None:
        """Show a call that was executed here, and what came of it."""
        arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
        self._line(("tool   ", "bold yellow"), f"{call.tool} {arguments}")
        self._line((f"       → {_short(summarise(call.tool, outcome))}", "dim"))

    def answer(self, text: str) -> None:
        """Show the answer."""
        self._line()
        self._line(("answer ", "bold green"), text.replace("\n", "\n       "))
        self._line()

    def references(self, found: Sequence[Reference]) -> None:
        """Show what stands at the lines the answer names."""
        for one in found:
            if one.text is None:
                self._line(("  ✗ ", "bold red"), f"{one.path}:{one.line} does not exist or is empty")
            else:
                self._line(("  ✓ ", "green"), f"{one.path}:{one.line}", (f"  {_short(one.text)}", "dim"))

    def events(self, events: Sequence[Event]) -> None:
        """Show the session's log."""
        shown = table("Events", ("seq", "right"), ("type", "left"), ("after", "right"), ("what it says", "left"))
        began = events[0].occurred_at if events else None
        for event in events:
            shown.add_row(str(event.seq), event.type, _offset(began, event.occurred_at), Text(_said(event.fields)))
        self._console.print(shown)
        self._line((f"  events 1…{len(events)} without a gap", "bold green"))

    def tokens(self, events: Iterable[Event]) -> None:
        """Show what the model calls used, by model."""
        shown = table(
            "Model calls", ("model", "left"), ("calls", "right"), ("tokens in", "right"), ("tokens out", "right")
        )
        used: dict[str, Counter[str]] = {}
        for event in events:
            if event.type == "LlmRequestCompleted":
                of_model = used.setdefault(str(event.fields["model"]), Counter())
                of_model["calls"] += 1
                of_model["in"] += int(event.fields["input_tokens"])
                of_model["out"] += int(event.fields["output_tokens"])
        for model, count in used.items():
            shown.add_row(Text(model), str(count["calls"]), str(count["in"]), str(count["out"]))
        self._console.print(shown)

    def http_requests(self, requests: Counter[str]) -> None:
        """Show what alice's client sent."""
        shown = table("HTTP requests of the client", ("operation", "left"), ("requests", "right"))
        for operation, count in sorted(requests.items()):
            shown.add_row(operation, str(count))
        shown.add_row(Text("in all", "bold"), Text(str(requests.total()), "bold"))
        self._console.print(shown)

    def aws_requests(self, requests: Requests) -> None:
        """Show what the functions asked of AWS for this session, by their own logs."""
        shown = table(
            "AWS requests, as the functions logged them",
            ("service", "left"),
            ("operation", "left"),
            ("requests", "right"),
            ("by function", "left"),
        )
        for operation in sorted({operation for _, operation in requests}):
            service, _, name = operation.partition(".")
            of_functions = {function: count for (function, one), count in sorted(requests.items()) if one == operation}
            by_function = ", ".join(f"{function} {count}" for function, count in of_functions.items())
            shown.add_row(service, name, str(sum(of_functions.values())), Text(by_function))
        shown.add_row(Text("in all", "bold"), "", Text(str(requests.total()), "bold"), "")
        self._console.print(shown)

    def check(self, claim: str, *, is_true: bool) -> None:
        """Show whether something that must hold does."""
        mark = ("  ✓ ", "green") if is_true else ("  ✗ ", "bold red")
        self._line(mark, claim)

    def failure(self, text: str) -> None:
        """Show why there is no conversation to show."""
        self._line()
        self._line(("The demonstration failed: ", "bold red"), text)

    def _line(self, *parts: str | tuple[str, str]) -> None:
        # `soft_wrap` leaves folding to the terminal: a path stays in one piece for copying and for grep.
        self._console.print(Text.assemble(*parts), soft_wrap=True)


def table(title: str, *columns: tuple[str, str]) -> Table:
    """Return an empty table with these columns: a header, and `left` or `right`."""
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=True)
    for header, justify in columns:
        made.add_column(header, justify="right" if justify == "right" else "left")
    return made


def _offset(began: datetime | None, at: datetime) -> str:
    return f"+{(at - (began or at)).total_seconds():.3f} s"


def _said(fields: JsonObject) -> str:
    said = (f"{name}={_value(value)}" for name, value in fields.items() if value is not None and name not in _LEFT_OUT)
    return _short(", ".join(said))


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 24 else text[:12] + "…"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"
