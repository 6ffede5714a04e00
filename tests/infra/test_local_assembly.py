"""A stack is synthesized once for the same sources and read as the CDK wrote it."""

from pathlib import Path

import pytest

from infra.local.assembly import KEPT, Assembly, synthesize
from infra.local.errors import LocalCloudError
from infra.local.fingerprint import source_fingerprint
from tests.infra.tiny_checkout import TinyCheckout


def test_fingerprint_changes_with_sources_alone(tmp_path: Path) -> None:
    """Contents and names count; compiled files, documents and the place do not."""
    checkout = TinyCheckout(tmp_path / "one")
    first = source_fingerprint(checkout.root)

    (checkout.root / "functions" / "hello.pyc").write_bytes(b"compiled")
    (checkout.root / "README.md").write_text("words")
    same = source_fingerprint(checkout.root.rename(tmp_path / "moved"))
    checkout.root = tmp_path / "moved"
    checkout.set_version(2)
    changed = source_fingerprint(checkout.root)
    (checkout.root / "functions" / "hello.py").rename(checkout.root / "functions" / "bye.py")

    assert same == first
    assert len({first, changed, source_fingerprint(checkout.root)}) == 3


def test_synthesis_runs_once_when_sources_stay(tmp_path: Path) -> None:
    """The second answer is the first one's folder, and targets and contexts are kept apart."""
    checkout = TinyCheckout(tmp_path)

    first = synthesize(root=checkout.root)
    made = first.stat().st_mtime_ns

    assert synthesize(root=checkout.root) == first
    assert first.stat().st_mtime_ns == made
    assert synthesize("aws", root=checkout.root) != first
    assert synthesize(root=checkout.root, context={"model": "openai"}) != first


def test_synthesis_keeps_only_the_newest(tmp_path: Path) -> None:
    """Old results do not pile up."""
    checkout = TinyCheckout(tmp_path)

    made = []
    for version in range(KEPT + 1):
        checkout.set_version(version)
        made.append(synthesize(root=checkout.root))

    assert [folder.is_dir() for folder in made] == [False, *[True] * KEPT]


def test_assembly_is_refused_when_it_holds_no_stack(tmp_path: Path) -> None:
    """An application that makes none, or several, cannot be deployed as one system."""
    (tmp_path / "manifest.json").write_text('{"artifacts": {}}')

    with pytest.raises(LocalCloudError, match=r"made the stacks \[\]"):
        Assembly.load(tmp_path)
