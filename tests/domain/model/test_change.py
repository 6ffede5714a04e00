"""What is written together."""

from domain.model.change import Commit
from tests.support.builders import make_session


def test_commit_touches_neither_lock_nor_anything_beside_head_and_log_unless_it_is_told_to() -> None:
    """A command that forgot to say must not free, or break, the lock of a worker."""
    head, *rest = Commit(before=None, after=make_session(), events=()).model_dump(exclude={"before", "events"}).items()

    assert head[0] == "after"
    assert not any(value for _, value in rest)
