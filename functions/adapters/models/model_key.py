"""The key to a model provider, kept where deployments keep secrets."""

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws import Aws
from functions.adapters.models.failures import failure


class ModelKey:
    """A key in Secrets Manager (by ARN) or a parameter of SSM (by ARN or name), fetched when first needed.

    A secret holds the key itself, no JSON around it.
    """

    def __init__(self, place: str, aws: Aws) -> None:
        self._place = place
        self._aws = aws
        self._value: str | None = None

    def value(self) -> str:
        """Return the key, empty when there is none to have; at most one request, once.

        Raises:
            ModelFailure: the key cannot be had; `is_retryable` as for the provider itself.
        """
        if self._value is None:
            self._value = self._fetched() if self._place else ""
        return self._value

    def forget(self) -> None:
        """Fetch the key anew next time: it was refused, and may have been exchanged."""
        self._value = None

    def _fetched(self) -> str:
        try:
            if ":secretsmanager:" in self._place:
                found = self._aws.client("secretsmanager").get_secret_value(SecretId=self._place)["SecretString"]
            else:
                parameter = self._aws.client("ssm").get_parameter(Name=self._place, WithDecryption=True)
                found = parameter["Parameter"]["Value"]
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
            is_ours = 400 <= status < 500 and status != 429
            raise failure("configuration" if is_ours else status, "The key of the model could not be read.") from error
        except BotoCoreError as error:
            raise failure("connection", "The key of the model could not be fetched.") from error
        key: str = found.strip()
        if not key.isascii() or not key.isprintable():
            raise failure("configuration", "The key of the model holds characters that no header can carry.")
        return key
