"""The synthesized application: what the CDK wrote, and the one place that makes it."""

import fcntl
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from infra.local.environment import inherited
from infra.local.errors import LocalCloudError
from infra.local.fingerprint import source_fingerprint
from infra.local.layout import ROOT
from infra.local.progress import step

KEPT = 4
_LOG_TAIL_LINES = 20


@dataclass(frozen=True)
class Asset:
    """One file or folder that the stack refers to by its place in the bootstrap bucket.

    Args:
        source: What to upload; a folder is zipped.
        bucket: Name of the bucket, with CloudFormation's variables for account and region.
        key: Name of the object, which is its content's hash.
    """

    source: Path
    bucket: str
    key: str


@dataclass(frozen=True)
class Assembly:
    """One synthesized stack.

    Args:
        stack: Name of the stack.
        template: Its template, among the assets too.
        assets: All that must be uploaded before it is deployed.
    """

    stack: str
    template: Path
    assets: tuple[Asset, ...]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what the CDK wrote.

        Raises:
            LocalCloudError: the folder holds no stack, or several.
        """
        artifacts = _read(folder / "manifest.json")["artifacts"]
        stacks = [name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"]
        if len(stacks) != 1:
            raise LocalCloudError(f"The CDK application made the stacks {stacks}; the local cloud deploys one.")
        template = folder / artifacts[stacks[0]]["properties"]["templateFile"]
        manifests = [
            folder / artifact["properties"]["file"]
            for artifact in artifacts.values()
            if artifact["type"] == "cdk:asset-manifest"
        ]
        assets = tuple(
            Asset(folder / file["source"]["path"], destination["bucketName"], destination["objectKey"])
            for manifest in manifests
            for file in _read(manifest)["files"].values()
            for destination in file["destinations"].values()
        )
        return cls(stacks[0], template, assets)

    @property
    def template_asset(self) -> Asset:
        """The template as CloudFormation is to find it."""
        return next(asset for asset in self.assets if asset.source == self.template)

    def resource_count(self) -> int:
        """How many resources the stack declares."""
        return len(_read(self.template)["Resources"])


def synthesize(target: str = "local", *, root: Path = ROOT, context: Mapping[str, str] | None = None) -> Path:
    """Synthesize the application, or find what the same sources gave before.

    Processes that ask at the same time wait for the first one's result.

    Args:
        target: The context value `target`: local or aws.
        root: The checkout; the newest few results are kept in its `.local/assembly`.
        context: Further context values.

    Returns:
        The folder of the cloud assembly; not to be written to.

    Raises:
        LocalCloudError: the CDK application failed.
    """
    assemblies = root / ".local" / "assembly"
    assemblies.mkdir(parents=True, exist_ok=True)
    result = assemblies / f"{target}-{source_fingerprint(root, context)[:16]}"
    with (assemblies / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.is_dir():
            with step(f"Synthesize the stack (target={target})"):
                _synthesize({**(context or {}), "target": target}, root, result)
            _forget_old(assemblies)
    return result


def _synthesize(said: Mapping[str, str], root: Path, result: Path) -> None:
    context = {**_read(root / "cdk.json").get("context", {}), **said}
    folder = Path(tempfile.mkdtemp(prefix="synth-", dir=result.parent))
    log = result.parent / "synth.log"
    try:
        with log.open("w") as output:
            done = subprocess.run(
                [sys.executable, "-m", "infra.app"],
                cwd=root,
                env=inherited(CDK_OUTDIR=str(folder), CDK_CONTEXT_JSON=json.dumps(context)),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
            raise LocalCloudError(f"The CDK application failed (all of it: {log}); its last lines:\n{tail}")
        folder.rename(result)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_old(assemblies: Path) -> None:
    made = sorted((path for path in assemblies.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in made[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _read(path: Path) -> Any:
    return json.loads(path.read_text())
