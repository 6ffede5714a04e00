"""Runs contestants on DynamoDB Local: `python -m tests.benchmarks.contest MODULE --output FILE`.

Where DynamoDB is, the environment says: AWS_ENDPOINT_URL_DYNAMODB.
"""

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from botocore.session import get_session

from tests.benchmarks.contest.chat import Contestant, hold_chat
from tests.benchmarks.contest.crowd import let_crowd_write
from tests.benchmarks.contest.standing import Standing, to_json
from tests.support.capacity import CapacityMeter


def stand(contestant: Contestant, client: Any, meter: CapacityMeter) -> Standing:
    """Let one contestant hold the chat and stand the crowd, each on tables that hold nothing else.

    Args:
        contestant: Whose turn it is.
        client: Of DynamoDB Local, unwatched.
        meter: Watches every client that is made from now on.

    Returns:
        Its figures, or why there are none.
    """
    versions = {package: version(package) for package in contestant.packages}
    others = client.list_tables()["TableNames"]
    try:
        contestant.create_table(client)
        chat = hold_chat(contestant, meter, session="chat")
        crowd = let_crowd_write(contestant, session="crowd") if contestant.is_raced else None
    except Exception as error:  # noqa: BLE001  # a contestant that cannot run is told as one, with the reason
        traceback.print_exc()
        return Standing(contestant.name, contestant.how, versions, error=f"{type(error).__name__}: {error}")
    finally:
        for table in set(client.list_tables()["TableNames"]).difference(others):
            client.delete_table(TableName=table)
    return Standing(contestant.name, contestant.how, versions, chat, crowd)


def main(arguments: Sequence[str]) -> int:
    """Run every contestant of a module and write their standings down.

    Returns:
        The exit code, 0.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.contest")
    parser.add_argument("module")
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args(arguments)
    client = get_session().create_client("dynamodb")
    meter = CapacityMeter(client)
    with meter.watching_new_sessions():
        contestants = importlib.import_module(options.module).CONTESTANTS
        options.output.write_text(to_json([stand(contestant, client, meter) for contestant in contestants]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
