# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""Which agent a request is for, by keywords in English and Russian.

The fallback when a model fails to route, and the whole routing of the offline model. The first row that fits wins:

| # | Row | Agent |
|---|---|---|
| 1 | a change in several steps, of many files, or of a whole application | architect, not atomic |
| 2 | begins with a word for looking ("find", "explain", "покажи"), or is a question ("where", "how", "…?") | ask |
| | …and asks for a cause ("why") or names a symptom ("crashes", "не работает") | debug |
| | …and asks how something should be built | architect |
| | …and goes on to a change ("read it and add a test") | coder |
| 3 | asks to write a design, plan or specification, or begins with "design", "plan" | architect |
| 4 | begins with a word for investigating ("investigate", "разберись") | debug |
| 5 | names a change ("write", "fix", "добавь") or begins with "run", "test" | coder |
| 6 | names a design word ("architecture", "план") | architect |
| 7 | names trouble ("error", "bug", "ошибка") | debug |
| 8 | greets, thanks or asks for help | ask |
| 9 | nothing of this | coder |

A request that begins as a change stays one even when it ends with a question mark ("Can you fix this?").

Source:
    The keyword fallback of the FastAPI service, whose order was coder, architect, debug, ask on bare substrings.
    Rows 2 to 4 come before its coder row, since "Where is the lock implemented?" asks for no change.
"""

import re

from domain.model.agent import AgentType
from domain.model.value import Value

JUDGED_CHARACTERS = 2000
"""Only the beginning of a request is judged: what follows is mostly pasted text, and the work stays bounded."""


class KeywordChoice(Value):
    """What keywords say about a request.

    Attributes:
        agent: One of coder, architect, debug, ask.
        is_atomic: False when the request needs a plan first; the agent is the architect then.
    """

    agent: AgentType
    is_atomic: bool = True


def _words(text: str) -> re.Pattern[str]:
    """Compile alternatives, one regular expression a word, that must stand as whole words."""
    return re.compile(rf"\b(?:{'|'.join(text.split())})\b")


def _lead(text: str) -> re.Pattern[str]:
    """Compile the same for the first word of a request; an underscore stands for a space."""
    return re.compile(rf"(?:{'|'.join(text.split()).replace('_', ' ')})\b")


_POLITENESS = re.compile(
    r"(?:\s|please\b|(?:can|could|would|will) you\b|would you mind\b|i(?:'d| would) like (?:you )?to\b"
    r"|i (?:want|need) (?:you )?to\b|let'?s\b|now\b|ok(?:ay)?\b|kindly\b|hey\b"
    r"|пожалуйста\b|будь добр\w*\b|(?:не )?мог(?:ли|ла|) бы (?:ты|вы)\b|(?:ты )?можешь(?: ли)?(?: ты)?\b"
    r"|(?:вы )?можете(?: ли)?(?: вы)?\b|(?:мне )?(?:надо|нужно)\b|хочу\b|давай(?:те)?\b|(?:а )?теперь\b"
    r"|[,:—-])+",
    re.IGNORECASE,
)

_CHANGE_WORDS = r"""
    create write implement fix refactor modify add rename delete remove move change update replace generate
    rewrite improve optimi[sz]e convert migrate insert append extract edit install port simplify
    напи(?:ши|сать|шите) созда(?:й|ть|йте) сдела(?:й|ть|йте) реализ(?:уй|овать|уйте) исправ(?:ь|ить|ьте)
    почини(?:ть|те)? отрефактор(?:и|ить|ите) рефактори(?:ть)? измени(?:ть|те)? добав(?:ь|ить|ьте) удали(?:ть|те)?
    переимен(?:уй|овать|уйте) замени(?:ть|те)? обнови(?:ть|те)? сгенерир(?:уй|овать|уйте) перепи(?:ши|сать|шите)
    перенес(?:и|ти|ите) переместит[ье] перемести вынес(?:и|ти|ите) оптимизир(?:уй|овать|уйте) поправ(?:ь|ить|ьте)
    внес(?:и|ти|ите) встав(?:ь|ить|ьте) запи(?:ши|сать|шите) сохрани(?:ть|те)? разработа(?:й|ть|йте)
    допи(?:ши|сать|шите) улучши(?:ть|те)? упрост(?:и|ить|ите) перевед(?:и|ите) сотри
