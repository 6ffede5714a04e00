"""`SessionRepository.settings`: what a client set for its session, beside the head."""

import pytest

from domain.model.custom_tools import CustomTool
from domain.model.draft import Draft
from domain.model.errors import LostRace
from domain.model.events.session import SessionCreated, SessionUpdated
from domain.model.policy import Action, RequestType, Rule
from domain.model.settings import SessionSettings
from domain.model.value import SessionKey
from tests.contracts.steps import Steps
from tests.support.builders import make_key, make_session
from tests.support.system import BOB

TOOL = CustomTool.model_validate(
    {"name": "deploy", "description": "Deploy.", "parameters": {"type": "object"}, "agents": ["coder"]}
)
RULE = Rule(request_type=RequestType.TOOL, subject="*", action=Action.REJECT, conditions={"x_eq": [None, 1.5, "я"]})
BOTH = SessionSettings(tools=(TOOL,), policies=(RULE,))
TOOLS_ALONE = SessionSettings(tools=(TOOL,))


def create_with(steps: Steps, settings: SessionSettings) -> SessionKey:
    """Store a session with settings."""
    draft = steps.draft(make_session(last_seq=0))
    draft.record(SessionCreated(has_title=False))
    draft.replace_settings(settings)
    steps.sessions.commit(draft.commit())
    return draft.session.key


def replace(steps: Steps, key: SessionKey, settings: SessionSettings) -> None:
    """Store other settings."""

    def decide(draft: Draft) -> None:
        draft.record(SessionUpdated(fields=("policies",)))
        draft.replace_settings(settings)

    steps.change(steps.sessions.get(key), decide)


@pytest.mark.parametrize("settings", [BOTH, TOOLS_ALONE, SessionSettings(policies=(RULE, RULE))])
def test_settings_are_read_as_given_when_a_session_is_created_with_them(
    steps: Steps, settings: SessionSettings
) -> None:
    """And the head says that there are some."""
    key = create_with(steps, settings)

    assert steps.sessions.settings(key) == settings
    assert steps.sessions.get(key).has_settings


def test_settings_are_empty_when_none_were_given(steps: Steps) -> None:
    """Nor does a session of somebody else give any away."""
    create_with(steps, BOTH)
    other = steps.create("s2")

    assert not steps.sessions.get(other).has_settings
    for key in (other, make_key("s1", BOB), make_key("missing")):
        assert steps.sessions.settings(key) == SessionSettings()


def test_settings_are_replaced_when_others_are_committed(steps: Steps) -> None:
    """As often as is liked, down to nothing and up again."""
    key = create_with(steps, BOTH)

    for settings in (TOOLS_ALONE, SessionSettings(), BOTH, SessionSettings(policies=(RULE,)), SessionSettings()):
        replace(steps, key, settings)

        assert steps.sessions.settings(key) == settings
        assert steps.sessions.get(key).has_settings is not settings.is_empty


def test_settings_stay_when_a_commit_does_not_speak_of_them(steps: Steps) -> None:
    """Neither item nor mark is touched."""
    key = create_with(steps, BOTH)

    steps.say(key)

    assert steps.sessions.settings(key) == BOTH
    assert steps.sessions.get(key).has_settings


def test_settings_stay_when_their_commit_loses_the_race(steps: Steps) -> None:
    """Settings and facts are written together or not at all."""
    key = create_with(steps, BOTH)
    stale = steps.sessions.get(key)
    steps.say(key)

    def decide(draft: Draft) -> None:
        draft.record(SessionUpdated(fields=("policies",)))
        draft.replace_settings(SessionSettings())

    with pytest.raises(LostRace):
        steps.change(stale, decide)

    assert steps.sessions.settings(key) == BOTH


def test_log_holds_no_settings_when_there_are_some(steps: Steps) -> None:
    """They are no part of what clients follow."""
    key = create_with(steps, BOTH)
    replace(steps, key, TOOLS_ALONE)

    assert [event.fact.type_name() for event in steps.events(key)] == ["SessionCreated", "SessionUpdated"]
