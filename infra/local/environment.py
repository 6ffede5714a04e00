"""The one reader of the process environment in the local cloud, and what the processes started here see of it."""

import os
from collections.abc import Mapping

from infra.local.errors import LocalCloudError

REGION = "us-east-1"
"""The region everything local is in."""


def requested_port(environment: Mapping[str, str] = os.environ) -> int | None:
    """The port that PORT asks for.

    Returns:
        The port, or None when any free one will do.

    Raises:
        LocalCloudError: PORT is not a port number.
    """
    text = environment.get("PORT", "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LocalCloudError(f"PORT is {text!r} and no port: set it to a number from 1 to 65535, or leave it out.")
    return int(text)


def model_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What MODEL, MODEL_BASE_URL, MODEL_ID and MODEL_API_KEY say, empty for those that are not set."""
    names = ("MODEL", "MODEL_BASE_URL", "MODEL_ID", "MODEL_API_KEY")
    return {name: environment.get(name, "").strip() for name in names}


def inherited(**changes: str) -> dict[str, str]:
    """Our own environment with changes, for tools that need the person's settings (PATH, HOME, npm's)."""
    return {**os.environ, **changes}


def clean(**variables: str) -> dict[str, str]:
    """An environment of its own, for servers.

    Lambdas inherit MiniStack's environment, so anything of the person's (a profile, a proxy, a virtual environment)
    would reach the functions and make them behave unlike in the cloud.
    """
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **variables}
