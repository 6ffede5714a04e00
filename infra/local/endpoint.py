"""Where a running local cloud is and how to speak to it: the file that everything else reads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from infra.local.errors import LocalCloudError
from infra.local.layout import ROOT, STATE

FILE_NAME = "endpoint.json"


@dataclass(frozen=True)
class Endpoint:
    """A running local cloud.

    Args:
        url: Address of the API without its stage: paths go on with `/v1/...`.
        tokens: A token per user, `alice` and `bob`, valid for 24 hours.
        table: Name of the DynamoDB table.
        bus: Name of the event bus.
        pid: The MiniStack process.
    """

    url: str
    tokens: dict[str, str]
    table: str
    bus: str
    pid: int

    @property
    def port(self) -> int:
        """Where MiniStack listens."""
        port = urlsplit(self.url).port
        if port is None:
            raise LocalCloudError(f"The address {self.url} names no port: run `make down` and `make up`.")
        return port

    def save(self, state: Path = STATE) -> None:
        """Write it to `endpoint.json`, whole or not at all, readable by the person alone."""
        partial = state / f"{FILE_NAME}.partial"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(asdict(self), indent=2) + "\n")
        partial.replace(state / FILE_NAME)

    @classmethod
    def load(cls, state: Path = STATE) -> Self:
        """Read it back.

        Raises:
            LocalCloudError: there is none, or it is not readable as one.
        """
        path = state / FILE_NAME
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            raise LocalCloudError("No local cloud is running here: start one with `make up`.") from None
        except (ValueError, TypeError) as error:
            shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            raise LocalCloudError(f"{shown} is damaged ({error}): remove it and run `make up`.") from error

    @staticmethod
    def exists(state: Path = STATE) -> bool:
        """Whether a local cloud was started in this folder and not stopped since."""
        return (state / FILE_NAME).exists()

    @staticmethod
    def forget(state: Path = STATE) -> None:
        """Remove the file, if it is there."""
        (state / FILE_NAME).unlink(missing_ok=True)
