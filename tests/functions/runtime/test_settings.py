"""What a deployment tells its functions."""

import pytest

from functions.runtime.settings import Settings, is_lambda
from tests.support.system import SETTINGS

ENVIRONMENT = {name: getattr(SETTINGS, field) for field, name in Settings.environment_names().items()}


def test_settings_are_read_when_every_variable_is_there() -> None:
    """One variable for each field, under one prefix; others are passed over."""
    settings = Settings.from_environment(ENVIRONMENT | {"PATH": "/bin"})

    assert settings == SETTINGS
    assert all(name.startswith("AGENT_RUNTIME_") for name in ENVIRONMENT)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_settings_name_the_variable_when_one_is_missing(name: str) -> None:
    """A deployment that forgot one learns which."""
    environment = {other: value for other, value in ENVIRONMENT.items() if other != name}

    with pytest.raises(KeyError, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize(("environment", "expected"), [({"AWS_LAMBDA_FUNCTION_NAME": "f"}, True), ({}, False)])
def test_process_is_lambdas_when_lambda_named_its_function(environment: dict[str, str], *, expected: bool) -> None:
    """Lambda, real or local, names the function."""
    assert is_lambda(environment) is expected
    assert not is_lambda()
