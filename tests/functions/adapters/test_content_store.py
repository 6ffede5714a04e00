"""S3 for large content."""

from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from domain.model.errors import StorageUnavailable
from functions.adapters.aws import Aws
from functions.adapters.content_store import S3ContentStore
from functions.adapters.seam import IoSeam
from tests.support.aws_transport import ScriptedAws
from tests.support.builders import make_key
from tests.support.system import BOB

pytestmark = pytest.mark.usefixtures("aws_environment")

KEY = make_key()


def digest(content: str) -> str:
    """Return the name of content."""
    return sha256(content.encode()).hexdigest()


@pytest.fixture
def seam() -> IoSeam:
    """Return the seam that the store's requests pass."""
    return IoSeam()


@pytest.fixture
def aws(seam: IoSeam) -> Iterator[Aws]:
    """Return AWS as moto plays it, with one bucket."""
    with mock_aws():
        aws = Aws(seam)
        aws.client("s3").create_bucket(Bucket="content")
        yield aws


@pytest.fixture
def contents(aws: Aws) -> S3ContentStore:
    """Return the store on that bucket."""
    return S3ContentStore(aws, "content")


@pytest.mark.parametrize("content", ["", "x", "😀" * 100_000, "\0\n\r\u2028"])
def test_content_comes_back_unchanged_when_it_was_stored(contents: S3ContentStore, content: str) -> None:
    """Text of any size and kind is the same when it is read."""
    contents.put(KEY, digest(content), content)

    assert contents.get(KEY, digest(content)) == content


def test_content_is_stored_as_text_of_user_and_session_when_it_is_put(contents: S3ContentStore, aws: Aws) -> None:
    """An object's name holds owner and session, so no user's name reaches another's."""
    contents.put(KEY, digest("x"), "x")

    (stored,) = aws.client("s3").list_objects_v2(Bucket="content")["Contents"]
    assert stored["Key"] == f"{KEY.user}/{KEY.session_id}/{digest('x')}"
    head = aws.client("s3").head_object(Bucket="content", Key=stored["Key"])
    assert head["ContentType"] == "text/plain; charset=utf-8"


def test_content_is_the_same_object_when_it_is_put_twice(contents: S3ContentStore, aws: Aws) -> None:
    """A commit that is repeated leaves nothing behind."""
    contents.put(KEY, digest("x"), "x")
    contents.put(KEY, digest("x"), "x")

    assert len(aws.client("s3").list_objects_v2(Bucket="content")["Contents"]) == 1


@pytest.mark.parametrize("other", [make_key("s2"), make_key(user=BOB)])
def test_content_is_not_found_when_another_session_asks(contents: S3ContentStore, other: object) -> None:
    """The same hash under another key is another object."""
    contents.put(KEY, digest("x"), "x")

    with pytest.raises(StorageUnavailable):
        contents.get(other, digest("x"))  # type: ignore[arg-type]


def test_each_operation_is_one_request_and_signing_none_when_counted(contents: S3ContentStore, seam: IoSeam) -> None:
    """An address costs nothing to give."""
    seam.requests.clear()

    contents.put(KEY, digest("x"), "x")
    contents.get(KEY, digest("x"))
    contents.url(KEY, digest("x"))

    assert seam.requests == {"s3.PutObject": 1, "s3.GetObject": 1}


def test_url_is_signed_by_version_4_for_15_minutes_when_asked_for(contents: S3ContentStore) -> None:
    """S3 refuses addresses signed by version 2 in buckets made since 2020."""
    url = urlsplit(contents.url(KEY, "abc"))

    signed = parse_qs(url.query)
    assert url.path.endswith(f"/{KEY.user}/{KEY.session_id}/abc")
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert signed["X-Amz-Expires"] == ["900"]


def test_store_raises_storage_unavailable_when_s3_does_not_answer() -> None:
    """Silence means that nobody knows, for reading as for writing."""
    contents = S3ContentStore(ScriptedAws(ReadTimeoutError(endpoint_url="https://s3")), "content")

    with pytest.raises(StorageUnavailable):
        contents.put(KEY, "abc", "x")
    with pytest.raises(StorageUnavailable):
        contents.get(KEY, "abc")


def test_store_lets_the_error_through_when_there_is_no_bucket(aws: Aws) -> None:
    """A deployment without its bucket is our own mistake."""
    with pytest.raises(ClientError):
        S3ContentStore(aws, "no-such-bucket").get(KEY, "abc")
