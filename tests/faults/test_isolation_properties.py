"""No id, key, cursor or name that a stranger can think of leads into an owner's partition."""

import base64
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from domain.model.value import SessionKey, UserId
from functions.adapters.content_store import S3ContentStore
from functions.adapters.dynamodb import models
from functions.runtime.http import user_of
from functions.runtime.problems import Unauthenticated
from tests.functions.adapters.dynamodb.strategies import keys
from tests.support.api_contract import routes
from tests.support.aws_transport import ScriptedAws
from tests.support.edge import Edge
from tests.support.figures import Figures
from tests.support.hostile import FORGED_KEYS, IDS, STRANGE_CALL_IDS, SUBJECTS
from tests.support.log_lines import logged
from tests.support.system import memory_system
from tests.support.tenants import HAS_CALL, HAS_PLAN, OWNERS_KEY, SECRET, Tenants, claims_of, is_partition_of

NAMES = [row.name for row, _ in routes()]
EXAMPLES, ALL_EXAMPLES = 150, 5000


def forged(tenants: Tenants) -> SearchStrategy[str]:
    """Return whatever a stranger may put where an id belongs: the owner's ids, his keys, parts of both, anything."""
    owner = tenants.owner_id
    known = [*tenants.ids.values(), HAS_PLAN, owner, f"{owner}#SESSION#{HAS_CALL}", f"../{owner}/{HAS_CALL}"]
    stored = [item[key]["S"] for item in tenants.items() for key in ("PK", "SK")]
    return st.sampled_from([*known, *stored, *IDS, *FORGED_KEYS, *STRANGE_CALL_IDS]) | st.text(max_size=70)


def cursors_of(tenants: Tenants) -> list[str]:
    """Return every cursor that the owner can be given."""
    given: list[str] = []
    query = {"limit": "1", "include_inactive": "true"}
    while cursor := tenants.ask("list_sessions", {}, authorizer=tenants.owner, queryStringParameters=query).json.get(
        "next_cursor"
    ):
        given.append(cursor)
        query["cursor"] = cursor
    return given


def spoilt(cursor: str) -> list[str]:
    """Return what comes of a cursor that is cut, lengthened, edited or padded: none of it was given out."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    at, session_id = json.loads(text)
    edited: list[Any] = [
        *([at, f"{session_id}#"], [at, f"../{session_id}"], [at, ""], [at, None], [at], [at, session_id, "x"], {}),
        *([at.removesuffix("+00:00"), session_id], [at.replace("+00:00", "+01:00"), session_id], ["", session_id]),
        *([0, session_id], ["9999-99-99T00:00:00+00:00", session_id], [at.replace("T", " "), session_id]),
    ]
    encoded = [base64.urlsafe_b64encode(json.dumps(one, separators=(",", ":")).encode()) for one in edited]
    spaced = base64.urlsafe_b64encode(json.dumps(json.loads(text)).encode())
    return [
        *(cursor[:length] for length in range(len(cursor))),
        *(f"{cursor}A", f"{cursor}=", f" {cursor}", f"{cursor}\n", cursor.swapcase(), cursor[::-1], "x" * 400),
        *(one.decode().rstrip("=") for one in (*encoded, spaced)),
    ]


def test_no_request_names_a_partition_of_the_owner_whatever_is_forged(
    tenants: Tenants, figures: Figures, *, whole: bool
) -> None:
    """Hundreds of requests to every operation, none of which reads, writes, shows or logs anything of the owner's."""
    before, asked = tenants.items_of(tenants.owner_id), 0
    ids = forged(tenants)
    cursor = st.sampled_from(cursors_of(tenants))
    query = st.dictionaries(st.sampled_from(["after", "limit", "status"]), ids, max_size=2)
    queries = st.none() | st.builds(lambda at: {"cursor": at}, cursor | ids) | query

    @settings(max_examples=ALL_EXAMPLES if whole else EXAMPLES)
    @given(
        name=st.sampled_from(NAMES),
        named=st.fixed_dictionaries(dict.fromkeys(tenants.ids, ids)),
        key=st.sampled_from([None, OWNERS_KEY, f"{OWNERS_KEY}-2"]) | ids,
        query=queries,
    )
    def ask(name: str, named: dict[str, str], key: str | None, query: dict[str, str] | None) -> None:
        nonlocal asked
        asked += 1
        tenants.requests()

        with logged() as log:
            answer = tenants.ask(name, named, key=key, queryStringParameters=query)

        # What she calls a session of hers is hers, whatever it reads like.
        told = (answer.body + json.dumps(answer.headers)).replace(json.dumps(named["session_id"])[1:-1], "")
        for partition in (partition for sent in tenants.requests() for partition in sent.partitions):
            assert is_partition_of(tenants.stranger_id, partition)
        assert answer.status < 500
        assert SECRET not in told + log.text
        assert tenants.owner_id not in told

    ask()
    figures.note("requests for what is another's", sent=asked, operations=len(NAMES))
    assert tenants.items_of(tenants.owner_id) == before


