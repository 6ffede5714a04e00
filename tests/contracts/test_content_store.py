"""`ContentStore`: content too large for the log, on memory and on S3 as moto plays it."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from moto import mock_aws

from domain.ports import ContentStore
from functions.adapters.aws import Aws
from functions.adapters.content_store import S3ContentStore
from functions.adapters.seam import IoSeam
from tests.support.builders import make_key
from tests.support.fakes import MemoryContents
from tests.support.system import BOB

KEYS = (make_key("s1"), make_key("s2"), make_key("s1", BOB))


@pytest.fixture(params=["memory", "s3"])
def contents(request: pytest.FixtureRequest) -> Iterator[ContentStore]:
    """Return each store in turn, empty."""
    if request.param == "memory":
        yield MemoryContents()
        return
    request.getfixturevalue("aws_environment")
    with mock_aws():
        aws = Aws(IoSeam())
        aws.client("s3").create_bucket(Bucket="content")
        yield S3ContentStore(aws, "content")


def digest(content: str) -> str:
    """Return the name of content."""
    return sha256(content.encode()).hexdigest()


@pytest.mark.parametrize("content", ["", "x" * 300_000, "語 \N{GRINNING FACE} \0\r\n\u2028"])
def test_content_comes_back_as_it_was_when_it_is_read(contents: ContentStore, content: str) -> None:
    """Whole, to the last character; stored once more, it is what it was."""
    for _ in range(2):
        contents.put(KEYS[0], digest(content), content)

        assert contents.get(KEYS[0], digest(content)) == content


def test_contents_are_kept_apart_when_they_are_of_different_sessions(contents: ContentStore) -> None:
    """Neither another session nor another user's of the same id gets at it, by any name."""
    for place, key in enumerate(KEYS):
        contents.put(key, digest("same"), f"content {place}")

    assert [contents.get(key, digest("same")) for key in KEYS] == ["content 0", "content 1", "content 2"]
    assert len({contents.url(key, digest("same")) for key in KEYS}) == 3


def test_address_names_its_content_when_it_is_asked_for(contents: ContentStore) -> None:
    """One address for each content."""
    assert digest("a") in contents.url(KEYS[0], digest("a"))
    assert digest("b") in contents.url(KEYS[0], digest("b"))