"""
_CHANGE = _words(_CHANGE_WORDS)
_CHANGE_LEAD = _lead(
    _CHANGE_WORDS
    + """
    run execute test build make code set put start launch mkdir rm mv use bump develop program запусти(?:ть|те)?
    выполни(?:ть|те)? протестируй(?:те)? собер(?:и|ите) установи(?:ть|те)? построй(?:те)?
"""
)
_LOOK_LEAD = _lead(
    """
    find search show list read look open explain describe tell summari[sz]e count compare locate grep cat ls view
    display print give_me walk_me help_me_understand clarify translate check_whether найди(?:те)? поищи(?:те)?
    покажи(?:те)? перечисли(?:те)? прочитай(?:те)? прочти(?:те)? открой(?:те)? объясни(?:те)? опиши(?:те)?
    расскажи(?:те)? посмотри(?:те)? сравни(?:те)? посчитай(?:те)? список выведи(?:те)? помоги_понять
    подскажи(?:те)?
"""
)
_QUESTION_LEAD = _lead(
    """
    where who what'?s what which when how is are does do_(?:i|we|you|they|the|these|those|any|all) did has
    have_(?:i|we|you|they) why whose can could should would will где кто что чем чего как какой какая какое какие
    каким когда куда откуда зачем сколько почему отчего чей можно есть_ли правда_ли умеет
"""
)
_PLACE_LEAD = _lead("where who which when whose где кто когда куда откуда чей какой какая какие какое")
_CAUSE = _words(
    r"""
    why cause[sd]? causing crash(?:es|ed|ing)? fail(?:s|ed|ing)? broken hangs? hanging stuck leak(?:s|ing)?
    traceback stacktrace wrong bugs? misbehav\w+ segfault\w* deadlock(?:s|ed) почему отчего пада(?:ет|ют) упал\w*
    слома(?:н|л)\w* завис(?:ает|ают|ла|ло|ли)? баг(?:а|и|ов|ом)? краш\w* виснет
"""
)
_NOT_WORKING = re.compile(
    r"(?:\bnot|n't|\bnever) work(?:s|ing)?\b|\bне (?:работа|запуска)\w+|\b(?:root cause|stack trace)\b"
)
_SHOULD = re.compile(
    r"(?:how|what) (?:should|would|could|must)\b|what is the best (?:way|design|architecture|approach)"
    r"|как (?:лучше|следует|стоит|правильно) (?:спроектировать|устроить|организовать|построить|сделать|разбить)"
)
_DESIGN_NOUN = (
    r"(?:designs?|architectures?|plans?|spec(?:s|ification|ifications)?|blueprints?|roadmaps?|rfcs?|adrs?|diagrams?"
    r"|планы?|архитектур[ауыойе]{1,2}|спецификаци\w+|дизайн\w*|диаграмм\w+|схем[ауы]|тз)"
)
_DESIGN = re.compile(rf"\b{_DESIGN_NOUN}\b")
_DESIGN_TASK = re.compile(
    rf"(?:write|create|draft|make|prepare|propose|draw(?: up)?|sketch|outline|produce|suggest|give me"
    rf"|напиши|создай|составь|сделай|подготовь|предложи|нарисуй|набросай)\s+(?:[\w-]+\s+){{0,3}}{_DESIGN_NOUN}\b(?!\.\w)"
)
_DESIGN_LEAD = _lead(
    "design architect plan specify outline blueprint model спроектируй(?:те)? проектируй спланируй(?:те)? запланируй"
    " продумай(?:те)? составь_план"
)
_INVESTIGATE_LEAD = _lead(
    """
    debug investigate diagnose troubleshoot trace find_out figure_out reproduce bisect отлад(?:ь|ить|ьте)
    продебаж\\w+ дебаж\\w+ разбер(?:ись|итесь) расследуй(?:те)? выясни(?:те)? диагностир\\w+ воспроизвед\\w+
