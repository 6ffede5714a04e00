"""`agent-runtime` as an operator has it: the client's commands, and those that need leave in the AWS account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from clients.terminal import cli as client
from functions.adapters.system import SystemClock
from infra.dead_ends import COMMITS, STACK_NAME, DeadEnd, dead_ends
from infra.operations.endings import FAILURES, Ending, Refused, explain
from infra.operations.looking import brief, list_letters, show_letters
from infra.operations.moving import Choice, send_again
from infra.operations.republishing import Republisher, Told, operators_container
from infra.operations.selecting import Wanted
from infra.operations.sending import Outcome, Sender
from infra.operations.target import Target, Wish, find_target
from infra.operations.telling import complain, print_json, print_table, progress_bar

EXIT_CODES = (
    "Exit codes: 0 done, or nothing to do; 1 something was left where it was; 2 what was given is refused; "
    "3 no stack, not signed in, or no right; 4 AWS failed; 130 interrupted."
)
NOTHING = "No dead letters."

dead_letters = typer.Typer(help="Look at what failed for good, and send it again.", no_args_is_help=True)
app = typer.Typer(
    cls=client.app.info.cls,
    help="Talk to the agents of an Agent Runtime Service, and look after the service.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(client.app)
app.add_typer(dead_letters, name="dead-letters")

Stack = Annotated[str, typer.Option("--stack", envvar="AGENT_RUNTIME_STACK", help="Name of the stack.")]
Endpoint = Annotated[
    Path | None,
    typer.Option("--endpoint", envvar="AGENT_RUNTIME_ENDPOINT", help="The endpoint.json of a local cloud."),
]
Profile = Annotated[str | None, typer.Option(help="Of your AWS settings.")]
Region = Annotated[str | None, typer.Option(help="Of the stack.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Letters of a kind to look at.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")]
KIND_HELP = f"One of {', '.join(end.kind for end in dead_ends())}."


@dead_letters.command("list", epilog=EXIT_CODES)
def list_(
    kind: Annotated[str | None, typer.Option(help=KIND_HELP)] = None,
    limit: Limit = 100,
    json: Json = False,
    stack: Stack = STACK_NAME,
    endpoint: Endpoint = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Count dead letters by kind, and say what each is about."""
    with _told():
        ends = _ends(kind)
        listed = list_letters(find_target(Wish(stack, endpoint, profile, region)), ends, limit)
        if json:
            print_json({"kinds": listed.kinds, "letters": listed.letters})
            return
        print_table(listed.kinds)
        if listed.letters:
            print()
            print_table(brief(listed.letters))


@dead_letters.command(epilog=EXIT_CODES)
def show(
    kind: Annotated[str, typer.Argument(help=KIND_HELP)],
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="One letter; all of the kind without.")] = None,
    limit: Limit = 100,
    json: Json = False,
    stack: Stack = STACK_NAME,
    endpoint: Endpoint = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Tell all about the letters of a kind: whose, which commit, and how its session stands now."""
    with _told():
        (end,) = _ends(kind)
        target = find_target(Wish(stack, endpoint, profile, region))
        letters = show_letters(target, operators_container(target), end, id_, limit)
        _check_found(letters, id_)
        if json:
            print_json({"letters": letters})
            return
        for letter in letters:
            print_table([{"name": name, "value": value} for name, value in letter.items()])
            print()


@dead_letters.command(epilog=EXIT_CODES)
def send(
    kind: Annotated[str | None, typer.Option(help=KIND_HELP)] = None,
    id_: Annotated[str | None, typer.Option("--id", help="One letter alone.")] = None,
    dry_run: DryRun = False,
    json: Json = False,
    stack: Stack = STACK_NAME,
    endpoint: Endpoint = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Send dead letters again, all or some; what cannot be sent waits as before."""
    with _told():
        choice = Choice(_ends(kind), id_)
        target = find_target(Wish(stack, endpoint, profile, region))
        sender = None if dry_run else Sender(target, Republisher(operators_container(target)))
        _send(target, sender, choice, is_json=json)


