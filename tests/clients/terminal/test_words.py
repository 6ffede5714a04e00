"""What is shown shows as itself, what is answered is understood or asked again, and errors are sentences."""

import unicodedata

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.problems import ApiProblem, BrokenAnswer, FieldError, GapFound, ServerSilent, ServerUnreachable
from clients.terminal.answers import understood
from clients.terminal.endings import Ending, NotSignedIn, Unusable, explain
from clients.terminal.visible import one_line, visible

_OBEYED = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_HARMLESS = "\n\t\u200d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Я 漢 👩\u200d💻 a\tb\n", "plain Я 漢 👩\u200d💻 a\tb\n"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\rb", r"a\rb"),
        ("txt\u202eexe", r"txt\u202eexe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\x9b31m", r"\x9b31m"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u2028b", r"a\u2028b"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    """Controls, marks of direction and characters without width cannot hide or move anything."""
    assert visible(text) == shown


@given(st.text(alphabet=st.characters()))
def test_terminal_is_never_told_what_to_do(text: str) -> None:
    """Whatever the text, no control character but line ends and tabs comes out, and it can be encoded."""
    shown = visible(text)

    assert not [one for one in shown if unicodedata.category(one) in _OBEYED and one not in _HARMLESS]
    shown.encode()
    assert "\n" not in one_line(text, 50)
    assert len(one_line(text, 50)) <= 50


@pytest.mark.parametrize("line", ["y", "Y", "yes", " YES ", "y.", "yes,"])
def test_yes_is_understood(line: str) -> None:
    """A plain yes, however written, allows."""
    assert understood(line) == ("yes", "")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("n", ("no", "")),
        ("No", ("no", "")),
        ("n use main.py", ("no", "use main.py")),
        ("no, not that", ("no", "not that")),
        ("e", ("edit", "")),
        ('edit {"path": "a"}', ("edit", '{"path": "a"}')),
        ("a", ("always", "")),
        ("d", ("details", "")),
        ("details", ("details", "")),
    ],
)
def test_answer_is_understood_with_what_is_added(line: str, answer: tuple[str, str]) -> None:
    """What follows a no is for the model, what follows an e is what it is to be."""
    assert understood(line) == answer


@pytest.mark.parametrize("line", ["", "yes please", "y n", "now", "ja", "ok", "yn", "yesterday", "d n", "a file"])
def test_anything_else_is_no_answer(line: str) -> None:
    """A message that happens to begin like an answer decides nothing."""
    assert understood(line) is None


def _unreachable() -> ServerUnreachable:
    error = ServerUnreachable("get_health: no answer after 30 tries: refused")
    error.__cause__ = httpx.ConnectError("refused")
    return error


@pytest.mark.parametrize(
    ("error", "ending", "words"),
    [
        (Unusable("No."), Ending.REFUSED, "No."),
        (NotSignedIn("Sign in."), Ending.NOT_CONNECTED, "Sign in."),
        (_unreachable(), Ending.NOT_CONNECTED, "The server does not answer: refused. "),
        (ServerUnreachable("why"), Ending.NOT_CONNECTED, "The server does not answer: why. "),
        (ServerSilent("no event"), Ending.NOT_CONNECTED, "nothing happens: no event."),
        (GapFound(2, 4), Ending.SERVER_BROKEN, "The server breaks its contract: event 2 is missing"),
        (BrokenAnswer("x"), Ending.SERVER_BROKEN, "The server breaks its contract: x."),
        (ApiProblem(401, "UNAUTHENTICATED", "No.", "c-1"), Ending.NOT_CONNECTED, "sign in again"),
        (ApiProblem(403, "HTTP_403", "No"), Ending.NOT_CONNECTED, "sign in again"),
        (
            ApiProblem(404, "SESSION_NOT_FOUND", "None.", "c-1"),
            Ending.REFUSED,
            "The server refuses: None (SESSION_NOT_F",
        ),
        (
            ApiProblem(422, "VALIDATION_ERROR", "Bad.", "c-1", (FieldError("content", "too long"),)),
            Ending.REFUSED,
            "The server refuses: Bad; content: too long (VALIDATION_ERROR, correlation id c-1).",
        ),
        (ApiProblem(500, "INTERNAL_ERROR", "Oh."), Ending.SERVER_BROKEN, "The server failed: Oh (INTERNAL_ERROR)."),
    ],
)
def test_error_is_one_sentence_with_an_exit_code(error: Exception, ending: Ending, words: str) -> None:
    """Whatever goes wrong has a code for scripts and words for people."""
    told, sentence = explain(error)

    assert told == ending
    assert words in sentence
    assert "\n" not in sentence
