# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""From words to wishes, and to what must be searched for."""

import time

import pytest

from domain.model.agent import AgentType
from functions.adapters.models.offline import mentions, ranking, recognition, results, terms
from functions.adapters.models.offline.results import Hit
from functions.adapters.models.offline.terms import Quest
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
    ("switch to dark mode", Unknown()),
    ("ask me whether to go on", AskBack("Whether to go on?", ())),
    ('ask me "Go?" "yes" "no"', AskBack("Go?", ("yes", "no"))),
    ("ask me: ", Unknown()),
    ("ask me ?", Unknown()),
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
    ("create `a.txt` containing x", WriteFile("a.txt", "x")),
    ("save this as a.py:\n```py\nx = 1\n```", WriteFile("a.py", "x = 1")),
    ("create a file in folder docs called docs/a.md", WriteFile("docs/a.md", None)),
    ("add a new file a.txt", WriteFile("a.txt", None)),
    ("Запиши «привет» в a.txt", WriteFile("a.txt", "привет")),
    ("Создай файл a.txt с текстом привет", WriteFile("a.txt", "привет")),
    ("write a test for foo.py", Unknown()),
    ("write to src/", Unknown()),
    ('add "x" to README.md', Unknown()),
    ("delete the file `a.txt`", DeleteFile("a.txt")),
    ("remove foo from a.py", Unknown()),
    ('remove "two words"', Unknown()),
    ("удали a.txt", DeleteFile("a.txt")),
    ("delete src/", Unknown()),
    ("move a.py into lib/a.py", MoveFile("a.py", "lib/a.py")),
    ("переименуй a.py в b.py", MoveFile("a.py", "b.py")),
    ("move a.py", Unknown()),
    ("rename foo to bar", Unknown()),
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
    ("fix a.py", Unknown()),
    ("hello there", Introduce()),
    ("Что ты умеешь?", Introduce()),
    ("Where is it?", Unknown()),
    ("Find the oven and repair, fix it", Unknown()),
    ("", Unknown()),
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
        ("which files use the settings?", (), ("sett",), "."),
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
    """But never inside quotes, and only when every part is understood; three at most."""
    several = recognition.wishes('Write "read me, then run" to a.txt; then list the files. Run `ls`, then run `id`')
    whole = recognition.wishes("read the notes and run")

    assert several == (WriteFile("a.txt", "read me, then run"), ListFiles("."), RunCommand("ls"))
    assert len(whole) == 1


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
    ("content", "found"),
    [
        ("[]", []),
        ("", []),
        ("nothing", []),
        ("a.py:3:x\nb.py-4-y\nc.py:5\tz", [("a.py", 3, "x"), ("c.py", 5, "z")]),
        ('["a.py:3: x"]', [("a.py", 3, "x")]),
        ('{"matches": [{"file": "a.py", "line_number": 3, "content": "x"}]}', [("a.py", 3, "x")]),
        (
            '[{"path": "a.py", "line": 3}, {"path": "", "line": 1}, {"path": "b", "line": true}, {"line": 1}, 7]',
            [("a.py", 3, "")],
        ),
        ('[{"path": "a.py", "line": 3, "text": 5}]', [("a.py", 3, "")]),
        (
            '[{"path": "a.py", "line": 3, "text": "x"}, {"path": "b.p\n[… 9 characters left out …]\n": 3},'
            ' {"path": "c.py", "line": 4, "text": "y"}]',
            [("a.py", 3, "x"), ("c.py", 4, "y")],
        ),
        ('[{"path": "a.py", "line": 3, "text": "x"}, {"pa', [("a.py", 3, "x")]),
        ('[{"path": "a.py", "line": 3, "text": "x"}', [("a.py", 3, "x")]),
        ("[" * 100_000, []),
        ('{"a": ' * 100_000, []),
    ],
)
def test_hits_reads_what_a_client_found(content: str, found: list[tuple[str, int, str]]) -> None:
    """JSON, grep's lines, and texts with a piece missing."""
    assert [(hit.path, hit.line, hit.text) for hit in results.hits(content)] == found


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('["a/", "b.py"]', ("a/", "b.py")),
        ("a/\nb.py\n", ("a/", "b.py")),
        ('{"entries": [{"name": "a", "type": "dir"}, {"path": "b.py"}, {"name": 5}, 7]}', ("a/", "b.py")),
        ("{}", ()),
        ("[1]", ()),
    ],
)
def test_entries_reads_what_a_client_listed(content: str, names: tuple[str, ...]) -> None:
    """JSON lists, objects, or one name a line."""
    assert results.entries(content) == names


