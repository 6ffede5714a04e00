"""From a message to the wishes in it.

One row per wish; the first that fits a clause wins. Words in quotes, backticks and fences are material, not orders: the
rows see the clause with those blanked out, and take them as the content, the command or the name that is meant.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.model.agent import AgentType
from domain.services.keywords import classify, is_question, without_politeness
from functions.adapters.models.offline import mentions, patterns, terms
from functions.adapters.models.offline.phrases import both
from functions.adapters.models.offline.vocabulary import NO_FOLDER
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

MAX_WISHES = 3
MAX_SUGGESTIONS = 4
_LOOKERS = frozenset({AgentType.ASK, AgentType.DEBUG})


@dataclass(frozen=True, slots=True)
class Clause:
    """One order of a message.

    Attributes:
        text: As written, without politeness.
        plain: The same, as long, with everything quoted and fenced blanked out.
        paths: Paths that it names, in order, the quoted ones last.
    """

    text: str
    plain: str
    paths: tuple[str, ...]


def wishes(text: str) -> tuple[Wish, ...]:
    """Return what a message wishes for, in order, one to `MAX_WISHES`.

    >>> wishes("Read README.md and list the files in docs/")
    (ReadFiles(paths=('README.md',), lines=None), ListFiles(path='docs', is_recursive=False, pattern=''))
    >>> wishes("Make it better")
    (Unknown(text='Make it better'),)
    """
    clauses = _clauses(text)
    # "… and where it is" adds nothing to what it follows.
    meant = [clause for clause in clauses if not patterns.FIND.match(clause.plain) or terms.quest(clause.text)]
    found = tuple(dict.fromkeys(map(_wish, meant)))[:MAX_WISHES]
    return found if any(not isinstance(wish, Unknown) for wish in found) else (_wish(_clause(text)),)


def answered(question: str, text: str) -> Wish | None:
    """Return the wish that a user completes by answering a question of ours, None when it was none or is called off.

    >>> answered("Which command should I run?", "make test")
    RunCommand(command='make test')
    """
    reply = text.strip()
    if not question or patterns.CANCEL.match(reply):
        return None
    meant = next(iter(mentions.quoted(reply)), reply)
    if question in both("ask_command") and not patterns.RUN.match(reply):
        return RunCommand(meant)
    if question in both("ask_folder") and not any(character.isspace() for character in meant):
        return MakeFolder(meant)
    path = next((path for path in mentions.paths(question) if question in both("ask_content", path=path)), "")
    if path:
        fenced = mentions.fenced(reply)
        return WriteFile(path, "" if reply in both("empty") else reply if fenced is None else fenced)
    return None


def _clause(text: str) -> Clause:
    asked = without_politeness(text).strip()
    plain = mentions.blanked(asked)
    spelled = (part for part in mentions.quoted(asked) if mentions.paths(part) == (part,))
    return Clause(asked, plain, tuple(dict.fromkeys([*mentions.paths(plain), *spelled])))


def _clauses(text: str) -> list[Clause]:
    """Cut a message where another order begins, but never inside what is quoted, planned or to be written."""
    plain = mentions.blanked(text)
    whole = _clause(text)
    content = patterns.CONTENT.search(plain) if patterns.WRITE.match(whole.plain) else None
    end = 0 if patterns.PLAN.match(whole.plain) else content.start() if content else len(text)
    clauses: list[Clause] = []
    start = 0
    for joint in patterns.JOINT.finditer(plain, 0, end):
        clauses.append(_clause(text[start : joint.start()]))
        start = joint.end()
    return [*clauses, _clause(text[start:])]


def _wish(clause: Clause) -> Wish:
    found = (row(clause) for row in _ROWS)
    return next((wish for wish in found if wish is not None), Unknown(clause.text))


def _hand_over(clause: Clause) -> Wish | None:
    said = patterns.HAND_OVER.match(clause.plain)
    rest = clause.plain[said.end() :] if said else ""
    return next((HandOver(agent) for agent, name in patterns.AGENTS if name.search(rest)), None)


def _ask(clause: Clause) -> Wish | None:
    said = patterns.ASK.match(clause.plain)
    rest = clause.text[said.end() :].strip(" \t\n,:;—-") if said else ""
    if not rest:
        return None
    question, *suggestions = mentions.quoted(rest) or (rest,)
    head, colon, tail = rest.partition(":")
    if not suggestions and colon:
        question, suggestions = head, [part for part in patterns.OPTIONS.split(tail.strip(" ?.!")) if part]
    asked = question.strip().rstrip("?.!")
    fitting = tuple(dict.fromkeys(suggestions)) if 2 <= len(set(suggestions)) <= MAX_SUGGESTIONS else ()
    return AskBack(f"{asked[:1].upper()}{asked[1:]}?", fitting) if asked else None


def _finish(clause: Clause) -> Wish | None:
    return Finish() if patterns.FINISH.match(clause.text) else None


def _plan(clause: Clause) -> Wish | None:
    said = patterns.PLAN.match(clause.plain)
    if not said or is_question(clause.text):
        return None
    of = patterns.PLAN_OF.match(clause.text, said.end())
    return MakePlan(clause.text[of.end() if of else said.end() :].strip() or clause.text)


def _folder(clause: Clause) -> Wish | None:
    said = patterns.FOLDER.match(clause.plain)
    if not said or patterns.FILE_WORD.search(said[0]):
        return None
    behind = _leading_word(clause.text[len(said[0].rstrip()) :])
    near = mentions.folder(clause.plain)
    return MakeFolder(next((name.rstrip("/") for name in (*clause.paths, behind, near) if name.strip("./")), ""))


def _leading_word(text: str) -> str:
    """Return the folder name that a text begins with, empty when it begins with grammar."""
    words = [*mentions.quoted(text), *text.strip().rstrip(".!?").split()]
    is_quoted = text.lstrip()[:1] in {'"', "'", "`", "«", "“"}
    return words[0] if words and (is_quoted or (len(words) == 1 and words[0].lower() not in NO_FOLDER)) else ""


def _write(clause: Clause) -> Wish | None:
    said = patterns.WRITE.match(clause.plain)
    if not said:
        return None
    told = patterns.CONTENT.search(clause.text)
    head = clause.plain[: told.start()] if told else clause.plain
    direct = mentions.leading_path(clause.text[said.end() :])
    target = direct[0] if direct else next(_targets(head), "")
    if not target and patterns.FILE_WORD.search(head):
        target = next(iter(clause.paths), "")
    if not target or target.endswith("/"):
        return None
    spelled = [part for part in mentions.quoted(clause.text) if part != target]
    contents = (mentions.fenced(clause.text), *spelled[:1], told[1].strip() if told else None)
    return WriteFile(target, next((content for content in contents if content is not None), None))


def _targets(text: str) -> Iterator[str]:
    """Yield the paths into which something is to be written."""
    for path, start in mentions.places(text):
        if patterns.INTO.search(text, max(0, start - 60), start):
            yield path


def _delete(clause: Clause) -> Wish | None:
    said = patterns.DELETE.match(clause.plain)
    # Only what directly follows: "remove foo from a.py" must not cost anyone a.py.
    named = mentions.leading_path(clause.text[said.end() :]) if said else None
    return DeleteFile(named[0]) if named and not named[0].endswith("/") else None


def _move(clause: Clause) -> Wish | None:
    said = patterns.MOVE.match(clause.plain)
    source = mentions.leading_path(clause.text[said.end() :]) if said else None
    to = patterns.MOVE_TO.match(source[1]) if source else None
    destination = mentions.leading_path(source[1][to.end() :]) if source and to else None
    return MoveFile(source[0], destination[0]) if source and destination else None


def _run(clause: Clause) -> Wish | None:
    said = patterns.RUN.match(clause.plain)
    if not said:
        return None
    spelled = mentions.fenced(clause.text) or next(iter(mentions.quoted(clause.text)), "")
    rest = clause.text[said.end() :].strip().rstrip("?!")
    command = spelled or ("" if patterns.DESCRIBED.match(rest) else rest)
    is_sentence = command.endswith(".") and command[-2:-1].isalnum()
    return RunCommand(command.removesuffix(".") if is_sentence else command)


def _list(clause: Clause) -> Wish | None:
    names_file = any(mentions.is_file(path) for path in clause.paths)
    if not patterns.LIST.match(clause.plain) or names_file or patterns.INSIDE.search(clause.plain):
        return None
    pattern = mentions.pattern(clause.text)
    return ListFiles(mentions.folder(clause.plain), bool(pattern or patterns.ALL.search(clause.plain)), pattern)


def _find(clause: Clause) -> Wish | None:
    return _search(clause) if patterns.FIND.match(clause.plain) else None


def _read(clause: Clause) -> Wish | None:
    if patterns.READ_WHICH.match(clause.plain):
        return ReadFiles(())
    paths = clause.paths
    is_bare = clause.text.strip(" .?!`'\"") in {*paths, *(path.removesuffix(".md") for path in paths)}
    if not paths or not (is_bare or patterns.READ.match(clause.plain) or is_question(clause.text)):
        return None
    quest = terms.quest(clause.plain)
    if quest and (quest.exact or patterns.ABOUT.search(clause.plain)):
        return Search(quest)
    files = tuple(path for path in paths if mentions.is_file(path))
    return ReadFiles(files, mentions.line_range(clause.plain)) if files else ListFiles(paths[0].rstrip("/"))


def _hello(clause: Clause) -> Wish | None:
    return Introduce() if patterns.HELLO.match(clause.text) else None


def _search(clause: Clause) -> Wish | None:
    """Search for what a question or an investigation is about; a request for a change is none."""
    quest = terms.quest(clause.text) if classify(clause.text).agent in _LOOKERS else None
    return Search(quest) if quest else None


_ROWS: tuple[Callable[[Clause], Wish | None], ...] = (
    _hand_over,
    _ask,
    _finish,
    _plan,
    _folder,
    _write,
    _delete,
    _move,
    _run,
    _list,
    _find,
    _read,
    _hello,
    _search,
)
