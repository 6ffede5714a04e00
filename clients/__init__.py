"""What talks to the API from a person's machine: an HTTP client, and the tools it executes inside one folder.

| Module | Gives |
|---|---|
| `api` | `AgentRuntimeApi`: the operations of the HTTP contract, with repeats |
| `event_stream` | `events`: a session's events in order, each once, a gap is an error |
| `workspace` | `Workspace`: executes client tools inside one folder; `tools` holds one file per tool |
| `consent` | `AskFirst`: nothing is changed that nobody allowed |
| `conversation` | `ask`, `follow`: a turn from message to end, client calls executed on the way |

A user interface attaches at `conversation.ask`: it shows what `on_event` and `on_outcome` hand it, and stands between
model and machine by passing an `Executor`, such as `AskFirst`, that asks the person before it hands a call to the
`Workspace`. One interface is here: `terminal`, the command `agent-runtime`. Nothing outside it prints or reads the
terminal, and nothing at all shares code with the server.
"""