def test_cursor_of_the_owner_shows_the_stranger_her_own_sessions(tenants: Tenants) -> None:
    """A cursor names a place and no user: it leads her to what she has behind that place, and to nothing of his."""
    hers = [f"hers-{number}" for number in range(3)]
    for session_id in hers:
        tenants.ask("create_session", {"session_id": session_id})
    cursors = cursors_of(tenants)
    tenants.requests()

    for cursor in cursors:
        page = tenants.ask("list_sessions", {}, queryStringParameters={"cursor": cursor}).json
        assert {session["id"] for session in page["items"]} <= set(hers)
        assert all(is_partition_of(tenants.stranger_id, at) for sent in tenants.requests() for at in sent.partitions)
    assert cursors


def test_cursor_is_refused_when_it_is_not_as_it_was_given_out(tenants: Tenants) -> None:
    """Cut, lengthened, edited, padded: one stable code for all, before any request is sent."""
    (cursor, *_) = cursors_of(tenants)
    tenants.requests()

    for one in spoilt(cursor):
        answer = tenants.ask("list_sessions", {}, queryStringParameters={"cursor": one})
        assert (answer.status, answer.code, answer.wrong_fields) == (422, "VALIDATION_ERROR", ["cursor"]), one
    assert tenants.requests() == []


def test_users_are_two_when_their_subjects_read_alike() -> None:
    """Separators, case, look-alikes, other spellings of one letter: another subject is another user."""
    assert len({user(subject) for subject in SUBJECTS}) == len(set(SUBJECTS)) == len(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_user_has_partitions_of_the_usual_form_when_the_subject_is_odd(subject: str) -> None:
    """Nothing of a subject comes into a key as it is, however long it may be and whatever is in it."""
    key = SessionKey(user=user(subject), session_id="s1")

    assert len(key.user) == 43
    assert models.session_key(models.session_pk(key)) == key


def test_users_have_a_session_each_when_all_choose_one_id() -> None:
    """Odd as their subjects are, everybody has his own session of that id, and it is all that he has."""
    edge = Edge(memory_system())

    for number, subject in enumerate(SUBJECTS):
        made = edge.call("create_session", {"session_id": "s1", "title": str(number)}, authorizer=claims_of(subject))
        assert made.status == 201

    for number, subject in enumerate(SUBJECTS):
        listed = edge.call("list_sessions", query=None, authorizer=claims_of(subject)).json
        assert [(session["id"], session["title"]) for session in listed["items"]] == [("s1", str(number))]


@pytest.mark.parametrize("subject", ["", None, 0, [], {}, "\ud800"])
def test_user_is_nobody_when_the_subject_is_none(subject: object) -> None:
    """An empty subject, or one that no UTF-8 can say, is nobody's rather than everybody's."""
    with pytest.raises(Unauthenticated):
        user(subject)


@given(keys, keys)
def test_objects_are_others_when_the_session_is_another(one: SessionKey, other: SessionKey) -> None:
    """No object's name begins where another session's, or another user's, begins."""
    mine, others = object_of(one), object_of(other)

    assert (mine == others) == (one == other)
    assert others.startswith(f"/{one.user}/") == (one.user == other.user)
    assert others.startswith(f"/{one.user}/{one.session_id}/") == (one == other)


def user(subject: object) -> UserId:
    """Return the user behind a subject."""
    return user_of({"requestContext": {"authorizer": claims_of(subject)}})


CONTENTS = S3ContentStore(ScriptedAws({}), "content")


def object_of(key: SessionKey) -> str:
    """Return the path of a session's object, as its signed address names it."""
    address = CONTENTS.url(key, "0" * 64)
    return "/" + address.partition("?")[0].split("/", 3)[3].removeprefix("content/")


def test_subjects_hold_two_spellings_of_one_text() -> None:
    """Some of them are one text to whoever normalises: the list would prove nothing else."""
    assert len({unicodedata.normalize("NFKC", subject).casefold().strip() for subject in SUBJECTS}) < len(SUBJECTS)
