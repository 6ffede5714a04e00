"""The commands of `agent-runtime` and their options."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from clients.api import AgentRuntimeApi
from clients.problems import ApiProblem
from clients.terminal.cognito import Flow
from clients.terminal.endings import Unusable
from clients.terminal.servers import Wish
from clients.terminal.signing import Person, Stack, keep_token, sign_in, sign_out
from clients.terminal.visible import one_line, visible
from clients.terminal.wiring import Hands, connections, conversation, login_file, one_shot, server_of, told

_EXIT_CODES = (
    "Exit codes: 0 answered; 1 the turn failed; 2 what was given is refused; 3 no server, or not signed in; "
    "4 the server failed; 130 interrupted."
)


_LONGEST_TITLE = 60
_NO_SESSION = "-"
"""Whoever is told that it does not exist is known to the server."""


class _ChatByDefault(TyperGroup):
    """`agent-runtime …` without a command is `agent-runtime chat …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in if there is none."""
        is_chat = not args or (args[0].startswith("-") and args[0] != "--help")
        return super().parse_args(ctx, ["chat", *args] if is_chat else args)


app = typer.Typer(
    cls=_ChatByDefault,
    help="Talk to the agents of an Agent Runtime Service; their tools work in a folder of this machine.",
    epilog=_EXIT_CODES,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Url = Annotated[
    str | None, typer.Option("--url", envvar="AGENT_RUNTIME_URL", help="Address of the server, with or without /v1.")
]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="AGENT_RUNTIME_TOKEN", help="Bearer token; better in the environment than here."),
]
Endpoint = Annotated[
    Path | None,
    typer.Option("--endpoint", envvar="AGENT_RUNTIME_ENDPOINT", help="The endpoint.json of a local cloud."),
]
User = Annotated[str, typer.Option("--as", help="User of the local cloud, alice or bob.")]


@app.command()
def chat(  # noqa: PLR0913, PLR0917  # one for each option
    once: Annotated[str | None, typer.Option(help="Ask this, print the answer alone, end.")] = None,
    json: Annotated[bool, typer.Option("--json", help="With --once: one JSON object with all that happened.")] = False,
    folder: Annotated[Path, typer.Option("--dir", help="Folder the tools work in; nothing outside it.")] = Path(),
    session: Annotated[str | None, typer.Option(help="Go on in this session.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make changes and run commands without asking.")] = False,
    ask_always: Annotated[bool, typer.Option("--ask-always", help="Ask about what the server lets pass, too.")] = False,
    url: Url = None,
    token: Token = None,
    endpoint: Endpoint = None,
    user: User = "alice",
) -> None:
    """Talk (the default), or ask one question with --once."""
    with told():
        if json and once is None:
            raise Unusable("--json goes with --once.")
        hands = Hands(folder, allows_all=yes, asks_always=ask_always)
        with server_of(Wish(url, token, endpoint, user)) as (server, http):
            if once is not None:
                ending = one_shot(server, http, hands, is_json=json).run(once, session)
            else:
                ending = conversation(server, http, hands, session).run()
        raise typer.Exit(ending)


@app.command()
def sessions(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    include_inactive: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    url: Url = None,
    token: Token = None,
    endpoint: Endpoint = None,
    user: User = "alice",
) -> None:
    """List your sessions, newest activity first."""
    with told(), server_of(Wish(url, token, endpoint, user)) as (server, http):
        api = AgentRuntimeApi(server.url, None, http)
        table = Table("session", "last activity", "title", box=None, pad_edge=False)
        cursor: str | None = None
        while table.row_count < limit:
            page = api.list_sessions(
                limit=min(100, limit - table.row_count), cursor=cursor, include_inactive=include_inactive
            )
            for one in page.items:
                title = one_line(one.title or "", _LONGEST_TITLE) + ("" if one.is_active else " (closed)")
                table.add_row(Text(visible(one.id)), f"{one.last_activity_at:%Y-%m-%d %H:%M}", Text(title))
            cursor = page.next_cursor
            if cursor is None:
                break
        _printed(table)


@app.command()
def status(url: Url = None, token: Token = None, endpoint: Endpoint = None, user: User = "alice") -> None:
    """Say where the server is, whether it works, and whether it knows you."""
    with told(), server_of(Wish(url, token, endpoint, user)) as (server, http):
        print(f"server   {server.url}/v1 ({server.origin})")
        with connections() as nobody:
            health = AgentRuntimeApi(server.url, None, nobody).get_health()
        print(f"health   {health.status}, version {health.version}")
        try:
            AgentRuntimeApi(server.url, None, http).get_session(_NO_SESSION)
        except ApiProblem as problem:
            if problem.code != "SESSION_NOT_FOUND":
                raise
        print("sign-in  good")


@app.command()
def login(  # noqa: PLR0913, PLR0917  # one for each option
    url: Url = None,
    user_pool_id: Annotated[str | None, typer.Option(help="The stack's output UserPoolId.")] = None,
    client_id: Annotated[str | None, typer.Option(help="The stack's output UserPoolClientId.")] = None,
    outputs: Annotated[Path | None, typer.Option(help="All three from what `cdk deploy --outputs-file` wrote.")] = None,
    username: Annotated[str | None, typer.Option(help="Asked for when left out.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password's line there.")] = False,
    flow: Annotated[
        Flow, typer.Option(help="srp proves the password, password sends it; the pool must allow it.")
    ] = "srp",
    cognito_url: Annotated[str | None, typer.Option(help="Where the user pool answers when not at AWS.")] = None,
    token: Annotated[str | None, typer.Option(help="Keep this token instead; - reads it from standard input.")] = None,
) -> None:
    """Sign in to a deployed stack and keep that; with --token keep a token of any other issuer."""
    with told(), connections() as http:
        stack = Stack(url, user_pool_id, client_id).with_outputs(outputs)
        if token is not None:
            print(keep_token(stack, token, login_file()))
        else:
            print(sign_in(stack, Person(username, password_stdin, flow), login_file(), http, cognito_url))


@app.command()
def logout() -> None:
    """Forget the sign-in, and end it at the user pool."""
    with told(), connections() as http:
        print(sign_out(login_file(), http))


def _printed(table: Table) -> None:
    console = Console(highlight=False)
    if not table.row_count:
        print("No session yet.")
    elif console.is_terminal:
        console.print(table)
    else:
        # A file has no width: nothing is cut.
        Console(highlight=False, file=sys.stdout, width=400).print(table)
