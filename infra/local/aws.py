"""AWS clients for the local cloud, deaf to the person's own AWS settings."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

from infra.local.environment import REGION

ACCOUNT = "000000000000"
"""The account that MiniStack gives the access key `test`, which is its administrator also when it enforces IAM."""


class LocalAws:
    """Makes clients that talk to one MiniStack and to nothing else.

    Args:
        url: Address of the MiniStack.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # A profile or a configuration file of the person's, even a broken one, has no say here.
        nowhere = (None, None, os.devnull, None)
        core = Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nowhere,
                "credentials_file": nowhere,
            }
        )
        self._session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - MiniStack's, no secret
            region_name=REGION,
            botocore_session=core,
        )

    def client(self, service: str) -> Any:
        """A boto3 client of a service, such as `s3`; annotate the variable that takes it."""
        # No proxies: the loopback address is never behind one.
        config = Config(proxies={}, retries={"total_max_attempts": 2}, connect_timeout=2, read_timeout=60)
        return self._session.client(service, endpoint_url=self._url, config=config)  # type: ignore[call-overload]
