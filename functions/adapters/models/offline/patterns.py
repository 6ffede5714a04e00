# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""How people say what they wish for, in English and Russian.

Patterns are matched at the beginning of a clause that has lost its politeness, unless their comment says otherwise.
"""

import re

from domain.model.agent import AgentType


def _starts(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})\b", re.IGNORECASE)


def _whole(words: str) -> re.Pattern[str]:
    """Compile words that may be all there is, apart from punctuation."""
    return re.compile(rf"(?:{words})[\s.,!?)]*\Z", re.IGNORECASE)


AGENTS = (
    (AgentType.ORCHESTRATOR, re.compile(r"\b(?:orchestrator|оркестратор\w*)\b", re.IGNORECASE)),
    (AgentType.CODER, re.compile(r"\b(?:coder|coding|кодер\w*|программист\w*)\b", re.IGNORECASE)),
    (AgentType.ARCHITECT, re.compile(r"\b(?:architect|архитектор\w*)\b", re.IGNORECASE)),
    (AgentType.DEBUG, re.compile(r"\b(?:debug(?:ger|ging)?|отладчик\w*|отладк\w*|дебаг\w*)\b", re.IGNORECASE)),
    (AgentType.UNIVERSAL, re.compile(r"\b(?:universal|универсал\w*)\b", re.IGNORECASE)),
    (AgentType.ASK, re.compile(r"\b(?:ask|аск\w*)\b", re.IGNORECASE)),
)
"""Names of agents, anywhere behind a hand-over; the first that is found wins."""

HAND_OVER = _starts(
    r"(?:switch|change|go|(?:hand|pass|transfer|delegate)(?: (?:this|it))?(?: over| off| on)?)"
    r"(?: (?:mode|agent))? (?:to|into)"
    r"|переключ(?:ись|итесь|и)(?: \w+)? (?:на|в)|передай(?:те)?|позови(?:те)?"
)
ASK = _starts(r"ask (?:me|us|the user)|спроси(?:те)?(?: у)?(?: (?:меня|нас|пользователя))?")
FINISH = _whole(
    r"(?:finish|complete|end the task|wrap (?:it )?up|(?:we're|we are|i'm|i am) done|that'?s (?:all|it)|stop|done"
    r"|заверш(?:и|ай|ите)|закончи(?:ть|те)?|готово|хватит|это всё|всё)(?: (?:now|here|it|the task|задачу|работу))?"
)
CANCEL = _whole(r"cancel|never ?mind|forget (?:it|about it)|stop|отмена|отмени|не надо|забудь|неважно")
PLAN = _starts(
    r"plan|(?:make|create|draw up|draft|propose|write|prepare|design|suggest)(?: me| us)?(?: an?| the)?(?: \w+)? plan"
    r"|спланируй(?:те)?|запланируй(?:те)?|(?:составь|создай|сделай|предложи|подготовь|напиши)(?:те)?(?: \w+)? план"
)
PLAN_OF = re.compile(r"[\s,:—-]*(?:(?:for|of|to|how to|для|по)\s+)?", re.IGNORECASE)
FOLDER = re.compile(
    r"(?:mkdir\b|(?:create|make|add|new)\b[^\n]{0,60}?\b(?:folder|directory|dir)\b"
    r"|(?:созда(?:й|йте|ть)|сделай(?:те)?|добавь(?:те)?)\b[^\n]{0,60}?\b(?:папк|каталог|директори)\w*)"
    r"(?:\s+(?:called|named|по имени|с именем|под названием))?\s*",
    re.IGNORECASE,
)
WRITE = _starts(
    r"write|create|save|put|make|store|запиши(?:те)?|напиши(?:те)?|созда(?:й|йте|ть)|сохрани(?:те)?|положи(?:те)?"
    r"|add(?= (?:a |the )?(?:new )?file)|добавь(?= (?:новый )?файл)"
)
FILE_WORD = re.compile(r"\b(?:files?|файл\w*)\b", re.IGNORECASE)
"""Anywhere."""
INTO = re.compile(r"\b(?:to|into|in|as|в|во|как)\s+(?:(?:the|a|new|file|файл\w*)\s+)*\Z", re.IGNORECASE)
"""At the end of what stands before a path."""
CONTENT = re.compile(
    r"\b(?:with (?:the )?(?:contents?|text)|containing|that (?:says|contains)|saying"
    r"|со? (?:содержимым|текстом))[ :]\s*(.+)",
    re.IGNORECASE | re.DOTALL,
)
"""Anywhere."""
DELETE = _starts(r"delete|remove|rm|erase|удали(?:те|ть)?|сотри(?:те)?")
MOVE = _starts(r"move|rename|mv|переимен(?:уй|уйте|овать)|перемест(?:и|ите|ить)|перенес(?:и|ите)")
MOVE_TO = re.compile(r"\s*(?:to|into|as|->|→|в|на|как)?\s+", re.IGNORECASE)
RUN = re.compile(
    r"(?:run|execute|запусти(?:те|ть)?|выполни(?:те|ть)?)\b\s*"
    r"(?:(?:the |a |this )?(?:shell )?(?:command|script)\b|команд\w+|скрипт\w*)?[: ]*",
    re.IGNORECASE,
)
DESCRIBED = _starts(
    r"the|all|my|our|your|some|it|this|that|an?|tests?|server|app|тест\w*|все|всё|его|её|это|проект\w*|сервер\w*|команду"
)
"""A description of a command rather than a command."""
FIND = _starts(
    r"find|search(?: for)?|grep|locate|look (?:for|up)|where|(?:which|what) files?|who|whose|где|куда|откуда"
    r"|найди(?:те)?|поищи(?:те)?|ищи|в как(?:ом|их) файл\w*|какие файлы"
)
INSIDE = re.compile(
    r"\b(?:contain\w*|us(?:es?|ing)|mention\w*|imports?|refer\w*|defin\w+|call|calls|содерж\w+|использу\w+|упомина\w+)\b",
    re.IGNORECASE,
)
"""Anywhere: files are asked for by what is in them."""
ABOUT = re.compile(r"\b(?:about|regarding|об?|про)\s", re.IGNORECASE)
"""Anywhere."""
LIST = re.compile(
    r"(?:ls|dir|tree)\b|list\s*\Z"
    r"|(?:list|show|display|print|give me|find|what|which|how many"
    r"|перечисли\w*|покажи\w*|выведи|найди|список|какие|сколько|что)\b"
    r"[^\n]{0,40}?\b(?:files|folders|directories|entries|contents?|структур\w+|файлы|файлов|папки|папок|каталоги)\b"
    r"|what(?:'s| is| are)(?: there)? (?:in|inside)(?: the| this)?(?: [\w@+./-]+)?"
    r" (?:folder|directory|project|repo(?:sitory)?)\b"
    r"|что (?:лежит |есть |находится )?в (?:\w+ )?(?:папке|каталоге|проекте|корне)\b",
    re.IGNORECASE,
)
ALL = re.compile(r"\b(?:all|every|recursive(?:ly)?|tree|whole|все|всех|рекурсивно|дерево)\b|\*", re.IGNORECASE)
"""Anywhere."""
READ = _starts(
    r"read|show|open|cat|view|display|print|head|summari[sz]e|describe|explain|tell|look at|go through|list|compare"
    r"|review"
    r"|прочитай(?:те)?|прочти(?:те)?|покажи(?:те)?|открой(?:те)?|выведи(?:те)?|опиши(?:те)?|объясни(?:те)?|расскажи(?:те)?"
    r"|посмотри(?:те)?|сравни(?:те)?|перескажи(?:те)?"
)
READ_WHICH = _whole(
    r"(?:read|open|прочитай(?:те)?|прочти(?:те)?|открой(?:те)?)(?: (?:an?|the|some|этот))? (?:files?|файл)"
)
HELLO = _whole(
    r"(?:hi|hello|hey|good (?:morning|day|evening)|help|thanks?|thank you|what can you do|who are you|how can you help"
    r"|привет|здравствуй(?:те)?|добрый (?:день|вечер)|доброе утро|спасибо|помо(?:ги|щь)|что ты умеешь|кто ты)"
    r"(?:,? \w+){0,3}"
)
_NEXT_ORDER = (
    r"switch to|hand over|ask me|finish|plan|create|make|mkdir|write|save|put|delete|remove|move|rename|run|execute"
    r"|find|search|where|list|read|show|open|what does|переключись|передай|спроси|заверши|спланируй|создай|сделай"
    r"|запиши|сохрани|удали|перемести|переименуй|запусти|выполни|найди|поищи|где|перечисли|прочитай|прочти|покажи"
    r"|открой"
)
JOINT = re.compile(
    rf"(?:[,;.]\s{{0,9}}|\s)"
    rf"(?:and then|then|and also|and|а затем|а потом|и затем|и потом|затем|потом|и)\s{{1,9}}(?=(?:{_NEXT_ORDER})\b)"
    rf"|(?<!\d)[;.!?\n]\s{{1,9}}(?=(?:{_NEXT_ORDER})\b)",
    re.IGNORECASE,
)
"""Anywhere: where one order ends and the next begins."""
OPTIONS = re.compile(r"\s*(?:,|;|\bor\b|\bили\b|/)\s*", re.IGNORECASE)
"""Between the choices of a question."""
