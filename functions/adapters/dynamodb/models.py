"""Items of the one table. Attribute names are short: a head stays under 1 KB, so that a write of it is one unit."""

from typing import ClassVar

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from domain.model.idempotency import ReceiptKey
from domain.model.value import CallId, SessionKey, UserId
from functions.adapters.aws import Aws
from functions.adapters.dynamodb.attributes import CallIdsAttribute, CompactJsonAttribute, MillisecondsAttribute

SEQ_DIGITS = 12
LOG_PREFIX = "LOG#"
RECEIPT_PREFIX = "IDEM#"
SETTINGS_SK = "SETTINGS"


ACTIVITY_INDEX = "by_activity"
LISTED = ("k", "t", "ac", "ca")
"""What the index repeats of a head: what rarely changes, since each change of it costs a unit more."""


class ActivityIndex(GlobalSecondaryIndex["HeadItem"]):  # type: ignore[no-untyped-call]  # PynamoDB does not type it
    """A user's sessions in the order of their newest user message; only heads are in it."""

    class Meta:
        """As the stack declares it."""

        index_name = ACTIVITY_INDEX
        projection = IncludeProjection(list(LISTED))

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    last_activity_at = UTCDateTimeAttribute(range_key=True, attr_name="la")


class Item(Model):
    """Any item. The keys hold the user, so that no query can cross tenants."""

    class Meta:
        """Where the items are; set by `connect`."""

        table_name: ClassVar[str] = "unset"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    kind = DiscriminatorAttribute(attr_name="k")
    by_activity = ActivityIndex()


class HeadItem(Item, discriminator="head"):
    """A session's own item: state, agent context, counters, lock, open calls."""

    title = UnicodeAttribute(attr_name="t", null=True)
    is_active = BooleanAttribute(attr_name="ac")
    created_at = MillisecondsAttribute(attr_name="ca")
    last_activity_at = UTCDateTimeAttribute(attr_name="la")
    incarnation = UnicodeAttribute(attr_name="in")
    turn_number = NumberAttribute(attr_name="tn")
    turn_status = UnicodeAttribute(attr_name="ts")
    turn_error = UnicodeAttribute(attr_name="te", null=True)
    turn_rounds = NumberAttribute(attr_name="tr")
    turn_switches = NumberAttribute(attr_name="tw")
    turn_refusals = NumberAttribute(attr_name="tf")
    last_turn = NumberAttribute(attr_name="lt")
    current_agent = UnicodeAttribute(attr_name="ag")
    switch_count = NumberAttribute(attr_name="sc")
    last_switch_at = MillisecondsAttribute(attr_name="sa", null=True)
    message_count = NumberAttribute(attr_name="mc")
    last_seq = NumberAttribute(attr_name="ls")
    open_calls = CallIdsAttribute(attr_name="oc", null=True)
    attempts = NumberAttribute(attr_name="at")
    has_settings = BooleanAttribute(attr_name="hs", null=True)
    lock_fence = NumberAttribute(attr_name="lf")
    lock_holder = UnicodeAttribute(attr_name="lh", null=True)
    lock_cover = UnicodeAttribute(attr_name="lc", null=True)
    lock_until_ms = NumberAttribute(attr_name="lu", null=True)


class CommitItem(Item, discriminator="commit"):
    """A log entry, which is the outbox row too. Never changed."""

    at = UTCDateTimeAttribute(attr_name="at")
    incarnation = UnicodeAttribute(attr_name="in")
    correlation_id = UnicodeAttribute(attr_name="co")
    causation_id = UnicodeAttribute(attr_name="cu", null=True)
    facts = CompactJsonAttribute(attr_name="f")
    messages = CompactJsonAttribute(attr_name="m", null=True)
    notes = CompactJsonAttribute(attr_name="n", null=True)


class CallItem(Item, discriminator="call"):
    """The changing part of a tool call; sorts right behind the commit that opened it."""

    tool = UnicodeAttribute(attr_name="tl")
    turn = NumberAttribute(attr_name="tu")
    status = UnicodeAttribute(attr_name="st")


class ReceiptItem(Item, discriminator="receipt"):
    """A command that was carried out with an idempotency key."""

    fingerprint = UnicodeAttribute(attr_name="fp")
    noted = CompactJsonAttribute(attr_name="no")
    expires_at_seconds = NumberAttribute(attr_name="ttl")


class SettingsItem(Item, discriminator="settings"):
    """What a client set for its session; there is none when it set nothing."""

    tools = CompactJsonAttribute(attr_name="to", null=True)
    policies = CompactJsonAttribute(attr_name="po", null=True)


def user_pk(user: UserId) -> str:
    """Return the partition of a user's heads."""
    return f"USER#{user}"


def head_sk(session_id: str) -> str:
    """Return the sort key of a head."""
    return f"SESSION#{session_id}"


def session_pk(key: SessionKey) -> str:
    """Return the partition of a session's log."""
    return f"USER#{key.user}#SESSION#{key.session_id}"


def log_sk(last_seq: int) -> str:
    """Return the sort key of the commit whose last fact is `last_seq`.

    >>> log_sk(9)
    'LOG#000000000009'
    """
    return f"{LOG_PREFIX}{last_seq:0{SEQ_DIGITS}d}"


def seq_of(sk: str) -> int:
    """Return the number in a log item's sort key.

    >>> seq_of("LOG#000000000009")
    9
    """
    return int(sk.split("#")[1])


def call_sk(call_id: CallId) -> str | None:
    """Return the sort key of a call; None when the id is none of ours.

    >>> call_sk(CallId("9-10"))
    'LOG#000000000009#CALL#10'
    """
    seq, dash, index = call_id.partition("-")
    is_ours = dash and _is_plain_number(seq, SEQ_DIGITS) and _is_plain_number(index, 2)
    return f"{log_sk(int(seq))}#CALL#{int(index):02d}" if is_ours else None


def _is_plain_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits and str(int(text)) == text


def receipt_sk(name: ReceiptKey) -> str:
    """Return the sort key of a receipt; the client's part comes last, whatever is in it."""
    return f"{RECEIPT_PREFIX}{name.route}#{name.key}"


def session_key(pk: str) -> SessionKey:
    """Return the session whose log lies in partition `pk`.

    >>> session_key("USER#u1#SESSION#s1").session_id
    's1'
    """
    _, user, _, session_id = pk.split("#")
    return SessionKey(user=UserId(user), session_id=session_id)


def connect(aws: Aws, table: str) -> Connection:
    """Point every model at `table` through the one client of `aws`, and return the connection they share.

    A PynamoDB model makes a connection, a session and a client of its own unless its base has one already.
    """
    Item.Meta.table_name = table
    Item._connection = None  # noqa: SLF001  # PynamoDB offers no way to exchange a model's connection
    connection = Item._get_connection().connection  # noqa: SLF001  # nor to read it
    connection._client = aws.client("dynamodb")  # noqa: SLF001  # nor to give it a client
    return connection