@app.command(epilog=EXIT_CODES)
def republish(  # noqa: PLR0913, PLR0917  # one for each option
    session: Annotated[str | None, typer.Option(help="Every commit of this session.")] = None,
    user: Annotated[str | None, typer.Option(help="Its owner, as the hash in log lines and dead letters.")] = None,
    since: Annotated[str | None, typer.Option(help="Every commit from this time on; reads the whole table.")] = None,
    until: Annotated[str | None, typer.Option(help="With --since: to this time; now when left out.")] = None,
    parked: Annotated[bool, typer.Option("--parked", help="Every commit among the dead letters.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
    stack: Stack = STACK_NAME,
    endpoint: Endpoint = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Read commits from the log and tell the bus their facts again, under the same event ids."""
    with _told():
        wanted = Wanted(session, user, since, until, is_parked=parked).checked()
        target = find_target(Wish(stack, endpoint, profile, region))
        republisher = Republisher(operators_container(target))
        if wanted.is_parked:
            sender = None if dry_run else Sender(target, republisher)
            _send(target, sender, Choice(_ends(COMMITS)), is_json=json)
            return
        commits = wanted.commits(republisher.log, SystemClock().now())
        with progress_bar("commits") as progress:
            told = republisher.count(commits, progress) if dry_run else republisher.tell(commits, progress)
        if session is not None and not told.commits and not told.left:
            raise Refused("The log has no such session of this user.")
        _say(told, is_json=json, is_done=not dry_run)


def _send(target: Target, sender: Sender | None, choice: Choice, *, is_json: bool) -> None:
    with progress_bar("dead letters") as progress:
        rows = send_again(target, sender, choice, progress)
    if is_json:
        print_json({"letters": rows})
    elif rows:
        print_table([{**brief([row])[0], "outcome": row["outcome"]} for row in rows])
    _check_found(rows, choice.id, quiet=is_json)
    kept = [row for row in rows if row["outcome"] is Outcome.KEPT]
    if kept:
        complain(
            f"{len(kept)} of {len(rows)} could not be sent and wait as before: the bus refuses them, or this "
            "version cannot read them."
        )
        raise typer.Exit(Ending.SOMETHING_LEFT)


def _say(told: Told, *, is_json: bool, is_done: bool) -> None:
    if is_json:
        left = {name: [key.model_dump() for key in getattr(told, name)] for name in ("refused", "unreadable")}
        print_json({"commits": told.commits, "events": told.events, **left, "dry_run": not is_done})
    else:
        print(f"{told.commits} commits, {told.events} facts {'told' if is_done else 'would be told'} again.")
    if told.left:
        complain(
            f"{len(told.refused)} commits were refused by the bus, {len(told.unreadable)} are of another version; "
            "they are in the log as before."
        )
        raise typer.Exit(Ending.SOMETHING_LEFT)


def _check_found(rows: Sequence[Any], id_: str | None, *, quiet: bool = False) -> None:
    if rows:
        return
    if id_ is not None:
        raise Refused(f"There is no dead letter {id_}: `agent-runtime dead-letters list` shows which there are.")
    if not quiet:
        print(NOTHING)


def _ends(kind: str | None) -> Sequence[DeadEnd]:
    ends = dead_ends()
    if kind is None:
        return ends
    chosen = [end for end in ends if end.kind == kind]
    if not chosen:
        raise Refused(f"There are no dead letters of a kind {kind!r}. {KIND_HELP}")
    return chosen


@contextmanager
def _told() -> Iterator[None]:
    """Turn what goes wrong inside into a sentence on standard error and an exit code."""
    try:
        yield
    except FAILURES as error:
        ending, sentence = explain(error)
        complain(sentence)
        raise typer.Exit(ending) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(Ending.INTERRUPTED) from error