"""
)
_TROUBLE = _words(
    r"""
    errors? problems? exceptions? issues? debug failures? faults? timeouts? ошибк\w* проблем\w* исключени\w+
    сбо[йияе]\w* трейсбек\w* отлад\w+
"""
)
_TALK_LEAD = _lead(
    """
    hi hello hey thanks thank good help understand ok привет здравствуй(?:те)? спасибо помоги(?:те)? помощь добрый
    что_ты
"""
)

_SMALL_THING = (
    r"(?:files?|functions?|class(?:es)?|methods?|tests?|modules?|folders?|director(?:y|ies)|comments?|docstrings?|scripts?"
    r"|for|of|in|to|from|about|файл\w*|функци\w+|класс\w*|метод\w*|тест\w*|папк\w+|каталог\w*|модул\w+|для|в|на|из|к|о)\b"
)
_WHOLE = re.compile(
    r"\b(?:build|create|make|develop|write|implement|program|set up|code|design"
    r"|сделай(?:те)?|создай(?:те)?|разработай(?:те)?|напиши(?:те)?|построй(?:те)?|реализуй(?:те)?|спроектируй(?:те)?)\s+"
    rf"(?:(?!{_SMALL_THING})[\w-]+\s+){{0,5}}?"
    r"(?:apps?|applications?|systems?|services?|web ?sites?|platforms?|games?|back-?ends?|front-?ends?|microservices?"
    r"|projects?|products?|dashboards?|(?:ro)?bots?|apis?|приложени[ея]|систем[ауы]|сервисы?|микросервисы?|сайты?|платформ[ауы]|игр[ауы]|бота?"
    r"|бэкенд|фронтенд|проекты?)"
    r"(?!\.\w)(?=\s*(?:$|[.,;:!?\n])|\s+(?:for|to|that|which|with|using|where|from|and|on|like|called|named|based"
    r"|для|котор\w+|на|с|по|и|чтобы|in(?!\s+\S*\.\w)|в(?!\s+\S*\.\w))\b)"
)
_EVERYWHERE = re.compile(
    r"\b(?:refactor|rename|replace|change|update|rewrite|migrate|convert|add|modify|port|fix|improve"
    r"|отрефактори|переименуй|замени|измени|обнови|перепиши|перенеси|добавь|исправь)\b[^\n]{0,200}?"
    r"\b(?:(?:all|every|each|several|multiple|many|across|throughout|whole|entire)\b"
    r"(?: of)?(?: the| our| my)?(?: [\w-]+)?"
    r" (?:files?|modules?|packages?|classes|services|code ?base|project|repo(?:sitory)?|application|system)"
    r"|(?:всех|все|каждом|каждый|нескольких|несколько|всем|весь|всю)(?: [\w-]+)?"
    r" (?:файл\w*|модул\w*|класс\w*|пакет\w*|проект\w*|код\w*|репозитори\w*|систем\w*))\b"
)
_ORDER = re.compile(
    r"\b(?:first(?:ly)?\b.{1,400}?\b(?:then|second(?:ly)?|after (?:that|which)|finally)"
    r"|step (?:1|one)\b.{1,400}?\bstep (?:2|two)"
    r"|сначала\b.{1,400}?\b(?:затем|потом|после этого|после чего|далее)|шаг 1\b.{1,400}?\bшаг 2)\b",
    re.DOTALL,
)
_NUMBERED = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]+\S", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*•][ \t]+\S", re.MULTILINE)
_CLAUSE_END = re.compile(r"[,;.\n]\s+|\s+(?:and|then|и|затем|потом)\s+")
_PATH = re.compile(r"(?<![\w/.-])[\w-]+(?:[/.][\w-]+)*\.[a-z]{1,5}\b")


def _starts_clauses(text: str) -> int:
    """Count the clauses that begin with a word for a change; running or testing it is part of the change."""
    return sum(1 for clause in _CLAUSE_END.split(text) if _CHANGE.match(without_politeness(clause)))


def _is_several(text: str) -> bool:
    """Tell whether a request for a change names several steps, many files, or a whole application."""
    return bool(
        _WHOLE.search(text)
        or _EVERYWHERE.search(text)
        or _ORDER.search(text)
        or len(_NUMBERED.findall(text)) >= 2
        or len(_BULLET.findall(text)) >= 3
        or len(set(_PATH.findall(text))) >= 3
        or _starts_clauses(text) >= 3
    )


def _is_change(text: str) -> bool:
    return bool(_CHANGE_LEAD.match(text) or _CHANGE.search(text))


def _is_symptom(text: str) -> bool:
    return bool(_CAUSE.search(text) or _NOT_WORKING.search(text))


def _goes_on_to_change(text: str) -> bool:
    """Tell whether a later clause asks for a change, as in "read it and add a test"."""
    return any(_CHANGE_LEAD.match(clause) for clause in _CLAUSE_END.split(text)[1:])


def _for_looking(text: str, *, is_question: bool) -> AgentType:
    """Choose for a request that looks rather than changes (row 2)."""
    if not is_question and _goes_on_to_change(text):
        return AgentType.CODER
    if _SHOULD.match(text):
        return AgentType.ARCHITECT
    if _is_symptom(text) and not _PLACE_LEAD.match(text):
        return AgentType.DEBUG
    return AgentType.ASK


def _for_task(text: str) -> AgentType:
    """Choose for anything else (rows 3 to 9)."""
    if _DESIGN_TASK.match(text) or _DESIGN_LEAD.match(text):
        return AgentType.ARCHITECT
    if _INVESTIGATE_LEAD.match(text):
        return AgentType.DEBUG
    if _is_change(text):
        return AgentType.CODER
    rows = (
        (AgentType.ARCHITECT, bool(_DESIGN.search(text))),
        (AgentType.DEBUG, _is_symptom(text) or bool(_TROUBLE.search(text))),
        (AgentType.ASK, bool(_TALK_LEAD.match(text))),
    )
    return next((agent for agent, fits in rows if fits), AgentType.CODER)


def without_politeness(text: str) -> str:
    """Return the request without "please", "can you" and the like in front of it.

    >>> without_politeness("Could you please list the files?")
    'list the files?'
    """
    return _POLITENESS.sub("", text, count=1) if _POLITENESS.match(text) else text


def is_question(text: str) -> bool:
    """Tell whether a text asks something rather than tells what to do.

    >>> is_question("Where is the lock?"), is_question("Fix the lock!"), is_question("Можешь исправить?")
    (True, False, False)
    """
    request = without_politeness(text[:JUDGED_CHARACTERS]).lower()
    if _CHANGE_LEAD.match(request) or _LOOK_LEAD.match(request):
        return False
    return bool(_QUESTION_LEAD.match(request)) or request.rstrip().endswith("?")


def classify(text: str) -> KeywordChoice:
    """Return the agent that keywords choose, and whether the request can be done in one go.

    Conservative about plans: a question or a single change is atomic.

    Args:
        text: A user message of any length and language; the first `JUDGED_CHARACTERS` are judged.

    Returns:
        The first row of the module's table that fits.

    >>> classify("Where is the session lock implemented?").agent.value
    'ask'
    >>> classify("Исправь опечатку в README.md").agent.value
    'coder'
    >>> classify("Build a todo app with a web front end")
    KeywordChoice(agent=<AgentType.ARCHITECT: 'architect'>, is_atomic=False)
    """
    request = without_politeness(text[:JUDGED_CHARACTERS]).lower()
    asks = is_question(text)
    looks = asks or bool(_LOOK_LEAD.match(request))
    if not looks and _is_change(request) and _is_several(request):
        return KeywordChoice(agent=AgentType.ARCHITECT, is_atomic=False)
    return KeywordChoice(agent=_for_looking(request, is_question=asks) if looks else _for_task(request))
