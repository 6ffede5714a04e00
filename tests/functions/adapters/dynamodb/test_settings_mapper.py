"""Settings survive their item."""

from hypothesis import given
from hypothesis import strategies as st

from domain.model.custom_tools import CustomTool
from domain.model.json_values import MAX_BYTES, is_json_equal
from domain.model.policy import Action, RequestType, Rule
from domain.model.settings import SessionSettings
from functions.adapters.dynamodb.models import SettingsItem, session_pk
from functions.adapters.dynamodb.settings_mapper import SettingsMapper
from tests.domain.model.test_custom_tools import TOOL, schemas, with_parameter
from tests.functions.adapters.dynamodb.strategies import json_values
from tests.support.builders import make_key
from tests.support.item_size import MAX_ITEM_BYTES, item_bytes

MAPPER = SettingsMapper(make_key())

rules = st.builds(
    Rule,
    request_type=st.sampled_from(RequestType),
    subject=st.text(min_size=1, max_size=20),
    action=st.sampled_from(Action),
    priority=st.integers(-1000, 1000),
    reason=st.text(max_size=20),
    conditions=st.dictionaries(st.sampled_from(["x_eq", "path_eq", "é_eq"]), json_values, max_size=2),
)
tools = schemas.map(lambda schema: CustomTool.model_validate(with_parameter(schema)))
settings = st.builds(SessionSettings, tools=st.lists(tools, max_size=2), policies=st.lists(rules, max_size=3))


def again(given_: SessionSettings) -> SessionSettings:
    """The settings after they were stored and read."""
    return MAPPER.to_entity(SettingsItem.from_raw_data(MAPPER.to_model(given_).serialize()))


@given(settings)
def test_settings_come_back_the_same_when_stored(given_: SessionSettings) -> None:
    """Every keyword, the absent ones included, and values as JSON tells them apart."""
    back = again(given_)

    assert back == given_
    assert is_json_equal(back.model_dump(mode="json"), given_.model_dump(mode="json"))
    assert [tool.spec() for tool in back.tools] == [tool.spec() for tool in given_.tools]


def test_settings_are_one_item_of_their_session_when_stored() -> None:
    """In the session's partition, apart from its log; what is empty takes no room."""
    item = MAPPER.to_model(SessionSettings(tools=(CustomTool.model_validate(TOOL),))).serialize()

    assert (item["PK"], item["SK"], item["k"]) == (
        {"S": session_pk(make_key())},
        {"S": "SETTINGS"},
        {"S": "settings"},
    )
    assert item.keys() == {"PK", "SK", "k", "to"}


def test_settings_fit_an_item_when_they_are_as_large_as_may_be() -> None:
    """32 KB of JSON are far from 400."""
    rule = Rule(request_type=RequestType.TOOL, subject="*", action=Action.ASK, reason="я" * 2000)
    largest = SessionSettings(policies=(rule,) * (MAX_BYTES // 4000))

    assert item_bytes(MAPPER.to_model(largest).serialize()) < MAX_ITEM_BYTES / 10
