"""The description of the API and the gateway say the same."""

from domain.model.errors import InvalidInput
from infra.constructs.gateway_responses import GATEWAY_RESPONSES
from infra.constructs.rest_api import STAGE
from infra.openapi.conversation import BASE
from infra.openapi.document import document
from infra.openapi.refusals import COMMON, SAYS_WHEN_TO_REPEAT


def test_common_refusals_are_those_of_the_gateway_and_of_the_edge() -> None:
    """Whatever the gateway says by itself, any operation can be answered with; besides, fields can be wrong."""
    spoken = {refusal.code for _, refusal in GATEWAY_RESPONSES}

    assert {class_.code for class_ in COMMON} == spoken | {InvalidInput.code}


def test_gateway_says_when_to_repeat_where_it_is_described() -> None:
    """`Retry-After` comes with exactly the codes that promise it."""
    spoken = {refusal.code: refusal.retry_after_seconds is not None for _, refusal in GATEWAY_RESPONSES}

    assert {code for code, is_told in spoken.items() if is_told} == SAYS_WHEN_TO_REPEAT & spoken.keys()


def test_addresses_end_in_the_stage() -> None:
    """The version in the path is the gateway's stage."""
    assert f"/{STAGE}" == BASE
    assert all(server["url"].endswith(BASE) for server in document()["servers"])
