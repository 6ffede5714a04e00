"""How large DynamoDB says an item is, and what writing it costs.

Source:
    Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats" and "DynamoDB read and write operations".
"""

import json
from collections.abc import Mapping
from math import ceil
from typing import Any

KILOBYTE = 1024
MAX_ITEM_BYTES = 400 * KILOBYTE
LARGEST_PAGE_BYTES = 1024 * KILOBYTE

RawItem = Mapping[str, Mapping[str, Any]]


def item_bytes(item: RawItem) -> int:
    """Return the size of an item as it goes over the wire, attribute names included."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def units(size: int) -> int:
    """Return the write units of a plain write of `size` bytes: one for each started kilobyte.

    >>> units(1024), units(1025)
    (1, 2)
    """
    return max(1, ceil(size / KILOBYTE))


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_bytes(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_bytes(element) for element in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(element) for name, element in content.items())
    raise ValueError(f"No item of ours holds a {kind}: {json.dumps(content, default=str)[:100]}")


def _number_bytes(number: str) -> int:
    """Return one byte for every two significant digits and one more, and one for the sign of a negative number."""
    digits = number.lstrip("-").replace(".", "").strip("0")
    return ceil(len(digits) / 2) + 1 + number.startswith("-")
