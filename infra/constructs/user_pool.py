"""Who may call the API."""

from datetime import timedelta

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.constructs.acknowledgement import acknowledge


class UserPool(Construct):
    """Cognito user pool and the client that signs in.

    Nobody signs up by himself: users are created by an administrator. Passwords are sent either by SRP, or by an
    administrator's own call (`admin-initiate-auth`), which scripts and tests use.

    Args:
        token_lifetime: Of access and id tokens.
        removal_policy: What becomes of the users when the stack goes.
        is_protected: Whether the pool refuses to be deleted.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        token_lifetime: timedelta,
        removal_policy: RemovalPolicy,
        is_protected: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True),
            password_policy=cognito.PasswordPolicy(
                min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.NONE,
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            removal_policy=removal_policy,
            deletion_protection=is_protected,
        )
        lifetime = Duration.seconds(int(token_lifetime.total_seconds()))
        self.client = self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True, admin_user_password=True),
            access_token_validity=lifetime,
            id_token_validity=lifetime,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            disable_o_auth=True,
        )
        acknowledge(
            self.pool,
            COG2="Everyone may add a one-time code; forcing it would shut out the scripts that call this API.",
            COG3="Threat protection is billed per user and month; who runs this with a public sign-in turns it on.",
            COG8="Same: the Plus plan is the one that has it.",
        )
