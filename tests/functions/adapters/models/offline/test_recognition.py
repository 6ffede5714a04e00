# ruff: noqa: RUF001  # Russian words are Russian on purpose
# Russian words are Russian on purpose
"""From words to wishes, and to what must be searched for."""

import time

import pytest

from domain.model.agent import AgentType
from functions.adapters.models.offline import recognition
from functions.adapters.models.offline.wishes import (
    AskBack,
    DeleteFile,
    Finish,
    HandOver,
    Introduce,
    ListFiles,
    MakeFolder,
    MakePlan,
    MoveFile,
    ReadFiles,
    RunCommand,
    Search,
    Unknown,
    Wish,
    WriteFile,
)

WISHES: list[tuple[str, Wish]] = [
    ("switch to the architect", HandOver(AgentType.ARCHITECT)),
    ("hand this over to debug", HandOver(AgentType.DEBUG)),
    ("Переключись на отладчика", HandOver(AgentType.DEBUG)),
    ("switch to dark mode", Unknown("switch to dark mode")),
    ("ask me whether to go on", AskBack("Whether to go on?", ())),
    ('ask me "Go?" "yes" "no"', AskBack("Go?", ("yes", "no"))),
    ("ask me: ", Unknown("ask me:")),
    ("ask me which: a, b, c, d or e", AskBack("Which?", ())),
    ("Спроси меня, какой цвет: красный или синий", AskBack("Какой цвет?", ("красный", "синий"))),
    ("we are done!", Finish()),
    ("Заверши задачу", Finish()),
    ("plan", MakePlan("plan")),
    ("Create a plan for the bakery", MakePlan("the bakery")),
    ("Спланируй: пекарня", MakePlan("пекарня")),
    ("Create a folder called docs/adr.", MakeFolder("docs/adr")),
    ("make a new directory `my-docs`", MakeFolder("my-docs")),
    ("create the docs folder", MakeFolder("docs")),
    ("create a folder for tests", MakeFolder("")),
    ("создай папку docs", MakeFolder("docs")),
    ("mkdir docs", MakeFolder("docs")),
    ('Write "hello" to notes.txt', WriteFile("notes.txt", "hello")),
    ("Create a file notes.txt with the content hello world", WriteFile("notes.txt", "hello world")),
    ("create a.txt with content read me and run away", WriteFile("a.txt", "read me and run away")),
    ("create `a.txt` containing x", WriteFile("a.txt", "x")),
    ("save this as a.py:\n```py\nx = 1\n```", WriteFile("a.py", "x = 1")),
    ("create a file in folder docs called docs/a.md", WriteFile("docs/a.md", None)),
    ("add a new file a.txt", WriteFile("a.txt", None)),
    ("Запиши «привет» в a.txt", WriteFile("a.txt", "привет")),
    ("Создай файл a.txt с текстом привет", WriteFile("a.txt", "привет")),
    ("write a test for foo.py", Unknown("write a test for foo.py")),
    ("write to src/", Unknown("write to src/")),
    ('add "x" to README.md', Unknown('add "x" to README.md')),
    ("delete the file `a.txt`", DeleteFile("a.txt")),
    ("remove foo from a.py", Unknown("remove foo from a.py")),
    ('remove "two words"', Unknown('remove "two words"')),
    ("удали a.txt", DeleteFile("a.txt")),
    ("delete src/", Unknown("delete src/")),
    ("move a.py into lib/a.py", MoveFile("a.py", "lib/a.py")),
    ("переименуй a.py в b.py", MoveFile("a.py", "b.py")),
    ("move a.py", Unknown("move a.py")),
    ("rename foo to bar", Unknown("rename foo to bar")),
    ("run `ls -la`", RunCommand("ls -la")),
    ("Run pytest -q.", RunCommand("pytest -q")),
    ("run ls .", RunCommand("ls .")),
    ("run the tests", RunCommand("")),
    ("run:\n```sh\nmake test\n```", RunCommand("make test")),
    ("Запусти команду make", RunCommand("make")),
    ("list", ListFiles(".")),
    ("ls", ListFiles(".")),
    ("What files are in domain/model/?", ListFiles("domain/model")),
    ("list all python files in src/app", ListFiles("src/app", is_recursive=True, pattern="*.py")),
    ("find all *.toml files", ListFiles(".", is_recursive=True, pattern="*.toml")),
    ("Покажи файлы в папке docs", ListFiles("docs")),
    ("what is in src/", ListFiles("src")),
    ("show .github/", ListFiles(".github")),
    ("What does README say?", ReadFiles(("README.md",))),
    ("README", ReadFiles(("README.md",))),
    ("src/a.py", ReadFiles(("src/a.py",))),
    ("read lines 20 to 10 of a.py", ReadFiles(("a.py",), (10, 20))),
    ("compare a.py with `b.py`", ReadFiles(("a.py", "b.py"))),
    ("Прочитай Makefile", ReadFiles(("Makefile",))),
    ("read the file", ReadFiles(())),
    ("fix a.py", Unknown("fix a.py")),
    ("hello there", Introduce()),
    ("Что ты умеешь?", Introduce()),
    ("Where is it?", Unknown("Where is it?")),
    ("Find the oven and repair, fix it", Unknown("Find the oven and repair, fix it")),
    ("", Unknown("")),
]


