"""Looks every pinned package up among the known vulnerabilities: `python -m infra.local.audit`.

It asks OSV, which knows the Python advisories and those of GitHub, one question for each pin. PyPI's own feed is not
asked: what it does not know counts as harmless there. `OSV_URL` names a mirror for a machine that reaches no other.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.layout import AUDIT_VENV, LOCKS, ROOT

EVERY_LOCK = tuple(sorted(LOCKS.glob("*.txt")))

UNREACHABLE = (
    "Nothing was audited: the vulnerability service does not answer. It must be reachable from this machine, or "
    "OSV_URL must name a mirror of it (https://host/v1/query)."
)


def main(environment: Mapping[str, str] = os.environ, locks: Sequence[Path] = EVERY_LOCK) -> int:
    """Audit locks, and print what pip-audit says of each.

    Args:
        environment: Of the process; `OSV_URL` is read.
        locks: Which; all unless said.

    Returns:
        The exit code: 0 when nothing is known against any pin, 1 when something is, 2 when nobody could be asked.
    """
    mirror = ("--osv-url", environment["OSV_URL"]) if environment.get("OSV_URL") else ()
    found = 0
    for lock in locks:
        command = (
            *(str(AUDIT_VENV / "bin" / "pip-audit"), "--strict", "--disable-pip", "--progress-spinner", "off"),
            *("--desc", "off", "--vulnerability-service", "osv", *mirror, "--requirement", str(lock)),
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "Traceback" in done.stderr or "ConnectionError" in done.stderr:
            print(f"{done.stderr.strip().rpartition(chr(10))[2]}\n{UNREACHABLE}", file=sys.stderr)
            return 2
        print(f"{lock.relative_to(ROOT)}: {done.stderr.strip()}\n{done.stdout}".strip(), flush=True)
        found |= done.returncode
    return found


if __name__ == "__main__":
    sys.exit(main())
