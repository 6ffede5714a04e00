# ruff: noqa: RUF001  # Russian words are Russian on purpose
"""What the offline model says, in English and Russian."""

from dataclasses import dataclass

SUFFIX = "(offline rule-based model: no language model was called)"
"""Stands under every answer in plain language, in these words in every language, so that nobody can mistake it."""

_WISHES = (
    "I list, read, search, write, move and delete files, create folders, run commands, propose plans and hand over to"
    " other agents, when I am told so in simple words: “Where is X implemented?”, “Read README.md”,"
    ' “Write "hello" to notes.txt”, “Run `make test`”.'
)
_WISHES_RUSSIAN = (
    "Я показываю, читаю, ищу, пишу, переношу и удаляю файлы, создаю папки, запускаю команды, предлагаю планы и передаю"
    " работу другим агентам, если сказать это простыми словами: «Где реализован X?», «Прочитай README.md»,"
    ' «Запиши "привет" в notes.txt», «Запусти `make test`».'
)
_PHRASES = {
    "implemented": (
        "`{name}` is defined in `{place}`:",
        "`{name}` определён в `{place}`:",
    ),
    "closest": (
        "The closest definition to {label} is `{name}` in `{place}`:",
        "Ближайшее к {label} определение: `{name}` в `{place}`:",
    ),
    "best": (
        "The best match for {label} is `{place}`:",
        "Лучшее совпадение для {label}: `{place}`:",
    ),
    "second": (
        "`{name}` is defined in `{place}`, too:",
        "`{name}` определён и в `{place}`:",
    ),
    "others": ("Other places:", "Другие места:"),
    "more": ("… and {count} more", "… и ещё {count}"),
    "not_found": (
        "Nothing was found for {label}. Searched for: {queries}.",
        "Для {label} ничего не нашлось. Искал: {queries}.",
    ),
    "step_failed": ("`{tool}` did not succeed ({outcome}): {reason}", "`{tool}` не удался ({outcome}): {reason}"),
    "file": ("`{path}`, {count} line{s}.", "`{path}`, строк: {count}."),
    "file_cut": (
        "`{path}`, the beginning: the middle is too long to be shown to a model.",
        "`{path}`, начало: середина слишком длинна, чтобы показать её модели.",
    ),
    "file_part": ("`{path}`, lines {first} to {last}.", "`{path}`, строки с {first} по {last}."),
    "file_empty": ("`{path}` is empty.", "`{path}` пуст."),
    "headings": ("Headings:", "Заголовки:"),
    "definitions": ("Definitions:", "Определения:"),
    "first_lines": ("First lines:", "Первые строки:"),
    "found_instead": (
        "There is no `{path}`; `{found}` was read instead.",
        "`{path}` нет; вместо него прочитан `{found}`.",
    ),
    "listing": ("`{path}` holds {count} item{s}:", "В `{path}` записей: {count}:"),
    "listing_empty": ("`{path}` holds nothing that fits.", "В `{path}` нет ничего подходящего."),
    "written": ("Wrote `{path}`: {count} line{s}.", "Записан `{path}`, строк: {count}."),
    "folder_made": ("Created the folder `{path}`.", "Создана папка `{path}`."),
    "deleted": ("Deleted `{path}`.", "Удалён `{path}`."),
    "moved": ("Moved `{source}` to `{destination}`.", "`{source}` перемещён в `{destination}`."),
    "ran": ("Ran `{command}`:", "Выполнено `{command}`:"),
    "ran_silently": ("Ran `{command}`; it printed nothing.", "Выполнено `{command}`; вывода нет."),
    "planned": ("The plan “{title}” was accepted.", "План «{title}» принят."),
    "handed_over": ("The {agent} agent is listening now.", "Теперь отвечает агент {agent}."),
    "hand_over_failed": (
        "The hand-over to the {agent} agent did not succeed: {reason}",
        "Передать агенту {agent} не удалось: {reason}",
    ),
    "cannot": (
        "This needs the tool `{tool}`, which this agent does not have.",
        "Для этого нужен инструмент `{tool}`, которого у этого агента нет.",
    ),
    "finished": ("Finished, as you asked.", "Завершено, как вы просили."),
    "wishes": (_WISHES, _WISHES_RUSSIAN),
    "unknown": (
        "I did not recognise what to do with “{said}”, and I will not pretend: rules cannot program on their own.",
        "Я не понял, что сделать с «{said}», и не буду делать вид: правила сами программировать не умеют.",
    ),
    "stopped": ("Stopped after {rounds} rounds.", "Остановлено после {rounds} шагов."),
    "no_message": ("There is no user message to answer.", "Нет сообщения пользователя, на которое можно ответить."),
    "ask_content": ("What should {path} contain?", "Что должно быть в {path}?"),
    "ask_command": ("Which command should I run?", "Какую команду запустить?"),
    "ask_folder": ("Which folder should I create?", "Какую папку создать?"),
    "ask_file": ("Which file should I read?", "Какой файл прочитать?"),
    "empty": ("Leave it empty", "Оставить пустым"),
    "look_how": ("List all files in .", "Покажи все файлы в ."),
    "check_how": ("Find {wanted}", "Найди {wanted}"),
    "feedback": ("Feedback: {feedback}", "Замечания: {feedback}"),
    "suggest_yes": ("Yes", "Да"),
    "suggest_no": ("No", "Нет"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in the language of the user.

    >>> Voice(is_russian=False).say("folder_made", path="docs")
    'Created the folder `docs`.'
    """

    is_russian: bool = False

    def say(self, phrase: str, **values: object) -> str:
        """Return the phrase with its values filled in; `{s}` is the plural of `count`."""
        plural = "" if values.get("count") == 1 else "s"
        return _PHRASES[phrase][self.is_russian].format(**values, s=plural)


def both(phrase: str, **values: object) -> tuple[str, ...]:
    """Return a phrase in every language, to recognise it in a history."""
    return tuple(Voice(is_russian).say(phrase, **values) for is_russian in (False, True))
