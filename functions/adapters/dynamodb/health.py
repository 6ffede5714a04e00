"""Whether the table answers."""

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist

from functions.adapters.dynamodb.models import HeadItem
from functions.adapters.errors import storage_errors


class DynamoStoreHealth:
    """Reads an item that never exists, which is the cheapest true answer."""

    def __init__(self, connection: Connection, version: str) -> None:
        self._connection = connection  # the models speak through it
        self._version = version

    @property
    def version(self) -> str:
        """Version of the deployed service."""
        return self._version

    def check(self) -> None:
        """Read once, eventually consistent: half a unit."""
        with storage_errors():
            try:
                HeadItem.get("HEALTH", "HEALTH")
            except DoesNotExist:
                return
