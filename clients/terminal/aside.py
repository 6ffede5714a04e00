"""What is asked of the server beside the turn that runs."""

import threading

from clients.terminal.commands import PlanOrder
from clients.terminal.endings import FAILURES, explain
from clients.terminal.screen import Screen
from clients.terminal.tools import Tools
from clients.terminal.turn_run import decide_plan


class Aside:
    """One request about the plan, in a thread of its own, so that the person can go on typing."""

    def __init__(self, tools: Tools, session_id: str, shown: threading.Condition, screen: Screen) -> None:
        """Show the plan on `screen`, which `shown` guards."""
        self._tools = tools
        self._session_id = session_id
        self._shown = shown
        self._screen = screen

    def start(self, order: PlanOrder | None) -> None:
        """Have the plan go on as ordered, if it is, and show it."""
        threading.Thread(target=self._work, args=(order,), name="aside", daemon=True).start()

    def _work(self, order: PlanOrder | None) -> None:
        api = self._tools.connect(self._tools.clock, lambda _operation, _failure: None)
        try:
            plan = api.get_plan(self._session_id) if order is None else decide_plan(api, self._session_id, order)
        except FAILURES as error:
            with self._shown:
                self._screen.problem(explain(error)[1])
            return
        with self._shown:
            self._screen.plan(plan)
