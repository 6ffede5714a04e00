"""What an agent may use in a session."""

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.policy import Action, DeploymentPolicy, RequestType
from domain.model.settings import SessionSettings
from domain.model.tools import TOOLS
from domain.model.tools.tool import Where
from domain.services.deployment import deployment
from domain.services.toolbox import Toolboxes
from tests.support.builders import make_toolbox, memory_store
from tests.support.entities import make_custom_tool, make_rule
from tests.support.system import memory_system

CODER, ASK = REGISTRY[AgentType.CODER], REGISTRY[AgentType.ASK]
OWN = SessionSettings(tools=(make_custom_tool(),))


@pytest.mark.parametrize("agent", REGISTRY.values(), ids=lambda agent: agent.type)
def test_toolbox_holds_the_agents_own_tools_when_the_client_declared_none(agent: object) -> None:
    """Names, what a model sees, and what is found agree."""
    toolbox = make_toolbox(agent)  # type: ignore[arg-type]  # the registry's values

    assert tuple(spec.name for spec in toolbox.specs()) == toolbox.names == toolbox.agent.tools
    assert all(toolbox.find(name) is TOOLS[name] for name in toolbox.names)
    assert all(toolbox.find(name) is None for name in TOOLS.keys() - set(toolbox.names))


def test_declared_tool_is_offered_when_it_names_the_agent() -> None:
    """To nobody else; it runs at the client, and only after a person's yes."""
    found = make_toolbox(CODER, OWN).find("deploy_preview")

    assert found is not None
    assert (found.where, found.needs_approval) == (Where.CLIENT, True)
    assert make_toolbox(CODER, OWN).names[-1] == make_toolbox(CODER, OWN).specs()[-1].name == "deploy_preview"
    assert make_toolbox(ASK, OWN).find("deploy_preview") is None
    assert "deploy_preview" not in make_toolbox(ASK, OWN).names


@pytest.mark.parametrize(
    ("subject", "action"),
    [("read_file", Action.APPROVE), ("write_file", Action.ASK), ("deploy_preview", Action.ASK)],
)
def test_verdict_is_the_tools_own_when_no_rule_speaks_of_it(subject: str, action: Action) -> None:
    """What is not known is asked about."""
    assert make_toolbox(CODER, OWN).verdict(RequestType.TOOL, subject, {}).action is action


def test_verdict_asks_when_it_is_about_a_plan() -> None:
    """The default is to ask, whatever the plan is called."""
    assert make_toolbox(CODER).verdict(RequestType.PLAN, "read_file", {}).action is Action.ASK


def test_verdict_is_the_rules_when_deployment_or_session_has_one() -> None:
    """Each may tighten."""
    ruled = SessionSettings(policies=(make_rule("read_file"),))

    assert (
        make_toolbox(CODER, None, make_rule("write_*")).verdict(RequestType.TOOL, "write_file", {}).action == "reject"
    )
    assert make_toolbox(CODER, ruled).verdict(RequestType.TOOL, "read_file", {}).action == "reject"


def test_settings_are_read_only_when_the_head_says_that_there_are_some() -> None:
    """A session without costs no request."""
    system = memory_system()
    plain, own = system.create("s1"), system.create("s2", tools=(make_custom_tool(),))
    store = memory_store(system)
    toolboxes = Toolboxes(store, deployment(), DeploymentPolicy())
    store.settings_of[plain] = OWN

    assert toolboxes.settings(system.session(plain)) == SessionSettings()
    assert toolboxes.settings(system.session(own)) == OWN
    assert toolboxes.of(AgentType.CODER, OWN).agent.type is AgentType.CODER
