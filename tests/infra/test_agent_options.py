"""What a deployment may choose about its agents, and how it reaches the functions."""

from dataclasses import replace

import pytest

from domain.services.deployment import Deployment, Limits, deployment
from functions.runtime.composition import compose
from functions.runtime.settings import Settings
from infra.agents import AgentOptions
from tests.support.system import SETTINGS

CHOSEN = {"single_agent": "true", "max_rounds": "30", "max_switches": "7", "approval_seconds": "900"}


def test_choices_reach_the_domain_when_they_are_made() -> None:
    """From the context through the environment into what handlers are given."""
    told = AgentOptions.from_context(CHOSEN.get).settings()

    made = compose(replace(SETTINGS, **told)).get(Deployment)

    assert told == CHOSEN
    assert made == deployment(is_single_agent=True, limits=Limits(rounds=30, switches=7, approval_seconds=900))


def test_limits_are_the_domains_when_nothing_is_said() -> None:
    """One place holds the defaults, and every choice is a setting of its own."""
    told = AgentOptions.from_context({}.get).settings()

    assert compose(replace(SETTINGS, **told)).get(Deployment) == deployment()
    assert set(told) <= set(Settings.environment_names())


@pytest.mark.parametrize("value", [30, "30"])
def test_number_is_taken_when_it_comes_from_file_or_command_line(value: object) -> None:
    """JSON has numbers, a command line has text."""
    assert AgentOptions.from_context({"max_rounds": value}.get).max_rounds == 30


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"single_agent": "maybe"}, "single_agent='maybe' is none of true, false"),
        ({"max_rounds": "1"}, "max_rounds='1' is no whole number from 2 to 100"),
        ({"max_rounds": "101"}, "from 2 to 100"),
        ({"max_rounds": ""}, "from 2 to 100"),
        ({"max_rounds": "1e1"}, "from 2 to 100"),
        ({"max_rounds": "٣٠"}, "from 2 to 100"),
        ({"max_rounds": "9" * 5000}, "from 2 to 100"),
        ({"max_rounds": True}, "from 2 to 100"),
        ({"max_switches": "0"}, "from 1 to 50"),
        ({"max_switches": "-1"}, "from 1 to 50"),
        ({"approval_seconds": "4"}, "from 5 to 86400"),
        ({"approval_seconds": 1.5}, "from 5 to 86400"),
    ],
)
def test_choice_is_refused_when_it_cannot_work(context: dict[str, object], words: str) -> None:
    """A mistyped option is told with what would be right."""
    with pytest.raises(ValueError, match=words):
        AgentOptions.from_context(context.get)
