"""The keys hold the user, and nothing that anybody can choose reaches beyond his own partition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.model.value import CallId, SessionKey, UserId
from functions.adapters.dynamodb.message_mapper import call_id_of
from functions.adapters.dynamodb.models import call_sk, head_sk, log_sk, session_key, session_pk, user_pk
from tests.functions.adapters.dynamodb.strategies import MAX_SEQ, call_ids, keys, seqs
from tests.support.hostile import FORGED_KEYS, IDS, STRANGE_CALL_IDS
from tests.support.system import ALICE


def partitions(key: SessionKey) -> set[str]:
    """Every partition that operations on a session reach."""
    return {user_pk(key.user), session_pk(key)}


@given(keys, keys)
def test_partitions_are_others_when_the_user_is_another(one: SessionKey, other: SessionKey) -> None:
    """No two users share a partition, whatever their sessions are called."""
    if one.user == other.user:
        other = SessionKey(user=UserId(f"x{one.user[:-1]}y"), session_id=one.session_id)

    assert not partitions(one) & partitions(other)


@given(keys, keys)
def test_log_is_another_when_the_session_is_another(one: SessionKey, other: SessionKey) -> None:
    """Two sessions have two logs, and a partition of heads is never one of them."""
    assert (session_pk(one) == session_pk(other)) == (one == other)
    assert session_pk(one) != user_pk(other.user)


@given(keys)
def test_session_is_known_again_when_its_partition_is_read(key: SessionKey) -> None:
    """Stream records name a session by its partition alone."""
    assert session_key(session_pk(key)) == key


@pytest.mark.parametrize("session_id", [*IDS, *FORGED_KEYS])
def test_session_cannot_be_named_when_its_id_holds_odd_characters(session_id: str) -> None:
    """Separators and everything else that is no id never reach a key."""
    with pytest.raises(ValidationError):
        SessionKey(user=ALICE, session_id=session_id)


@pytest.mark.parametrize("user", FORGED_KEYS)
def test_session_cannot_be_named_when_its_user_holds_odd_characters(user: str) -> None:
    """Users are hashes; should anything else ever come here, it names nobody's partition."""
    with pytest.raises(ValidationError):
        SessionKey(user=UserId(user), session_id="s1")


@pytest.mark.parametrize("call_id", STRANGE_CALL_IDS)
def test_call_is_unknown_when_its_id_has_another_form(call_id: str) -> None:
    """A call has one id and no second spelling."""
    assert call_sk(CallId(call_id)) is None


@given(st.text(max_size=64))
def test_call_is_unknown_or_itself_when_its_id_is_anything(call_id: str) -> None:
    """Whatever names a call at all names exactly one."""
    sk = call_sk(CallId(call_id))

    assert sk is None or call_id_of(sk) == call_id


@given(call_ids)
def test_call_is_known_again_when_its_id_is_ours(call_id: CallId) -> None:
    """The id and the sort key say the same."""
    sk = call_sk(call_id)

    assert sk is not None
    assert call_id_of(sk) == call_id


@given(seqs, seqs)
def test_commits_sort_by_number_when_read_as_text(one: int, other: int) -> None:
    """The order of the sort keys is the order of the facts."""
    assert (log_sk(one) < log_sk(other)) == (one < other)


@given(st.integers(1, MAX_SEQ - 1), st.integers(0, 15))
def test_call_sorts_between_its_commit_and_the_next_when_read_as_text(seq: int, index: int) -> None:
    """So one Query brings a commit and its calls together."""
    sk = call_sk(CallId(f"{seq}-{index}"))

    assert sk is not None
    assert log_sk(seq) < sk < log_sk(seq + 1)


def test_head_has_its_own_kind_of_key_when_a_session_is_named_like_another_item() -> None:
    """A session called after an idempotency record is still a session."""
    assert head_sk("IDEM").startswith("SESSION#")
