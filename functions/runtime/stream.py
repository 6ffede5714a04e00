"""The table's stream: inserted commits become a command."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.commands.publish_events import PublishEventsCommand
from domain.model.log import CommitKey, Event
from domain.model.value import CorrelationId, Trace
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import CommitItem, seq_of, session_key
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import invocation, logger

_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What reading an item raises that is none of ours."""


class StreamFunction(RuntimeFunction):
    """Relays commits; each record is one, as the mapping's filter sees to."""

    _log = LogMapper()

    def __call__(self, event: Mapping[str, Any], _: Any) -> dict[str, Any]:
        """Publish the commits of a batch of stream records.

        Returns:
            Which record the stream must deliver again from: none, unless parking failed too.
        """
        records = event["Records"]
        with invocation(self.row.name, self.seam, self.clock) as line:
            commits: list[tuple[Event, ...]] = []
            unreadable: list[CommitKey] = []
            for record in records:
                self._read(record, commits, unreadable)
            line |= {
                "session_id": _only({commit[-1].key.session_id for commit in commits}),
                "correlation_id": _only({commit[-1].trace.correlation_id for commit in commits}),
                "commits": len(commits),
            }
            command = PublishEventsCommand(trace=_trace(commits), commits=tuple(commits), unreadable=tuple(unreadable))
            try:
                published = self.registry.execute_command(command)
            except Exception:  # noqa: BLE001  # reported to the stream, which delivers again
                logger.exception("defect", extra=line)
                first = records[0]["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": first}]}
            line |= {"events": published.events, "parked": len(published.parked)}
        return {"batchItemFailures": []}

    def _read(self, record: Mapping[str, Any], commits: list[tuple[Event, ...]], unreadable: list[CommitKey]) -> None:
        """Add a record's events, or the key of a commit that nobody can read, which must not block those behind it."""
        try:
            commits.append(tuple(self._log.to_entity(CommitItem.from_raw_data(record["dynamodb"]["NewImage"]))))
        except _UNREADABLE:
            keys = record.get("dynamodb", {}).get("Keys")
            logger.exception("poison record", extra={"function": self.row.name, "keys": keys})
            unreadable += _keys_of(keys)


def _keys_of(keys: Any) -> list[CommitKey]:
    """Return the key of a commit; nothing when it names none of ours, since nobody could find it again."""
    try:
        return [CommitKey(key=session_key(keys["PK"]["S"]), last_seq=seq_of(keys["SK"]["S"]))]
    except _UNREADABLE:
        return []


def _only(names: set[str]) -> str | None:
    """Return the one name that a line can carry; None when there are several, or none."""
    return next(iter(names)) if len(names) == 1 else None


def _trace(commits: Sequence[tuple[Event, ...]]) -> Trace:
    return commits[0][-1].trace if commits else Trace(correlation_id=CorrelationId("none"))
