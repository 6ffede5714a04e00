"""What a mutation run says: progress while it runs, the survivors, the score."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tests.faults.mutation.equivalent import EQUIVALENT
from tests.faults.mutation.trial import Fate, Trial

GOAL = 0.8
LOG_WIDTH = 120


def terminal() -> Console:
    """Return standard output; a log has no width of its own."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LOG_WIDTH)


def shown(console: Console, trials: Iterable[Trial], total: int) -> list[Trial]:
    """Return the trials when all are done, and say how far they are: a bar on a terminal, lines in a log."""
    done = []
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Mutants", total=total)
        for trial in trials:
            done.append(trial)
            progress.advance(task)
            if trial.fate is not Fate.KILLED or not console.is_terminal:
                line = f"{len(done):4}/{total}  {trial.fate:9}  {trial.mutant.name}  ({trial.tests} tests)"
                progress.console.print(Text(line))
    return done


def tell(console: Console, trials: Sequence[Trial]) -> None:
    """Print how many there were of each kind, each survivor with its diff and how to repeat it, and the score."""
    kinds = Counter(trial.mutant.kind for trial in trials)
    noticed = Counter(trial.mutant.kind for trial in trials if trial.fate is not Fate.SURVIVED)
    table = Table(box=SIMPLE_HEAD)
    for heading in ("Mistake", "made", "noticed"):
        table.add_column(heading, justify="left" if heading == "Mistake" else "right")
    for kind in sorted(kinds):
        table.add_row(kind, str(kinds[kind]), str(noticed[kind]))
    console.print(table)
    for trial in trials:
        if trial.fate is Fate.SURVIVED:
            _survivor(console, trial)
    console.print(Text(f"{noticed.total()} of {len(trials)} noticed: {score(trials):.0%}, the goal is {GOAL:.0%}."))


def score(trials: Sequence[Trial]) -> float:
    """Return the share of mistakes that tests noticed; those that nobody can notice count as unnoticed."""
    return sum(trial.fate is not Fate.SURVIVED for trial in trials) / len(trials)


def _survivor(console: Console, trial: Trial) -> None:
    mutant = trial.mutant
    console.print(Text(f"\n{mutant.path}:{mutant.line}, not noticed by {trial.tests} tests", style="bold"))
    console.print(Text(mutant.diff))
    console.print(Text(f"Equivalent: {EQUIVALENT[mutant.name]}") if mutant.name in EQUIVALENT else _again(mutant.name))


def _again(name: str) -> Text:
    return Text(f'.venv/bin/python -m tests.faults.mutation --only "{name}"', style="dim")
