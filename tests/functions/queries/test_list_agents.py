"""GET /agents."""

from domain.agents import REGISTRY
from tests.support.edge import Edge


def test_list_agents_answers_200_when_sample_is_sent(edge: Edge) -> None:
    """The answer is the contract's list of Agents, without what only models read."""
    response = edge.call("list_agents")

    assert response.status == 200
    assert [item["type"] for item in response.json["items"]] == list(REGISTRY)
    assert {key for item in response.json["items"] for key in item} == {
        "type",
        "name",
        "description",
        "tools",
        "file_rule",
    }


def test_list_agents_answers_422_when_a_parameter_is_unknown(edge: Edge) -> None:
    """There is nothing to choose."""
    response = edge.call("list_agents", query={"limit": "1"})

    assert (response.status, response.wrong_fields) == (422, ["limit"])


def test_list_agents_answers_401_when_nobody_stands_behind_it(edge: Edge) -> None:
    """Everything but health needs a token."""
    assert edge.call("list_agents", authorizer={}).status == 401
