"""The fixed sample: which modules are lock, commit and turn, and which of their mutants are tried."""

import ast
from collections.abc import Iterator
from functools import cache
from hashlib import sha256

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
    heart = {f"{module.replace('.', '/')}.py" for module in HEART}
    around = {path for module in heart for path in importers(module)}
    return tuple(sorted(path for path in heart | around if not path.startswith(LEFT_OUT)))


def importers(path: str) -> tuple[str, ...]:
    """Return the modules that import the module at `path`, as paths below the checkout."""
    module = path.removesuffix(".py").replace("/", ".")
    return tuple(other for other, imported in _imports().items() if module in imported)


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


@cache
def _imports() -> dict[str, frozenset[str]]:
    """Return what each module of both rings imports, by its path."""
    paths = sorted(path for ring in ("domain", "functions") for path in (ROOT / ring).rglob("*.py"))
    return {str(path.relative_to(ROOT)): frozenset(_imported(path.read_text())) for path in paths}


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
