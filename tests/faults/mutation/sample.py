"""The fixed sample: which modules are lock, commit and turn, and which of their mutants are tried."""

import ast
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from infra.local.layout import ROOT
from tests.faults.mutation.mutants import Mutant, mutants_of

HEART = frozenset(
    {
        "domain.model.lock",
        "domain.model.change",
        "domain.model.draft",
        "domain.services.turns",
        "domain.commands.run_turn",
    }
)
"""Lock, commit and turn; what imports one of these works with it and is tried too."""

LEFT_OUT = "domain/ports/"
"""Declares, and runs nothing."""

SEED = "issue 5"
ONE_IN = 12
AT_LEAST = 2
"""Of each module."""


@cache
def modules() -> tuple[str, ...]:
    """Return the modules of lock, commit and turn, as paths below the checkout."""
    paths = (path.relative_to(ROOT) for ring in ("domain", "functions") for path in (ROOT / ring).rglob("*.py"))
    return tuple(sorted(str(path) for path in paths if not str(path).startswith(LEFT_OUT) and _belongs(path)))


@cache
def population() -> tuple[Mutant, ...]:
    """Return every mutant of every module."""
    return tuple(mutant for path in modules() for mutant in mutants_of(path, (ROOT / path).read_text()))


def sample(one_in: int = ONE_IN) -> tuple[Mutant, ...]:
    """Return one in so many of each module's mutants; the same ones as long as their functions do not change.

    A mutant's own name decides whether it is among them, so a change elsewhere draws no other ones.
    """
    chosen = []
    for path in modules():
        ranked = sorted((mutant for mutant in population() if mutant.path == path), key=_rank)
        chosen += ranked[: max(AT_LEAST, round(len(ranked) / one_in))]
    return tuple(sorted(chosen, key=lambda mutant: (mutant.path, mutant.line, mutant.name)))


def _rank(mutant: Mutant) -> str:
    return sha256(f"{SEED}:{mutant.name}".encode()).hexdigest()


def _belongs(path: Path) -> bool:
    module = ".".join(path.with_suffix("").parts)
    return module in HEART or not HEART.isdisjoint(_imports((ROOT / path).read_text()))


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
