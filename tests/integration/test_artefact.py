"""`make package` as a person runs it."""

import re
import subprocess
import sys
import zipfile

from functions.catalog import CATALOG
from infra.local.layout import ROOT
from infra.packaging import BUILD, PACKED_LIMIT_BYTES
from infra.target import AWS


def test_package_command_builds_checks_and_weighs_the_artefact() -> None:
    """Two archives below the limit, every function imported and how, what each weighs; told in five lines at most."""
    run = subprocess.run(
        [sys.executable, "-m", "infra.artefact"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    archives = [BUILD / AWS.name / f"{name}.zip" for name in ("layer", "functions")]
    assert sum(archive.stat().st_size for archive in archives) <= PACKED_LIMIT_BYTES
    assert f"{len(CATALOG)} of {len(CATALOG)} functions import, from the " in run.stdout
    assert len(re.findall(r"\.build/aws/\w+\.zip: \d\.\d\d MB, \d+ files", run.stdout)) == len(archives)
    names = {name for archive in archives for name in zipfile.ZipFile(archive).namelist()}
    assert {"python/domain/cqrs.py", "functions/catalog.py"} <= names
    assert not [name for name in names if name.startswith(("python/boto3/", "python/botocore/"))]
