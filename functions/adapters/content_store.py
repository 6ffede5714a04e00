"""S3 for content that is too large for an item."""

from domain.model.value import SessionKey
from functions.adapters.aws import Aws
from functions.adapters.errors import storage_errors

URL_SECONDS = 15 * 60


class S3ContentStore:
    """Content under `<user>/<session>/<sha256>`, so a repeat writes the same object and no user reaches another's."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._aws = aws
        self._bucket = bucket

    def put(self, key: SessionKey, sha256: str, content: str) -> None:
        """Store the UTF-8 bytes; 1 request."""
        with storage_errors():
            self._aws.client("s3").put_object(
                Bucket=self._bucket,
                Key=_object(key, sha256),
                Body=content.encode(),
                ContentType="text/plain; charset=utf-8",
            )

    def get(self, key: SessionKey, sha256: str) -> str:
        """Read it whole; 1 request."""
        with storage_errors():
            answer = self._aws.client("s3").get_object(Bucket=self._bucket, Key=_object(key, sha256))
            content: bytes = answer["Body"].read()
        return content.decode()

    def url(self, key: SessionKey, sha256: str) -> str:
        """Sign a GET; no request."""
        url: str = self._aws.client("s3").generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": _object(key, sha256)}, ExpiresIn=URL_SECONDS
        )
        return url


def _object(key: SessionKey, sha256: str) -> str:
    return f"{key.user}/{key.session_id}/{sha256}"
