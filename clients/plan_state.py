"""Whether a plan is being carried out, as a session's facts tell."""

from clients.views import Event

_BEGINS = frozenset({"PlanApproved", "SubtaskStarted"})
_ENDS = {
    "PlanCompleted": "completed",
    "PlanFailed": "failed",
    "PlanCancelled": "cancelled",
    "PlanRejected": "cancelled",
    "PlanRevisionRequested": "draft",
}


class PlanState:
    """The newest plan of a session, from the facts heard so far.

    Attributes:
        is_running: Whether its steps are being carried out, or one is about to be.
        how: How it stands once it does not run: `completed`, `failed`, `cancelled` or `draft`; None while it does, and
            before there is any.
        turn: The turn of the newest step; None before the first.
    """

    def __init__(self) -> None:
        self.is_running = False
        self.how: str | None = None
        self.turn: int | None = None
        self._heading_of: int | None = None

    def hear(self, event: Event) -> bool:
        """Take a fact in.

        Returns:
            Whether its message is a step's heading: written by the plan in a user's place.
        """
        if event.type in _BEGINS:
            self.begin()
            if event.type == "SubtaskStarted":
                self.turn = self._heading_of = event.turn
        elif event.type in _ENDS:
            self.is_running = False
            self.how = _ENDS[event.type]
        message = event.message
        if message is None or message.role != "user" or message.turn != self._heading_of:
            return False
        self._heading_of = None
        return True

    def begin(self) -> None:
        """Expect it to go on."""
        self.is_running = True
        self.how = None
