# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""From a message in English or Russian to the wishes in it.

One row per wish; the first that fits a clause wins. Words in quotes, backticks and fences are material, not orders: the
rows see the clause with those blanked out, and take them as the content, the command or the name that is meant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from domain.model.agent import AgentType
from domain.services.keywords import classify, is_question, without_politeness
from functions.adapters.models.offline import mentions, terms
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

_AGENTS = (
    (AgentType.ORCHESTRATOR, r"orchestrator|оркестратор\w*"),
    (AgentType.CODER, r"coder|coding|кодер\w*|программист\w*"),
    (AgentType.ARCHITECT, r"architect|архитектор\w*"),
    (AgentType.DEBUG, r"debug(?:ger|ging)?|отладчик\w*|отладк\w*|дебаг\w*"),
    (AgentType.UNIVERSAL, r"universal|универсал\w*"),
    (AgentType.ASK, r"ask(?:ing)?|спрашивател\w*|аск\w*"),
)


def _starts(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})\b", re.IGNORECASE)


_HAND_OVER = _starts(
    r"(?:switch|change|go|hand(?: (?:this|it))?(?: over| off)?|pass(?: (?:this|it))?(?: on)?|transfer(?: (?:this|it))?"
    r"|delegate(?: (?:this|it))?)(?: (?:mode|agent))? (?:to|into)"
    r"|переключ(?:ись|итесь|и)(?: \w+)? (?:на|в)|передай(?:те)?|позови(?:те)?"
)
_ASK = _starts(r"ask (?:me|us|the user)|спроси(?:те)?(?: (?:у )?(?:меня|нас|пользователя))?")
_FINISH = re.compile(
    r"(?:finish|complete(?: the task)?|end the task|wrap (?:it )?up|(?:we(?:'re| are)|i'm|i am) done|that'?s (?:all|it)|stop(?: here)?|done"
    r"|заверш(?:и|ай|ите)|закончи(?:ть|те)?|готово|хватит|это всё|всё)(?: (?:now|here|please|the task|задачу|работу))?[\s.!]*\Z",
    re.IGNORECASE,
)
_PLAN = _starts(
    r"plan(?! (?:b|is|says)\b)|(?:make|create|draw up|draft|propose|write|prepare|design|suggest) (?:me |us )?(?:a |the |an )?(?:\w+ )?plan"
    r"|спланируй(?:те)?|запланируй(?:те)?|(?:составь|создай|сделай|предложи|подготовь|напиши)(?:те)? (?:\w+ )?план"
)
_FOLDER = re.compile(
    r"(?:(?:create|make|add|new)\b.{0,60}?\b(?:folder|directory|dir)\b|mkdir\b"
    r"|(?:созда(?:й|йте|ть)|сделай(?:те)?|добавь(?:те)?)\b.{0,60}?\b(?:папк|каталог|директори)\w*)\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_FOLDER_NAME = re.compile(r"(?:called|named|по имени|с именем|под названием)?\s*([\w@+./-]+)", re.IGNORECASE)
_WRITE = _starts(
    r"write|create|save|put|make|add|store|new file"
    r"|запиши(?:те)?|напиши(?:те)?|созда(?:й|йте|ть)|сохрани(?:те)?|положи(?:те)?|добавь(?:те)?|сделай(?:те)?"
)
_FILE_WORD = re.compile(r"\b(?:files?|файл\w*)\b", re.IGNORECASE)
_INTO = re.compile(r"\b(?:to|into|in|as|в|во)\s+(?:(?:the|a|new|file|файл\w*)\s+)*\Z", re.IGNORECASE)
_CONTENT = re.compile(
    r"\b(?:with (?:the )?(?:content|contents|text)|containing|that (?:says|contains)|saying|со? (?:содержимым|текстом)|с текстом)[ :]\s*(.+)",
    re.IGNORECASE | re.DOTALL,
)
_DELETE = _starts(r"delete|remove|rm|erase|удали(?:те|ть)?|сотри(?:те)?")
_MOVE = _starts(r"move|rename|mv|переимен(?:уй|уйте|овать)|перемест(?:и|ите|ить)|перенес(?:и|ите)")
_RUN = re.compile(
    r"(?:run|execute|launch|start|запусти(?:те|ть)?|выполни(?:те|ть)?)\b\s*"
    r"(?:(?:the |a |this )?(?:shell )?(?:command|script)\b|команд\w+|скрипт\w*)?[: ]*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_DESCRIBED = re.compile(
    r"(?:the|all|my|our|your|some|it|this|that|a|an|тесты?|все|всё|его|её|это|проект\w*|tests?|server|app)\b",
    re.IGNORECASE,
)
_FIND = _starts(
    r"find|search(?: for)?|grep|locate|look (?:for|up)|where|which files?|who|whose|где|куда|откуда"
    r"|найди(?:те)?|поищи(?:те)?|ищи|в как(?:ом|их) файл\w*"
)
_LIST = re.compile(
    r"(?:ls|dir|tree)\b"
    r"|(?:list|show|display|print|give me|what|which|how many|перечисли\w*|покажи\w*|выведи|список|какие|сколько|что)\b"
    r".{0,40}?\b(?:files|folders|directories|entries|contents?|структур\w+|файлы|файлов|папки|папок|каталоги)\b"
    r"|what(?:'s| is| are)(?: there)? (?:in|inside) (?:the |this )?(?:[\w@+./-]+ )?(?:folder|directory|project|repo(?:sitory)?)\b"
    r"|что (?:лежит |есть |находится )?в (?:\w+ )?(?:папке|каталоге|проекте|корне)\b|list\s*\Z",
    re.IGNORECASE,
)
_ALL = re.compile(r"\b(?:all|every|recursive(?:ly)?|tree|whole|все|всех|рекурсивно|дерево)\b", re.IGNORECASE)
_READ = _starts(
    r"read|show|open|cat|view|display|print|head|summari[sz]e|describe|explain|tell|look at|go through|list|compare|review"
    r"|прочитай(?:те)?|прочти(?:те)?|покажи(?:те)?|открой(?:те)?|выведи(?:те)?|опиши(?:те)?|объясни(?:те)?|расскажи(?:те)?"
    r"|посмотри(?:те)?|сравни(?:те)?|перескажи(?:те)?"
)
_READ_WHAT = re.compile(
    r"(?:read|open|прочитай|прочти|открой)(?:те)?(?: (?:a|the|some|этот))? (?:file|файл)\W*\Z", re.IGNORECASE
)
_HELLO = re.compile(
    r"(?:hi|hello|hey|good (?:morning|day|evening)|help|thanks?(?: you)?|what can you do|who are you|how can you help"
    r"|привет|здравствуй(?:те)?|добрый (?:день|вечер)|доброе утро|спасибо|помо(?:ги|щь)|что ты умеешь|кто ты)(?: \w+){0,3}[\s.,!?)]*\Z",
    re.IGNORECASE,
)
_LEAD = (
    r"switch to|hand over|ask me|finish|plan|create|make|mkdir|write|save|put|delete|remove|move|rename|run|execute|find|search"
    r"|where|list|read|show|open|переключись|передай|спроси|заверши|спланируй|создай|сделай|запиши|сохрани|удали|перемести"
    r"|переименуй|запусти|выполни|найди|поищи|где|перечисли|прочитай|прочти|покажи|открой"
)
_JOINT = re.compile(
    rf"(?:\s*[,;.]\s*|\s+)(?:and then|then|and also|and|а затем|а потом|и затем|и потом|затем|потом|и)\s+(?=(?:{_LEAD})\b)"
    rf"|\s*[;.!?\n]\s+(?=(?:{_LEAD})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One order of a message.

    Attributes:
        text: As written, without politeness.
        plain: The same with everything quoted and fenced blanked out.
    """

    text: str
    plain: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths that it names, quoted ones too."""
        named = mentions.paths(self.plain)
        return named + tuple(
            path for part in mentions.quoted(self.text) for path in mentions.paths(part) if path == part
        )


def wishes(text: str) -> tuple[Wish, ...]:
    """Return what a message wishes for, in order, one to `MAX_WISHES`; `Unknown` stands alone.

    >>> wishes("Read README.md and list the files in docs/")
    (ReadFiles(paths=('README.md',), lines=None), ListFiles(path='docs', is_recursive=False, pattern=''))
    >>> wishes("Make it better")
    (Unknown(),)
    """
    found = tuple(wish for clause in _clauses(text)[:MAX_WISHES] for wish in (_wish(clause),))
    return found if not any(isinstance(wish, Unknown) for wish in found) else (_wish(_clause(text)),)


def _clause(text: str) -> Clause:
    asked = without_politeness(text)
    return Clause(asked, mentions.without_quoted(asked))


def _clauses(text: str) -> list[Clause]:
    """Cut a message where another order begins, but never inside what is quoted."""
    blanked = mentions.blanked(text)
    cuts = [(0, 0), *((match.start(), match.end()) for match in _JOINT.finditer(blanked)), (len(text), len(text))]
    parts = (text[start:end] for (_, start), (end, _) in zip(cuts, cuts[1:], strict=False))
    return [_clause(part) for part in parts if part.strip()] or [_clause(text)]


def _wish(clause: Clause) -> Wish:
    found = (row(clause) for row in _ROWS)
    return next((wish for wish in found if wish is not None), Unknown())
