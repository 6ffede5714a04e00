"""`python -m infra.local COMMAND`: runs a command and turns what went wrong into a sentence and exit code 1."""

import signal
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.cli import app
from infra.local.errors import LocalCloudError


def main() -> int:
    """Run the command of the command line.

    Returns:
        The exit code when the command itself sets none.
    """
    # An ordinary end, so that what was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except LocalCloudError as error:
        print(error, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"The local cloud refused or went away: {error}", file=sys.stderr)
        print("`make down` and `make up` start it afresh.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
