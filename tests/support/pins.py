"""What a lock file pins."""

import re

from packaging.utils import canonicalize_name

from infra.local.layout import LOCKS


def pins(name: str) -> dict[str, str]:
    """Package and version of every pin in a lock.

    Args:
        name: Of the lock, `layer` say.
    """
    found = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", (LOCKS / f"{name}.txt").read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}
