"""The mistakes that `make faults` makes: they are real ones, the sample is fixed, and tests notice a few at once."""

import ast
from collections.abc import Iterator

import pytest

from infra.local.layout import ROOT
from tests.faults.mutation import trial
from tests.faults.mutation.checkout import Checkout
from tests.faults.mutation.equivalent import EQUIVALENT
from tests.faults.mutation.mutants import Mutant, mutants_of
from tests.faults.mutation.report import score
from tests.faults.mutation.sample import HEART, modules, population, sample
from tests.faults.mutation.survey import LEFT_OUT, TESTS, Survey, survey
from tests.faults.mutation.trial import Fate, Trial, put_to_trial
from tests.faults.mutation.trouble import MutationError

MISTAKES = {
    "f()": [("forget", "pass")],
    "n += 1": [("forget", "pass"), ("change", "n += 2")],
    "f(a, b=c)": [("forget", "pass"), ("leave out argument", "f(a, )")],
    "x = f(b=c, d=e)": [("leave out argument", "x = f(d=e)"), ("leave out argument", "x = f(b=c, )")],
    "x = Turn(number=n)": [],
    "x = a < b": [("turn", "x = a <= b")],
    "x = a is not b": [("turn", "x = a is b")],
    "x = a - b": [("turn", "x = a + b")],
    "x = a and b": [("leave out", "x = ((a))"), ("leave out", "x = ((b))")],
    "x = a & b": [("leave out", "x = (a)"), ("leave out", "x = (b)")],
    "x = True": [("change", "x = False")],
    "x = a if b else c": [("negate", "x = a if not (b) else c")],
    "x = a if b == c else d": [("turn", "x = a if b != c else d")],
    "x = [a for a in b if a]": [("negate", "x = [a for a in b if not (a)]")],
    "while a:\n    x = b": [("negate", "while not (a):\n    x = b")],
    "try:\n    x = a\nexcept A:\n    x = b": [("let through", "try:\n    x = a\nexcept ():\n    x = b")],
    'x: "A | B" = c': [],
    '"""Words."""': [],
    'x = "–" if a else b': [("negate", 'x = "–" if not (a) else b')],
}

HANDFUL = (
    "domain/services/turns.py:cancel:forget:3",
    "domain/services/turns.py:end_call:negate:1",
)
"""A cancelled worker that still writes, a turn that nobody goes on with."""


@pytest.mark.parametrize("source", MISTAKES)
def test_mistakes_are_made_when_a_module_has_room_for_them(source: str) -> None:
    """Each is one edit of the text, and what is no behaviour is left alone."""
    assert [(mutant.kind, mutant.text) for mutant in mutants_of("a.py", source)] == MISTAKES[source]


def test_except_clause_lets_each_of_its_errors_through_when_it_has_many() -> None:
    """One mutant for each."""
    source = "try:\n    x = a\nexcept (A, B):\n    x = b"

    caught = [mutant.text.splitlines()[2] for mutant in mutants_of("a.py", source)]

    assert caught == ["except ((A),):", "except ((B),):"]


def test_every_mutant_of_the_sample_is_another_module_that_python_can_read() -> None:
    """A mutant that fails by its grammar would be noticed by any test."""
    for mutant in sample():
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(mutant.source)), mutant.name


def test_names_are_unique_and_stay_when_a_function_moves() -> None:
    """So a survivor can be repeated by its name."""
    path = "domain/services/turns.py"
    source = (ROOT / path).read_text()

    moved = mutants_of(path, f'"""Moved."""\n\nX = "y"\n{source}')

    assert [mutant.name for mutant in moved] == [mutant.name for mutant in population() if mutant.path == path]
    assert len({mutant.name for mutant in population()}) == len(population())


