"""What clients answer, which of it answers the question, and what is searched for."""

import pytest

from functions.adapters.models.offline import mentions, ranking, results, terms
from functions.adapters.models.offline.results import Hit
from functions.adapters.models.offline.terms import Quest


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
            '[{"path": "a.py", "line": 3}, {"\n[… 9 characters left out …]\n": 3}, {"path": "c", "line": 4}]',
            [("a.py", 3, ""), ("c", 4, "")],
        ),
        ('[{"path": "a.py", "line": 3, "text": "x"}, {"pa', [("a.py", 3, "x")]),
        ('[{"path": "a.py", "line": 3, "text": "x"}', [("a.py", 3, "x")]),
        ('[{"path": "a.py", "line": 1}' + ', {"a": }' * 60 + ', {"path": "b.py", "line": 1}]', [("a.py", 1, "")]),
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


def test_paths_leaves_out_what_is_only_dots() -> None:
    """A path has a name in it."""
    assert mentions.paths("./ ../ ../.. a/ ./b") == ("a/", "./b")


def test_rank_prefers_definitions_in_code() -> None:
    """Then mentions in code, tests, prose, and what others wrote."""
    quest = Quest(words=("price", "list"))
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
    assert places[0] == "src/a.py:9"
    assert places.index("src/b.py:1") < places.index("src/c.py:5") < places.index("README.md:1")
    assert places.index("node_modules/x.js:1") > places.index("src/c.py:5")
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
