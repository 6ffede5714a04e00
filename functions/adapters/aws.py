"""AWS as this process sees it: one botocore session, one client per service and timeouts, made when first needed."""

from binascii import crc32
from typing import Any

from botocore.config import Config
from botocore.exceptions import ChecksumError
from botocore.loaders import Loader
from botocore.session import Session, get_session

from functions.adapters.seam import CONNECT_SECONDS, READ_SECONDS, IoSeam

CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=10,
)
"""botocore's own retries, nothing on top: 3 tries, connect 1 s, read 2 s (architecture §7)."""

SIGNED_BY_VERSION_4 = {"s3": CONFIG.merge(Config(signature_version="s3v4"))}
"""botocore signs S3 addresses by version 2 (its issue 2109), which S3 has turned off and takes for old buckets at most
(its API reference, "Appendix: Authenticating requests"). Not needed any more when botocore's default is version 4."""


CHECKSUM = "x-amz-crc32"
"""Of an answer's body; DynamoDB sends it."""


def refuse_broken(**call: Any) -> None:
    """Refuse an answer that came broken once too often.

    botocore's standard retries repeat a request whose answer has another checksum, and take the last answer as it is:
    one without an item, say, which then looks like a session that does not exist. Not needed any more when botocore
    raises `ChecksumError` itself, as its legacy retries do.

    Raises:
        ChecksumError: the body is not what was sent.
    """
    answer = call["http_response"]
    told = answer.headers.get(CHECKSUM)
    if told is not None and told != (found := str(crc32(answer.content))):
        raise ChecksumError(checksum_type="crc32", expected_checksum=told, actual_checksum=found)


class AskedServices(Loader):
    """botocore's data, found without a look into the folder of each of its 400 services: a sixth of a cold start.

    botocore lists all of them to say that it does not know the one asked for; that it has no data of it says the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[str] = set()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Read the data of the service that a client is made for."""
        self._asked.add(service_name)
        return super().load_service_model(service_name, type_name, api_version)

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # botocore's signature
        """Return what was asked for."""
        return sorted(self._asked)


class Aws:
    """Clients of one session; every call of theirs passes the seam."""

    def __init__(self, seam: IoSeam) -> None:
        self._seam = seam
        self._session: Session | None = None
        self._clients: dict[tuple[str, Config], Any] = {}

    def client(self, service: str, *, config: Config | None = None) -> Any:
        """Return the client of `service`; credentials, region and endpoints come from the environment.

        Args:
            service: As botocore names it.
            config: In place of the common one; the same object gets the same client.
        """
        chosen = config or SIGNED_BY_VERSION_4.get(service, CONFIG)
        client = self._clients.get((service, chosen))
        if client is None:
            client = self._clients[service, chosen] = self._own_session().create_client(service, config=chosen)
        return client

    def _own_session(self) -> Session:
        if self._session is None:
            self._session = get_session()
            self._session.register_component("data_loader", AskedServices())
            self._seam.attach(self._session)
            self._session.register("after-call.dynamodb.*", refuse_broken)
        return self._session