def test_sample_has_some_of_every_module_that_works_with_lock_commit_or_turn() -> None:
    """The five that are the heart, and whatever imports them, whoever wrote it."""
    sampled = {mutant.path for mutant in sample()}

    assert sampled == {mutant.path for mutant in population()} <= set(modules())
    assert {f"{module.replace('.', '/')}.py" for module in HEART} <= sampled
    assert {"functions/adapters/heartbeat.py", "functions/adapters/dynamodb/session_lock.py"} <= sampled


def test_excused_mutants_are_in_the_sample_and_have_a_reason() -> None:
    """An excuse for code that is gone would hide the next survivor of that name."""
    assert set(EQUIVALENT) <= {mutant.name for mutant in sample()}
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())


@pytest.mark.parametrize("pattern", [*TESTS, *LEFT_OUT])
def test_tests_are_there_when_the_survey_names_them(pattern: str) -> None:
    """What is left out was moved, renamed or deleted else, and something else is run in its place."""
    assert list(ROOT.glob(pattern))


def test_score_counts_a_mutant_that_never_ends_as_noticed() -> None:
    """Half of two: one that timed out, one that survived."""
    mutant = population()[0]

    assert score([Trial(mutant, Fate.TIMED_OUT, 1), Trial(mutant, Fate.SURVIVED, 1)]) == 0.5


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Return a copy of the checkout."""
    with Checkout(tmp_path_factory.mktemp("mutation") / "copy") as copy:
        yield copy


@pytest.fixture(scope="module")
def seen(checkout: Checkout) -> Survey:
    """Return what the tests of turns do."""
    return survey(checkout, tests=("tests/domain/services/test_turns.py",))


@pytest.mark.parametrize("name", HANDFUL)
def test_mistake_is_noticed_when_it_would_lose_a_turn(name: str, checkout: Checkout, seen: Survey) -> None:
    """The unit tests of turns alone see it."""
    assert put_to_trial(_mutant(name), checkout, seen).fate is Fate.KILLED


def test_mistake_is_noticed_when_the_tests_that_are_tried_first_do_not_look(
    checkout: Checkout, seen: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those behind them are tried too."""
    mutant = _mutant(HANDFUL[0])
    place = mutant.path, mutant.line
    blind = next(test for test in seen.seconds if test not in seen.tests_of(mutant))
    with_blind = Survey({**seen.seconds, blind: 0.0}, {**seen.at, place: seen.at[place] | {blind}})
    monkeypatch.setattr(trial, "FIRST", 1)

    assert with_blind.tests_of(mutant)[0] == blind
    assert put_to_trial(mutant, checkout, with_blind).fate is Fate.KILLED


def test_mistake_survives_when_no_test_looks(checkout: Checkout, seen: Survey) -> None:
    """None of these tests runs a line of it."""
    unseen = next(mutant for mutant in population() if mutant.path == "functions/adapters/heartbeat.py")

    assert put_to_trial(unseen, checkout, seen) == Trial(unseen, Fate.SURVIVED, 0)


def test_nothing_is_tried_when_the_tests_do_not_pass_by_themselves(checkout: Checkout) -> None:
    """Else everything would look noticed; here they cannot even be found."""
    with pytest.raises(MutationError, match="must pass before"):
        survey(checkout, tests=("tests/nowhere.py",))


def test_copy_is_as_it_was_when_a_mutant_was_tried(checkout: Checkout) -> None:
    """The next mutant is the only mistake there."""
    mutant = _mutant(HANDFUL[0])
    with checkout.holding(mutant):
        assert (checkout.folder / mutant.path).read_text() == mutant.text

    assert (checkout.folder / mutant.path).read_text() == (ROOT / mutant.path).read_text() == mutant.source


def test_run_is_ended_when_it_takes_too_long(checkout: Checkout) -> None:
    """A mutant that loops for ever does not stop the rest."""
    assert checkout.pytest("tests/domain", seconds=0.1).code is None


def _mutant(name: str) -> Mutant:
    return next(mutant for mutant in population() if mutant.name == name)
