"""Wishes that only look: list, read, search; and the answers that quote what was found."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from domain.model.llm import RequestedCall
from domain.model.message import CallStatus
from domain.model.value import JsonObject
from functions.adapters.models.offline import results
from functions.adapters.models.offline.phrases import Voice
from functions.adapters.models.offline.ranking import Ranked, rank
from functions.adapters.models.offline.scripts import Ending, Script, ask, failures
from functions.adapters.models.offline.terms import Quest
from functions.adapters.models.offline.transcript import Step
from functions.adapters.models.offline.wishes import ListFiles, ReadFiles, Search

MAX_FILES = 4
MAX_LISTED = 80
MAX_OTHERS = 8
EXCERPT_LINES = 15
LINES_BEFORE = 2
LINES_AFTER = 30
LINE_CHARACTERS = 200

_HEADING = re.compile(r"#{1,6}\s+\S")
_OUTLINE = re.compile(r"\s*(?:export\s+)?(?:async\s+)?(?:class|def|function|func|fn|interface|struct|trait)\s+\w")


def list_files(wish: ListFiles, voice: Voice) -> Script:
    """List a folder."""
    arguments: JsonObject = {"path": wish.path}
    if wish.is_recursive:
        arguments["recursive"] = True
    if wish.pattern:
        arguments["pattern"] = wish.pattern
    steps = yield (RequestedCall(tool="list_files", arguments=arguments),)
    problems = failures(steps, voice)
    if problems:
        return Ending("\n".join(problems), is_complete=False)
    found = [entry for step in steps for entry in results.entries(step.content)]
    if not found:
        return Ending(voice.say("listing_empty", path=wish.path))
    shown = [f"- {entry}" for entry in found[:MAX_LISTED]] + _rest(len(found) - MAX_LISTED, voice)
    return Ending("\n".join([voice.say("listing", path=wish.path, count=len(found)), *shown]))


def read_files(wish: ReadFiles, voice: Voice) -> Script:
    """Read files; one that is not there is looked for by its name elsewhere."""
    if not wish.paths:
        return (yield from ask(voice.say("ask_file"), ("README.md", voice.say("look_how"))))
    steps = yield tuple(_read(path, wish.lines) for path in wish.paths[:MAX_FILES])
    # A refused path was wrong in itself; only a missing file can be somewhere else.
    lost = [step for step in steps if step.outcome is CallStatus.FAILED and step.text("path")]
    texts = [_file(step, wish, voice) for step in steps if step.is_done]
    problems = failures([step for step in steps if not step.is_done and step not in lost], voice)
    if lost:
        listings = yield tuple(_find(step.text("path")) for step in lost)
        found = [_namesake(step.text("path"), listing) for step, listing in zip(lost, listings, strict=False)]
        again = (yield tuple(_read(path, wish.lines) for path in found if path)) if any(found) else ()
        for step, path in zip(lost, found, strict=False):
            other = next((other for other in again if path and other.text("path") == path), None)
            if other and other.is_done:
                texts += [voice.say("found_instead", path=step.text("path"), found=path), _file(other, wish, voice)]
            else:
                problems += failures([step], voice)
    return Ending("\n\n".join([*texts, *problems]), is_complete=not problems)


def search(wish: Search, voice: Voice) -> Script:
    """Search, read around the best lines, and quote them with their places."""
    quest = wish.quest
    steps = yield quest.searches()
    ranked = _ranked(steps, quest)
    wider = quest.wider_searches()
    if wider and _best_coverage(ranked) < len(quest.wanted):
        steps = (*steps, *(yield wider))
        ranked = _ranked(steps, quest)
    problems = failures(steps, voice)
    if not ranked:
        queries = ", ".join(f"`{step.text('query')}`" for step in steps)
        nothing = voice.say("not_found", label=quest.label, queries=queries)
        is_complete = len(problems) < len(steps)
        return Ending("\n".join([nothing] * is_complete + problems), is_complete=is_complete)
    best = _best(ranked)
    reads = yield tuple(_read(item.hit.path, _around(item)) for item in best)
    return Ending("\n\n".join([*_answer(ranked, best, reads, quest, voice), *problems]))


def _ranked(steps: Iterable[Step], quest: Quest) -> list[Ranked]:
    return rank((hit for step in steps if step.is_done for hit in results.hits(step.content)), quest)


def _best_coverage(ranked: Sequence[Ranked]) -> int:
    return max((item.coverage for item in ranked), default=0)


def _best(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return the best hit, and the best definition in another file when there are two that answer."""
    best = ranked[0]
    answers = [item for item in ranked[1:] if item.is_answer and item.hit.path != best.hit.path]
    is_close = best.is_answer and answers and best.score - answers[0].score <= 10
    return [best, *answers[:1]] if is_close else [best]


def _around(item: Ranked) -> tuple[int, int]:
    return max(1, item.hit.line - LINES_BEFORE), item.hit.line + LINES_AFTER


