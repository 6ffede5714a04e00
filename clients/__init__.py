"""What talks to the API from a person's machine: an HTTP client, and the tools it executes inside one folder.

| Module | Gives |
|---|---|
| `api` | `AgentRuntimeApi`: the operations of the HTTP contract, with repeats |
| `event_stream` | `events`: a session's events in order, each once, a gap is an error |
| `workspace` | `Workspace`: executes client tools inside one folder; `tools` holds one file per tool |
| `consent` | `Consent`: who decides about what would be done |
| `approving` | `AskingApprover`: the server's approvals, shown and decided here |
| `conversation` | `ask`, `follow`: a turn, and the plan that may come of it, with the client's part done on the way |

A user interface attaches at `conversation.ask`: it shows what `on_event` and `on_outcome` hand it, and stands between
model and machine by passing an `Approver`, such as `AskingApprover`, which sends the person's decision to the server;
what was granted, and nothing else, is executed by the `Workspace`. One interface is here: `terminal`, the command
`agent-runtime`. Nothing outside it prints or reads the terminal, and nothing at all shares code with the server.
"""
