"""Ask whether the service can work."""

from typing import Literal

from domain.cqrs import Answer, Query
from domain.ports import StoreHealth


class HealthDTO(Answer):
    """The service can work; when it cannot, the answer is 503 STORAGE_UNAVAILABLE.

    Attributes:
        status: Always ok.
        version: Of the deployment.
    """

    status: Literal["ok"] = "ok"
    version: str


class GetHealthQuery(Query):
    """Ask whether the service can work; anybody may."""


class GetHealthHandler:
    """Checks the table; 1 request."""

    def __init__(self, store: StoreHealth) -> None:
        self._store = store

    def handle(self, _: GetHealthQuery) -> HealthDTO:
        """Return the version when the table answers.

        Raises:
            StorageUnavailable: it does not.
        """
        self._store.check()
        return HealthDTO(version=self._store.version)
