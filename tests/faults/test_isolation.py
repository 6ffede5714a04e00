"""Nothing of one user is another's: not to read, not to change, not even to know of.

Every function of the catalog that answers HTTP is tried, and every kind of item there is; a new one of either joins by
itself, or fails a test here that says what to add.
"""

import json
from collections import Counter
from itertools import product

import pytest

from domain.cqrs import OfSession
from domain.ports import ContentStore, EventPublisher
from functions.adapters.dynamodb.models import Item
from functions.adapters.eventbridge.envelope import to_detail
from functions.adapters.models.circuit import PARTITION as CIRCUITS
from functions.runtime.dotted import load
from tests.support.api_contract import routes
from tests.support.edge import LambdaContext, started
from tests.support.log_lines import logged
from tests.support.tenants import HAS_CALL, HAS_PLAN, NOWHERE, OWNERS_KEY, SECRET, Tenants, is_partition_of

MESSAGES = {row.name: load(row.message) for row, _ in routes()}
STATUSES = {row.name: route.status for row, route in routes()}
OF_SESSION = [name for name, message in MESSAGES.items() if issubclass(message, OfSession)]
OF_NONE = [name for name in MESSAGES if name not in OF_SESSION]
SHARED_PARTITIONS = {CIRCUITS: "whether the model's provider is up, which is nobody's"}
"""Partitions without a user, and why what lies there may be everybody's."""


def fields_that_name(name: str) -> set[str]:
    """Return the fields of an operation's message that name something of a user's."""
    return {field for field in MESSAGES[name].model_fields if field.endswith("_id")}


def without(text: str, session_id: str) -> str:
    """Return a request that is the same for every session."""
    return text.replace(session_id, "#")


@pytest.mark.parametrize("name", MESSAGES)
def test_operation_is_tried_with_an_id_of_the_owner_for_each_of_its_fields(name: str, tenants: Tenants) -> None:
    """A new field that names something needs an id of the owner's in `Tenants.ids`."""
    assert fields_that_name(name) <= tenants.ids.keys()


def test_owner_has_one_of_every_kind_of_item(tenants: Tenants) -> None:
    """A new kind of item has to be among what `Tenants` lets the owner have."""
    kinds = {item["k"]["S"] for item in tenants.items_of(tenants.owner_id)}

    assert kinds == {Item.kind.get_discriminator(kind) for kind in Item.__subclasses__()}
    assert {key.user for key, _ in tenants.system.get(ContentStore).stored} == {tenants.owner_id}


def test_every_item_lies_with_its_user_or_is_said_to_be_everybodys(tenants: Tenants) -> None:
    """The keys hold the user; whoever adds a partition without one has to say why."""
    users = (tenants.owner_id, tenants.stranger_id)
    for name in MESSAGES:
        tenants.ask(name, {"session_id": "hers"})

    elsewhere = {
        item["PK"]["S"] for item in tenants.items() if not any(is_partition_of(user, item["PK"]["S"]) for user in users)
    }

    assert elsewhere <= SHARED_PARTITIONS.keys()
    assert tenants.items_of(tenants.stranger_id)


@pytest.mark.parametrize("name", OF_SESSION)
def test_not_hers_is_answered_as_not_there(name: str, tenants: Tenants) -> None:
    """Status, headers and body are the same to the byte, and so are the requests behind them: time tells nothing."""
    before = tenants.items()

    with logged() as log:
        for owned, key in product((HAS_CALL, HAS_PLAN), (None, OWNERS_KEY)):
            foreign = tenants.ask(name, tenants.ids | {"session_id": owned}, key=key)
            asked_for_foreign = tenants.requests()
            missing = tenants.ask(name, tenants.ids | {"session_id": NOWHERE}, key=key)
            asked_for_missing = tenants.requests()

            assert (foreign.status, foreign.code) == (404, "SESSION_NOT_FOUND")
            assert foreign == missing
            assert [(sent.operation, without(sent.body, owned)) for sent in asked_for_foreign] == [
                (sent.operation, without(sent.body, NOWHERE)) for sent in asked_for_missing
            ]
            assert asked_for_foreign

    assert tenants.items() == before
    assert tenants.owner_id not in log.text
    assert SECRET not in log.text


@pytest.mark.parametrize("name", [name for name in OF_SESSION if fields_that_name(name) > {"session_id"}])
def test_what_the_owner_has_is_not_in_a_session_of_hers(name: str, tenants: Tenants) -> None:
    """In her own session the owner's approvals, calls and subtasks are as unknown as any that never were."""
    tenants.ask("create_session", {"session_id": "hers"})
    tenants.requests()
    nobodys = {"approval_id": "a-99-9", "call_id": "99-9", "subtask_id": "9"}

    foreign = tenants.ask(name, tenants.ids | {"session_id": "hers"})
    asked_for_foreign = tenants.requests()
    missing = tenants.ask(name, nobodys | {"session_id": "hers"})

    assert foreign.status == 404
    assert foreign == missing
    assert [sent.operation for sent in asked_for_foreign] == [sent.operation for sent in tenants.requests()]


@pytest.mark.parametrize("name", OF_NONE)
def test_owner_is_not_to_be_noticed_when_no_session_is_named(name: str, tenants: Tenants) -> None:
    """She may take the ids and keys that he took: hers are hers, and nothing of his is replayed to her."""
    before = tenants.items_of(tenants.owner_id)

    answer = tenants.ask(name, tenants.ids, key=OWNERS_KEY)

    assert answer.status == STATUSES[name]
    assert "Idempotent-Replayed" not in answer.headers
    assert not [mark for mark in (SECRET, HAS_PLAN, tenants.owner_id) if mark in answer.body]
    assert all(is_partition_of(tenants.stranger_id, at) for sent in tenants.requests() for at in sent.partitions)
    assert tenants.items_of(tenants.owner_id) == before


@pytest.mark.parametrize("name", OF_SESSION)
def test_owner_is_answered_where_the_stranger_is_not(name: str, tenants: Tenants) -> None:
    """The requests above are refused for who asks, not for what they ask: from the owner they are good ones."""
    session = HAS_PLAN if name.endswith("_plan") else HAS_CALL

    answer = tenants.ask(name, tenants.ids | {"session_id": session}, authorizer=tenants.owner)

    assert answer.status in {STATUSES[name], 409}


def test_published_events_are_of_one_user_each(tenants: Tenants) -> None:
    """Relayed in one batch, facts keep the user whose partition they lie in, and none carries his words."""
    tenants.ask("create_session", {"session_id": HAS_PLAN})
    tenants.ask("add_message", {"session_id": HAS_PLAN})
    commits = [item for item in tenants.items() if item["k"]["S"] == "commit"]
    records = [{"dynamodb": {"Keys": {key: item[key] for key in ("PK", "SK")}, "NewImage": item}} for item in commits]

    with logged() as log:
        started("publish_events", tenants.system)({"Records": records}, LambdaContext())

    published = [to_detail(event) for event in tenants.system.get(EventPublisher).taken]
    told = Counter((detail["metadata"]["user"], detail["metadata"]["session_id"]) for detail in published)
    stored = Counter[tuple[str, str]]()
    for item in commits:
        _, user, _, session_id = item["PK"]["S"].split("#")
        stored[user, session_id] += len(json.loads(item["f"]["S"]))
    assert told == stored
    assert {user for user, _ in told} == {tenants.owner_id, tenants.stranger_id}
    assert SECRET not in json.dumps(published) + log.text