def test_lines_end_where_editors_end_them() -> None:
    """A form feed is part of a line."""
    assert results.lines("a\r\nb\x0cc\n\n") == (["a", "b\x0cc", ""], True)
    assert results.lines("") == ([], True)


def test_rank_prefers_definitions_in_code() -> None:
    """Then mentions in code, tests, prose, and what others wrote."""
    quest = Quest(words=("price", "list"))
    ordered = [
        "src/a.py:9",  # class PriceList
        "src/b.py:1",  # def price_list_of
        "src/c.py:5",  # a mention
        "conf.json:2",  # a key
        "tests/test_a.py:3",  # a class of a test
        "README.md:1",  # prose
        "node_modules/x.js:1",
    ]
    found = [
        Hit("node_modules/x.js", 1, "class PriceList {"),
        Hit("README.md", 1, "The price list"),
        Hit("tests/test_a.py", 3, "class TestPriceList:"),
        Hit("conf.json", 2, '  "price_list": 1'),
        Hit("src/c.py", 5, "    price_list = PriceList()"),
        Hit("src/b.py", 1, "async def price_list_of(shop):"),
        Hit("src/a.py", 9, "class PriceList:"),
    ]

    ranked = ranking.rank(found, quest)

    places = [item.place for item in ranked]
    assert places[0] == ordered[0]
    assert places[1] == ordered[1]
    assert places.index("README.md:1") > places.index("src/c.py:5")
    assert {item.place: item.name for item in ranked}["conf.json:2"] == "price_list"
    assert not {item.place: item.is_answer for item in ranked}["src/c.py:5"]


def test_rank_prefers_tests_when_tests_are_looked_for() -> None:
    """Who asks for tests gets tests."""
    found = [Hit("src/oven.py", 1, "class OvenTest:"), Hit("tests/oven.py", 1, "class OvenTest:")]

    ranked = ranking.rank(found, Quest(words=("test", "oven")))

    assert ranked[0].hit.path == "tests/oven.py"


def test_searches_look_for_a_phrase_as_it_is() -> None:
    """What is no name has no definition; what is a regular expression is searched for as one."""
    calls = Quest(exact=("two words", r"class \w+Lock")).searches()

    assert [(call.arguments or {}).get("regex", False) for call in calls] == [False, True]
    assert Quest(exact=("two words",)).label == "`two words`"


def test_searches_stay_where_the_user_said() -> None:
    """Path and pattern go into every call, and a dotted name is widened to its last part."""
    quest = Quest(exact=("Oven.heat",), path="src", file_pattern="*.py")

    calls = (*quest.searches(), *quest.wider_searches())

    assert {(call.arguments or {})["path"] for call in calls} == {"src"}
    assert {(call.arguments or {})["file_pattern"] for call in calls} == {"*.py"}
    assert (calls[-1].arguments or {})["query"] == "heat"


def test_quest_keeps_the_pattern_that_was_asked_for() -> None:
    """The kind of files is part of the search, what is quoted is not."""
    asked = terms.quest('find "*.x" and `bread` in *.toml')

    assert asked is not None
    assert asked.file_pattern == "*.toml"


@pytest.mark.parametrize(
    ("text", "folder"),
    [("in the src folder", "src"), ("in it", "."), ("в docs", "docs"), ("list *.py in a/b", "a/b"), ("under .", ".")],
)
def test_folder_finds_the_folder_that_is_named(text: str, folder: str) -> None:
    """A word that could be a folder, and is no grammar."""
    assert mentions.folder(text) == folder


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
    """No message of the largest size takes long."""
    text = lead + piece * ((100_000 - len(lead)) // len(piece))
    began = time.process_time()

    recognition.wishes(text)

    assert time.process_time() - began < 2