def _answer(
    ranked: Sequence[Ranked], best: Sequence[Ranked], reads: Sequence[Step], quest: Quest, voice: Voice
) -> list[str]:
    parts: list[str] = []
    quoted: set[tuple[str, int]] = set()
    for at, item in enumerate(best):
        step = reads[at] if at < len(reads) else None
        excerpt = _excerpt(step, item)
        quoted |= {(item.hit.path, number) for number, _ in excerpt}
        phrase = "second" if at else "implemented" if item.is_answer else "closest" if item.name else "best"
        title = voice.say(phrase, name=item.name, place=item.place, label=quest.label)
        parts.append("\n".join([title, *(_numbered(number, line) for number, line in excerpt)]))
        if step and not step.is_done:
            parts += failures([step], voice)
    least = best[0].coverage
    others = [item for item in ranked if item.coverage >= least and (item.hit.path, item.hit.line) not in quoted]
    if others:
        shown = [f"- {item.place}  {_clipped(item.hit.text.strip())}" for item in others[:MAX_OTHERS]]
        parts.append("\n".join([voice.say("others"), *shown, *_rest(len(others) - MAX_OTHERS, voice)]))
    return parts


def _excerpt(step: Step | None, item: Ranked) -> list[tuple[int, str]]:
    """Return numbered lines that begin with the hit.

    The numbers are proved before they are claimed: the hit's own line must stand where its number says, counted from
    the line that was asked for, or from 1 when the client sent the whole file. Otherwise the hit is quoted alone.
    """
    alone = [(item.hit.line, item.hit.text)]
    if step is None or not step.is_done:
        return alone
    text, _ = results.lines(step.content)
    for first in (step.number("start_line", 1), 1):
        at = item.hit.line - first
        if 0 <= at < len(text) and text[at].strip().startswith(item.hit.text.strip()):
            block = text[at : at + EXCERPT_LINES]
            while not block[-1].strip() and len(block) > 1:
                block.pop()
            return list(enumerate(block, item.hit.line))
    return alone


def _file(step: Step, wish: ReadFiles, voice: Voice) -> str:
    """Return what a file says: its outline and its first lines, or exactly the lines asked for."""
    path = step.text("path")
    text, is_whole = results.lines(step.content)
    if not any(line.strip() for line in text):
        return voice.say("file_empty", path=path)
    if wish.lines:
        first = wish.lines[0]
        shown = [_numbered(number, line) for number, line in enumerate(text[:MAX_LISTED], first)]
        return "\n".join([voice.say("file_part", path=path, first=first, last=first + len(text) - 1), *shown])
    title = voice.say("file", path=path, count=len(text)) if is_whole else voice.say("file_cut", path=path)
    is_prose = PurePosixPath(path).suffix.lower() in {".md", ".rst", ".adoc"}
    outline = list(_outline(text, _HEADING if is_prose else _OUTLINE))
    parts = [title]
    if outline:
        parts += [voice.say("headings" if is_prose else "definitions"), *outline[:EXCERPT_LINES]]
        parts += _rest(len(outline) - EXCERPT_LINES, voice)
    parts += [
        voice.say("first_lines"),
        *(_numbered(number, line) for number, line in enumerate(text[:EXCERPT_LINES], 1)),
    ]
    return "\n".join(parts)


def _outline(text: Sequence[str], mark: re.Pattern[str]) -> Iterable[str]:
    is_fenced = False
    for number, line in enumerate(text, 1):
        # A comment in a shell example is no heading.
        is_fenced ^= line.lstrip().startswith("```")
        if not is_fenced and mark.match(line):
            yield _numbered(number, line)


def _namesake(path: str, listing: Step) -> str:
    """Return the listed file with the name of the one that was not found, empty when there is none or no single one."""
    name = PurePosixPath(path).name.lower()
    found = results.entries(listing.content) if listing.is_done else ()
    same = [entry for entry in found if PurePosixPath(entry).name.lower() == name and entry != path]
    return min(same, key=lambda entry: (entry.count("/"), entry), default="")


def _read(path: str, lines: tuple[int, int] | None) -> RequestedCall:
    arguments: JsonObject = {"path": path}
    if lines:
        arguments |= {"start_line": lines[0], "end_line": lines[1]}
    return RequestedCall(tool="read_file", arguments=arguments)


def _find(path: str) -> RequestedCall:
    name = PurePosixPath(path).name
    return RequestedCall(tool="list_files", arguments={"path": ".", "recursive": True, "pattern": f"*{name}"})


def _numbered(number: int, line: str) -> str:
    return f"{number:>6}  {_clipped(line.rstrip())}".rstrip()


def _clipped(line: str) -> str:
    return line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]}…"


def _rest(count: int, voice: Voice) -> list[str]:
    return [voice.say("more", count=count)] if count > 0 else []
