"""The two users of the local cloud, and tokens for them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.local.aws import LocalAws

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

USERS = ("alice", "bob")


def sign_in_users(outputs: Mapping[str, str], aws: LocalAws) -> dict[str, str]:
    """Make sure that alice and bob exist and sign them in.

    Their passwords are random and forgotten at once: whoever needs a token later asks for a new one here.

    Args:
        outputs: The stack's outputs; `UserPoolId` and `UserPoolClientId` are read.
        aws: Clients of the local cloud.

    Returns:
        An id token for each user, for the `Authorization` header; it lives as long as the user pool client says.
    """
    cognito: CognitoIdentityProviderClient = aws.client("cognito-idp")
    return {user: sign_in(user, outputs, cognito) for user in USERS}


def sign_in(user: str, outputs: Mapping[str, str], cognito: CognitoIdentityProviderClient) -> str:
    """Make sure that `user` exists, and return an id token of his; `outputs` are those of the stack."""
    pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
    # The prefix has one character of each kind that a password policy may ask for.
    password = f"aA1!{secrets.token_urlsafe(24)}"
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]
