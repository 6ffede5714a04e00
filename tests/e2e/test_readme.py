"""The README's first screen, run as it stands."""

import re
import subprocess
from pathlib import Path

from infra.local.cloud import LocalCloud
from tests.support.patience import PATIENCE_SECONDS

START = 'make up && eval "$(make --silent env)"\n'


def test_six_curl_lines_hold_a_conversation_when_they_are_pasted(cloud: LocalCloud, repository: Path) -> None:
    """Pasted into a shell against a fresh system, the lines end with the answer."""
    blocks = re.findall(r"```sh\n(.*?)```", (repository / "README.md").read_text(), flags=re.DOTALL)
    script = next(block for block in blocks if block.startswith(START)).removeprefix(START)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "NO_PROXY": "*"}
    endpoint = {"URL": f"{cloud.endpoint.url}/v1", "ALICE": cloud.endpoint.tokens["alice"]}

    run = subprocess.run(
        ["bash", "-euc", script],
        env=environment | endpoint,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    answers = run.stdout.splitlines()

    assert len(answers) == script.count("\napi ")
    assert '"call_id":"11-0"' in answers[2]
    assert '"content":"done"' in answers[-1]
    assert run.stderr == ""
