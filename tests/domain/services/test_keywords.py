# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""Which agent keywords choose."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.agent import AgentType
from domain.services.keywords import JUDGED_CHARACTERS, classify, is_question, without_politeness

ASK = """
Where is the session lock implemented?
What does README.md say?
Explain how the lock works
List all files
Read README.md
Find every place where we write files
Please, could you tell me what is in the domain folder
Where is zq_token_77 defined?
Where is the error handler?
Is there a test for this
hello
Thank you
Привет
спасибо
Где реализована блокировка сессии?
Объясни, что такое fence
Покажи файлы
Есть ли тесты для lock?
Какие здесь файлы
"""
DEBUG = """
Why does the lock fail?
Explain why the tests crash
What went wrong?
The tests fail
There is a problem with creating sessions
It doesn't work
Error in the login page
Investigate the memory usage
debug the login
Почему падает тест?
Разберись, почему не работает вход
Ошибка при входе
"""
CODER = """
Fix the typo in README.md
Can you fix this?
Could you please write a test?
Write a function for the app
Create app.py with hello
Create a file system.py
Read README.md and add a section about X
Add a function, write a test and run it
Implement the plan
Run pytest -q
make the system faster
Rename the class
zq_token_77
Исправь опечатку в README.md
Можешь исправить ошибку в foo.py?
Напиши функцию сортировки
Прочитай файл и добавь раздел
"""
ARCHITECT = """
Write a design document for the cache
Create a plan for the migration
Design a cache
plan the release
How should we design the cache?
What is the best architecture for this?
The architecture of the cache
Составь план миграции
Спроектируй кэш
Как лучше построить модули?
"""
NOT_ATOMIC = """
Build an app
Build a todo app with a web front end
Create a REST API for books
Refactor all modules to use the new logger
Rename foo to bar in every file
First rename the class, then update the callers
Migrate a.py, b.py and c.py to asyncio
Add a model, write a repository and create a table
Создай приложение для заметок
Переименуй метод во всех файлах
Сначала создай модель, затем напиши тесты
"""


def _cases(agent: AgentType, texts: str) -> list[tuple[str, AgentType]]:
    return [(text, agent) for text in texts.strip().splitlines()]


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        *_cases(AgentType.ASK, ASK),
        *_cases(AgentType.DEBUG, DEBUG),
        *_cases(AgentType.CODER, CODER),
        *_cases(AgentType.ARCHITECT, ARCHITECT),
    ],
)
def test_classify_chooses_the_agent_a_user_expects_when_the_request_is_one_step(text: str, agent: AgentType) -> None:
    """A question or a single change is atomic, and goes to the agent for it."""
    choice = classify(text)

    assert (choice.agent, choice.is_atomic) == (agent, True)


@pytest.mark.parametrize(
    "text",
    [
        *NOT_ATOMIC.strip().splitlines(),
        "Do this:\n1. Create a model\n2. Write tests",
        "Change this:\n- create a model\n- write tests\n- add docs",
    ],
)
def test_classify_chooses_the_architect_when_a_change_needs_a_plan(text: str) -> None:
    """Several steps, many files or a whole application are planned first."""
    choice = classify(text)

    assert (choice.agent, choice.is_atomic) == (AgentType.ARCHITECT, False)


@pytest.mark.parametrize(
    "text",
    [
        "How do I build an app?",
        "List all files:\n1. first\n2. second",
        "First read a.md, then tell me what it says",
        "Compare a.py, b.py and c.py",
    ],
)
def test_classify_finds_nothing_to_plan_when_nothing_is_to_be_changed(text: str) -> None:
    """Whoever only looks needs no plan, however many things he looks at."""
    assert classify(text).is_atomic


def test_classify_ignores_the_rest_when_a_text_is_long() -> None:
    """Pasted text behind the request does not change where it goes."""
    text = "Where is the lock? " + " " * JUDGED_CHARACTERS + "fix fix fix"

    assert classify(text).agent is AgentType.ASK


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Please list files", "list files"),
        ("Could you please, now, run it", "run it"),
        ("Не могли бы вы показать", "показать"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_without_politeness_leaves_the_request_when_it_is_wrapped_in_politeness(text: str, rest: str) -> None:
    """Politeness in front of a request says nothing about it."""
    assert without_politeness(text) == rest


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Is it here", True), ("it is here?", True), ("Fix it?", False), ("Show it?", False), ("", False)],
)
def test_is_question_tells_questions_from_orders(text: str, *, expected: bool) -> None:
    """A question mark behind an order makes no question of it."""
    assert is_question(text) is expected


@given(st.text())
def test_classify_answers_whatever_the_text(text: str) -> None:
    """No text makes it fail; it chooses one of four agents, and only the architect for what is not atomic."""
    choice = classify(text)

    assert choice.agent in {AgentType.CODER, AgentType.ARCHITECT, AgentType.DEBUG, AgentType.ASK}
    assert choice.is_atomic or choice.agent is AgentType.ARCHITECT


@pytest.mark.parametrize("piece", ["create a ", "first ", "fix all ", "- x\n", "a.b.", "please, ", "не ", "\n", " "])
def test_classify_stays_quick_when_a_text_is_long_and_odd(piece: str) -> None:
    """The work is bounded: no text of the largest size takes long."""
    began = time.process_time()

    classify(piece * (100_000 // len(piece)))

    assert time.process_time() - began < 1
