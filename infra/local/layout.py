"""Where everything local lives: the checkout, its environments, its state."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

LOCKS = ROOT / "infra" / "locks"
"""Hash-pinned requirement files, made by `make lock`."""

STATE = ROOT / ".local"
"""Everything made here besides `.venv`; ignored by git, safe to delete when nothing runs."""

VENV = ROOT / ".venv"
"""The project's own environment: runtime, deployment, client, tests."""

CLOUD_VENV = STATE / "cloud"
"""MiniStack's environment. Lambdas run on it too, so it holds nothing that Lambda does not bring."""

SAM_VENV = STATE / "sam"
"""SAM CLI and cfn-lint, whose pins do not mix with ours."""

AUDIT_VENV = STATE / "audit"
"""pip-audit."""

PEERS_VENV = STATE / "peers"
"""What the benchmark compares this service with."""

UV_VENV = STATE / "uv"
"""The installer that fills the others."""
