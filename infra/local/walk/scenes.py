"""The scenes of the walk up to the plans: each shows one part of the service and checks what it claims."""

from clients.consent import GRANTED, Decision
from infra.local.walk.custom import DECLARED, POLICIES
from infra.local.walk.directives import rounds, said, tool
from infra.local.walk.walker import Walker

LAMP = "def lantern() -> int:\n    return 1\n"
SLOW = rounds(tool("echo", text="working"), "[[delay 10]] [[say never]]")
"""A turn that has begun, and whose model is then still thinking when somebody stops it."""


def opening(walker: Walker) -> None:
    """A session with a tool and rules of its own."""
    (walker.folder / "src").mkdir()
    (walker.folder / "src" / "lamp.py").write_text(LAMP)
    (walker.folder / "notes.md").write_text("Buy oil.\n")
    walker.check(f"the server is well: {walker.api.get_health().version}", is_true=True)
    agents = [agent.type for agent in walker.api.list_agents()]
    walker.check(f"there are {len(agents)} agents: {', '.join(agents)}", is_true="coder" in agents)
    session = walker.api.create_session(title="The walk", tools=[DECLARED], policies=POLICIES)
    walker.session_id = session.id


def looking(walker: Walker) -> None:
    """Routing, calls in parallel, tools of the server, a call that fails, completion."""
    end = walker.say(
        "[[agent ask]] "
        + rounds(
            tool("list_files", path=".") + tool("search_in_code", query="lantern") + tool("read_file", path="notes.md"),
            tool("calculator", expr="6 * 7") + tool("echo", text="lit"),
            tool("read_file", path="missing.md"),
            tool("attempt_completion", result="The lantern is in `src/lamp.py:1`."),
        )
    )
    walker.check(
        "the answer came", is_true=(end.how, end.answer) == ("completed", "The lantern is in `src/lamp.py:1`.")
    )
    agent = walker.api.get_session(walker.session_id).current_agent
    walker.check(f"a completed task is over: the {agent} routes what comes next", is_true=agent == "orchestrator")


def approving(walker: Walker) -> None:
    """Approve, edit, reject with feedback, and what a rule refuses."""
    walker.say(
        "[[agent coder]] "
        + rounds(
            tool("create_directory", path="out"),
            tool("write_file", path="out/new.py", content="light = 1\n"),
            tool("delete_file", path="src/lamp.py"),
            tool("publish_site", stage="live"),
            said("as far as I may"),
        ),
        {
            "create_directory": GRANTED,
            "write_file": Decision("edit", modified_arguments={"path": "out/new.py", "content": "light = 2\n"}),
            "delete_file": Decision("reject", "The lamp stays."),
        },
    )
    written = (walker.folder / "out" / "new.py").read_text()
    walker.check("what was edited is what was written", is_true=written == "light = 2\n")
    walker.check("what was rejected was not done", is_true=(walker.folder / "src" / "lamp.py").read_text() == LAMP)
    walker.say(
        rounds(
            tool("move_file", source="out/new.py", destination="out/moved.py"),
            tool("execute_command", command="cat out/moved.py"),
            tool("delete_file", path="notes.md"),
            tool("publish_site", stage="trial"),
            said("all done"),
        ),
        dict.fromkeys(("move_file", "execute_command", "delete_file", "publish_site"), GRANTED),
    )
    is_moved = (walker.folder / "out" / "moved.py").is_file() and not (walker.folder / "notes.md").exists()
    walker.check("what was approved was done", is_true=is_moved)


def falling_silent(walker: Walker) -> None:
    """An approval that nobody decides on, and one that is dropped because the user moves on."""
    turn = walker.post(rounds(tool("write_file", path="late.txt", content="x"), said("nobody answered")))
    walker.until("ApprovalRequested")
    (pending,) = walker.approvals("pending")
    walker.until("ApprovalExpired")
    walker.until("TurnCompleted", where=lambda fields: fields["turn"] == turn)
    late = walker.refusal(lambda: walker.api.decide_approval(walker.session_id, pending.id, "approve"))
    walker.check(f"a decision that comes too late: {late}", is_true=late == "APPROVAL_EXPIRED")
    walker.post(rounds(tool("write_file", path="late.txt", content="x"), said("never")))
    walker.until("TurnWaiting")
    end = walker.say(said("as you like"))
    walker.check("who moves on is answered", is_true=end.answer == "as you like")
    walker.check("nothing was written meanwhile", is_true=not (walker.folder / "late.txt").exists())


def handing_over(walker: Walker) -> None:
    """The agent hands over, asks the user, and the user chooses the agent himself."""
    question = {"question": "Which lamp?", "suggestions": ["the left one", "the right one"]}
    end = walker.say(
        rounds(
            tool("switch_mode", mode="coder"),
            tool("switch_mode", mode="debug", reason="find the cause first"),
            tool("ask_followup_question", **question),
        )
    )
    walker.check("the agent that was handed to asks", is_true=end.answer == "Which lamp?")
    end = walker.say(said("the left one it is"))
    walker.check("the question is answered", is_true=end.answer == "the left one it is")
    walker.api.switch_agent(walker.session_id, "ask", reason="only questions now")
    context = walker.api.get_agent_context(walker.session_id, include_history=True)
    reasons = [switch.reason for switch in context.history or ()]
    is_told = reasons[-2:] == ["find the cause first", "only questions now"]
    walker.check(f"{context.switch_count} switches, each with its reason", is_true=is_told)


def stopping(walker: Walker) -> None:
    """A cancel while the model is thinking, an interrupt, and a message that waits its turn."""
    walker.post(SLOW)
    walker.until("TurnStarted")
    stopped = walker.api.cancel_turn(walker.session_id)
    walker.check("cancelled: nothing is owed", is_true=stopped.turn.is_at_rest)
    walker.post(SLOW)
    walker.until("TurnStarted")
    turn = walker.post(said("instead"), on_busy="interrupt")
    walker.until("TurnCompleted", where=lambda fields: fields["turn"] == turn)
    first = walker.post("[[delay 1]] [[say first]]")
    second = walker.post(said("second"), on_busy="enqueue")
    walker.until("TurnCompleted", where=lambda fields: fields["turn"] == second)
    spoken = {
        event.message.turn: event.message.content
        for event in walker.heard
        if event.message and event.message.role == "assistant" and event.message.content
    }
    is_in_order = (spoken[turn], spoken[first], spoken[second]) == ("instead", "first", "second")
    walker.check("each message was answered in its turn", is_true=is_in_order)
    walker.check("what was stopped has said nothing", is_true="never" not in spoken.values())
