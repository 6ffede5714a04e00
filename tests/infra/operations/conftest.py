"""A stack that the operator's tools work on."""

from collections.abc import Iterator

import pytest

from tests.support.operated import Operated, operated


@pytest.fixture
def stack(aws_environment: None) -> Iterator[Operated]:  # noqa: ARG001  # only has to be there
    """Return a stack with empty queues and an empty log."""
    with operated() as made:
        yield made
