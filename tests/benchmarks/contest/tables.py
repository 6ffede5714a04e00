"""Tables as the peers' documentations create them."""

from typing import Any


def create_table(client: Any, name: str, *keys: str) -> None:
    """Create an on-demand table with these keys, strings all of them, the partition's first."""
    kinds = ("HASH", "RANGE")
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, kinds, strict=False)],
    )
