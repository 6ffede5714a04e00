"""Begin a session."""

from pydantic import ValidationInfo, field_validator

from domain.agents import REGISTRY
from domain.cqrs import Command, OfUser
from domain.model.agent import AgentContext, AgentType
from domain.model.custom_tools import DeclaredTools
from domain.model.draft import Draft
from domain.model.errors import AgentSwitchError
from domain.model.events.agent import AgentAssigned
from domain.model.events.session import SessionCreated
from domain.model.json_values import check_size
from domain.model.policy import Rule, Rules
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.value import SessionId, SessionKey
from domain.ports import Clock, Ids
from domain.queries.get_session import SessionDTO
from domain.services.receipts import WholeAnswers
from domain.services.session_management import SessionManagementService
from domain.services.titles import Title


class CreateSessionCommand(OfUser, Command):
    """Begin a session.

    Attributes:
        session_id: Chosen by the client; made when left out.
        title: 1–255 characters and at most 400 bytes, after trimming; taken from the first message when left out.
        agent: Who answers first; the orchestrator, which routes, when left out.
        tools: Tools that the client declares and carries out, at most 32; they need approval unless a policy of the
            deployment says otherwise.
        policies: Rules that tighten the deployment's, at most 50; with `tools`, at most 32 KB as JSON.
    """

    session_id: SessionId | None = None
    title: Title | None = None
    agent: AgentType = AgentType.ORCHESTRATOR
    tools: DeclaredTools = ()
    policies: Rules = ()

    @field_validator("policies")
    @classmethod
    def _fit_beside_the_tools(cls, policies: tuple[Rule, ...], others: ValidationInfo) -> tuple[Rule, ...]:
        check_size(SessionSettings(tools=others.data.get("tools", ()), policies=policies).as_json())
        return policies


class CreateSessionHandler:
    """Creates a session with its first facts in one write of 1 request. Raises `SessionCreated`, `AgentAssigned`."""

    def __init__(self, sessions: SessionManagementService, clock: Clock, ids: Ids) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    def handle(self, command: CreateSessionCommand) -> SessionDTO:
        """Create the session and return it.

        Raises:
            AgentSwitchError: there is no such agent in this deployment.
            SessionAlreadyExists: the user has a session with this id.
            IdempotencyKeyReused: the key came before with another request.
            SessionBusy: others were writing the same id for 6 s.
        """
        if command.agent not in REGISTRY:
            raise AgentSwitchError
        now = self._clock.now()
        session = Session(
            key=SessionKey(user=command.user, session_id=command.session_id or self._ids.session_id()),
            incarnation=self._ids.incarnation(),
            title=command.title,
            agent=AgentContext(current_agent=command.agent),
            created_at=now,
            last_activity_at=now,
        )
        draft = Draft(session, now, command.trace)
        draft.record(SessionCreated(has_title=command.title is not None))
        draft.record(AgentAssigned(agent=command.agent))
        settings = SessionSettings(tools=command.tools, policies=command.policies)
        if not settings.is_empty:
            draft.replace_settings(settings)
        return self._sessions.create(command, draft, SessionDTO.of(draft.session), WholeAnswers(SessionDTO))