@pytest.mark.parametrize(("text", "wish"), WISHES)
def test_wishes_recognises_a_wish(text: str, wish: Wish) -> None:
    """One message, one wish."""
    assert recognition.wishes(text) == (wish,)


@pytest.mark.parametrize(
    ("text", "exact", "words", "path"),
    [
        ("Where is the session lock implemented?", (), ("session", "lock"), "."),
        ("How does parse_price in shop/price.py work?", ("parse_price",), (), "shop/price.py"),
        ("What does README.md say about bread?", (), ("bread",), "README.md"),
        ("Why does the oven crash?", (), ("oven",), "."),
        ("find `two words` and 'x'", ("two words", "x"), (), "."),
        ("Where are Oven.heat and cool()?", ("Oven.heat", "cool"), (), "."),
        ("which files use the settings?", (), ("setting",), "."),
        ("Where is the class of the bus?", (), ("bus",), "."),
        ("Где очередь сообщений?", (), ("queue", "message"), "."),
        ("explain prices prices", (), ("price",), "."),
    ],
)
def test_wishes_recognises_what_is_looked_for(
    text: str, exact: tuple[str, ...], words: tuple[str, ...], path: str
) -> None:
    """Identifiers stay as written, words lose their grammar, a path says where to look."""
    (wish,) = recognition.wishes(text)

    assert isinstance(wish, Search)
    assert (wish.quest.exact, wish.quest.words, wish.quest.path) == (exact, words, path)


def test_wishes_cuts_a_message_where_the_next_order_begins() -> None:
    """But never inside quotes; what is not understood is told apart; three at most."""
    several = recognition.wishes('Write "read me, then run" to a.txt; then list the files. Run `ls`, then run `id`')
    partly = recognition.wishes("List the files and create art")
    echoed = recognition.wishes("Read a.md and where it is")

    assert several == (WriteFile("a.txt", "read me, then run"), ListFiles("."), RunCommand("ls"))
    assert partly == (ListFiles("."), Unknown("create art"))
    assert recognition.wishes("Find bread\n\nFind bread") == recognition.wishes("Find bread")
    assert echoed == (ReadFiles(("a.md",)),)


@pytest.mark.parametrize(
    ("question", "reply", "wish"),
    [
        ("", "x", None),
        ("Which colour?", "red", None),
        ("Which command should I run?", "stop", None),
        ("Which command should I run?", "`ls`", RunCommand("ls")),
        ("Which command should I run?", "run `ls`", None),
        ("Which folder should I create?", "a folder for me", None),
        ("Какую папку создать?", "docs", MakeFolder("docs")),
        ("What should a.md contain?", "Leave it empty", WriteFile("a.md", "")),
        ("Что должно быть в a.md?", "привет", WriteFile("a.md", "привет")),
    ],
)
def test_answered_completes_the_wish_that_was_asked_about(question: str, reply: str, wish: Wish | None) -> None:
    """A question of somebody else's, or a reply that is an order itself, completes nothing."""
    assert recognition.answered(question, reply) == wish


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a/",
        "`",
        '"',
        "'",
        "«",
        "```\n",
        "lines 1",
        "in ",
        "read ",
        "and read ",
        "create a ",
        "[[x ",
        "[[say ",
        " ",
        "я",
        "A1",
        "_",
        "(",
        "* ",
    ],
)
@pytest.mark.parametrize("lead", ["", "Where is ", "Write to a.md ", "create a folder "])
def test_recognition_stays_quick_when_a_message_is_long_and_odd(lead: str, piece: str) -> None:
    """Four times the text takes some four times as long, up to the largest message and on whatever machine."""
    quarter, whole = (lead + piece * ((size - len(lead)) // len(piece)) for size in (25_000, 100_000))

    took = [_cpu_seconds(text) for text in (quarter, whole)]

    assert took[1] < 8 * took[0] + 0.1


def _cpu_seconds(text: str) -> float:
    began = time.process_time()
    recognition.wishes(text)
    return time.process_time() - began
