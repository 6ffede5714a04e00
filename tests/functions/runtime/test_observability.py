"""What operators see of an invocation."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import Session

from domain.model.errors import LostFence, LostRace, SessionBusy, StorageUnavailable
from functions.adapters.figures import Figures
from functions.adapters.invocation_line import InvocationLine
from functions.adapters.seam import IoSeam
from functions.runtime.observability import SERVICE, Observer, error_code, log_error
from tests.support.aws_transport import AwsTransport
from tests.support.edge import LambdaContext
from tests.support.emf import sums, values_in
from tests.support.fakes import FakeClock
from tests.support.log_lines import LogLines

SECRET = "what a user said"
CONTEXT = LambdaContext(aws_request_id="invocation-7")


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture
def seam() -> IoSeam:
    """Return a seam that has seen nothing."""
    return IoSeam()


@pytest.fixture
def line() -> InvocationLine:
    """Return the line of a process that has not worked yet."""
    return InvocationLine()


@pytest.fixture
def observer(seam: IoSeam, clock: FakeClock, line: InvocationLine) -> Observer:
    """Return the observer of that process."""
    return Observer(seam, clock, line, Figures())


def test_invocation_logs_what_the_block_learned_when_it_ends(
    observer: Observer, log: LogLines, clock: FakeClock
) -> None:
    """The block adds fields while it learns them; time is added at its end."""
    with observer.invocation("get_session", CONTEXT) as fields:
        clock.advance(1.2345)
        fields["session_id"] = "s1"

    written = log.only("handled")
    assert (written["service"], written["function"], written["session_id"]) == (SERVICE, "get_session", "s1")
    assert (written["request_id"], written["duration_ms"]) == ("invocation-7", 1234)


def test_invocation_logs_too_when_the_block_raises(
    observer: Observer, log: LogLines, capsys: pytest.CaptureFixture[str]
) -> None:
    """An invocation that ended badly has its line and is counted as failed, and the error goes on."""
    with pytest.raises(RuntimeError), observer.invocation("get_session", CONTEXT):
        raise RuntimeError

    assert log.only("handled")["function"] == "get_session"
    assert sums(values_in(capsys.readouterr().out), "requests_total") == {("get_session", "failed"): 1}


def test_invocation_is_cold_when_it_is_the_first_of_its_process(observer: Observer, log: LogLines) -> None:
    """Operators tell a slow start from slow work."""
    for _ in range(3):
        with observer.invocation("get_session", CONTEXT):
            pass

    assert [written["cold_start"] for written in log.lines] == [True, False, False]


def test_invocation_knows_nothing_of_the_last_when_the_process_is_warm(
    observer: Observer, line: InvocationLine, log: LogLines
) -> None:
    """A warm process works for many users: what an adapter said of one invocation is not said of the next."""
    with observer.invocation("run_turn", CONTEXT):
        line.fields["fence"] = 7
    with observer.invocation("run_turn", CONTEXT):
        pass

    assert [written.get("fence") for written in log.lines] == [7, None]
    assert line.function == "run_turn"


def test_invocation_counts_only_its_own_requests_when_the_process_is_warm(
    observer: Observer, log: LogLines, seam: IoSeam
) -> None:
    """What was sent before belongs to somebody else's line."""
    seam.requests["dynamodb.GetItem"] = 5
    seam.requests["dynamodb.Query"] = 1

    with observer.invocation("get_session", CONTEXT):
        seam.requests["dynamodb.GetItem"] += 2
        seam.requests["sqs.SendMessage"] += 1

    assert log.only("handled")["io"] == {"dynamodb.GetItem": 2, "sqs.SendMessage": 1}


def test_invocation_counts_requests_when_a_client_sends_them(observer: Observer, log: LogLines, seam: IoSeam) -> None:
    """Every AWS request of the block is in the line by its operation."""
    transport = AwsTransport({})
    session = Session()
    seam.attach(session)
    client = transport.client(session, "sqs")

    with observer.invocation("get_session", CONTEXT):
        client.list_queues()

    assert log.only("handled")["io"] == {"sqs.ListQueues": 1}


def _raised(error: Exception, behind: Exception) -> Exception:
    try:
        try:
            raise behind
        except type(behind) as cause:
            raise error from cause
    except type(error) as raised:
        return raised


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": SECRET}}, "PutItem")


@pytest.mark.parametrize(
    ("behind", "named", "code"),
    [
        (RuntimeError(SECRET), "builtins.RuntimeError", None),
        (KeyError(SECRET), "builtins.KeyError", None),
        (THROTTLED, "botocore.exceptions.ClientError", "ThrottlingException"),
        (ParamValidationError(report=SECRET), "botocore.exceptions.ParamValidationError", None),
        (SessionBusy(SECRET), "domain.model.errors.SessionBusy", "SESSION_BUSY"),
    ],
)
def test_error_is_logged_without_its_words_when_it_has_some(
    log: LogLines, behind: Exception, named: str, code: str | None
) -> None:
    """Classes, codes and places find a mistake; messages may quote what a user said."""
    log_error("defect", _raised(ValueError(SECRET), behind), {"function": "add_message"})

    written = log.only("defect")
    outer, inner = written["causes"]
    assert (written["level"], written["function"], written["exception_name"]) == ("ERROR", "add_message", "ValueError")
    assert outer["error"] == "builtins.ValueError"
    assert (inner["error"], inner["code"]) == (named, code)
    assert inner["at"][-1].endswith("_raised")
    assert SECRET not in log.text


def test_error_names_no_cause_when_it_was_raised_from_none(log: LogLines) -> None:
    """What an error was told to hide stays hidden."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # any
        _hiding()

    log_error("defect", raised.value, {})

    assert [cause["error"] for cause in log.only("defect")["causes"]] == ["builtins.ValueError"]


def _hiding() -> None:
    nothing: dict[str, str] = {}
    try:
        nothing[SECRET]
    except KeyError:
        raise ValueError from None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageUnavailable(), "STORAGE_UNAVAILABLE"),
        (LostRace(), "STORAGE_UNAVAILABLE"),
        (LostFence(), "INTERNAL_ERROR"),
        (RuntimeError(), "INTERNAL_ERROR"),
    ],
)
def test_error_has_a_code_when_operators_count_it(error: Any, code: str) -> None:
    """Refusals have their own, everything unforeseen is a defect."""
    assert error_code(error) == code
