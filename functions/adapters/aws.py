"""AWS as this process sees it: one botocore session, one client per service and timeouts, made when first needed."""

from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from functions.adapters.seam import IoSeam

CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=10,
)
"""botocore's own retries, nothing on top: 3 tries, connect 1 s, read 2 s (architecture §7)."""

SIGNED_BY_VERSION_4 = {"s3": CONFIG.merge(Config(signature_version="s3v4"))}
"""botocore signs S3 addresses by version 2 (its issue 2109), which S3 has turned off and takes for old buckets at most
(its API reference, "Appendix: Authenticating requests"). Not needed any more when botocore's default is version 4."""


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
            self._seam.attach(self._session)
        return self._session
