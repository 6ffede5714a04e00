"""The table's stream: inserted commits become a command."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.commands.publish_events import Published, PublishEventsCommand
from domain.commands.run_turn import Delivery
from domain.model.log import CommitKey, Event
from domain.model.value import CorrelationId, Trace
from functions import metrics
from functions.adapters.dynamodb.log_mapper import UNREADABLE, LogMapper
from functions.adapters.dynamodb.models import CommitItem, seq_of, session_key
from functions.runtime.function import RuntimeFunction
from functions.runtime.observability import error_code, log_error, logger
from functions.runtime.problems import InternalError


class StreamFunction(RuntimeFunction):
    """Relays commits; each record is one, as the mapping's filter sees to."""

    _log = LogMapper()

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Publish the commits of a batch of stream records.

        Every commit is found by its session and correlation id: a single one on the invocation's line, several on a
        line each.

        Returns:
            Which record the stream must deliver again from: none, unless parking failed too.
        """
        records = event["Records"]
        with self.observer.invocation(self.row.name, context) as line:
            commits: list[tuple[Event, ...]] = []
            unreadable: list[CommitKey] = []
            for record in records:
                self._read(record, commits, unreadable)
            line["commits"] = len(commits)
            if len(commits) == 1:
                line.update(_named(commits[0]))
            if len(commits) < len(records):
                line["code"] = InternalError.code
            command = PublishEventsCommand(trace=_trace(commits), commits=tuple(commits), unreadable=tuple(unreadable))
            try:
                published = self.registry.execute_command(command)
            except Exception as error:  # noqa: BLE001  # reported to the stream, which delivers again
                log_error("defect", error, line | {"correlation_ids": _correlation_ids(commits)})
                line |= {"code": error_code(error), "delivery": Delivery.COMES_BACK.value}
                first = records[0]["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": first}]}
            line |= {"events": published.events, "parked": len(published.parked), "delivery": Delivery.DONE.value}
            self._tell(commits, published)
        return {"batchItemFailures": []}

    def _tell(self, commits: Sequence[tuple[Event, ...]], published: Published) -> None:
        function = {"function": self.row.name}
        if published.events:
            self.observer.figures.add(metrics.EVENTS_PUBLISHED, function, published.events)
        if published.parked:
            self.observer.figures.add(metrics.COMMITS_PARKED, function, len(published.parked))
        for commit in commits if len(commits) > 1 else ():
            logger.info("relayed", extra=function | _named(commit))

    def _read(self, record: Mapping[str, Any], commits: list[tuple[Event, ...]], unreadable: list[CommitKey]) -> None:
        """Add a record's events, or the key of a commit that nobody can read, which must not block those behind it."""
        try:
            commits.append(tuple(self._log.to_entity(CommitItem.from_raw_data(record["dynamodb"]["NewImage"]))))
        except UNREADABLE as error:
            keys = record.get("dynamodb", {}).get("Keys")
            log_error("poison record", error, {"function": self.row.name, "keys": keys})
            unreadable += _keys_of(keys)


def _keys_of(keys: Any) -> list[CommitKey]:
    """Return the key of a commit; nothing when it names none of ours, since nobody could find it again."""
    try:
        return [CommitKey(key=session_key(keys["PK"]["S"]), last_seq=seq_of(keys["SK"]["S"]))]
    except UNREADABLE:
        return []


def _named(commit: tuple[Event, ...]) -> dict[str, Any]:
    """Return what a commit is found by."""
    last = commit[-1]
    return {
        "session_id": last.key.session_id,
        "user": last.key.user,
        "correlation_id": last.trace.correlation_id,
        "causation_id": last.trace.causation_id,
        "seq": last.seq,
    }


def _correlation_ids(commits: Sequence[tuple[Event, ...]]) -> list[str]:
    return sorted({commit[-1].trace.correlation_id for commit in commits})


def _trace(commits: Sequence[tuple[Event, ...]]) -> Trace:
    return commits[0][-1].trace if commits else Trace(correlation_id=CorrelationId("none"))
