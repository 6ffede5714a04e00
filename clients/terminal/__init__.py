"""The terminal client, command `agent-runtime`.

| Module | Gives |
|---|---|
| `cli` | the commands and their options |
| `endings` | exit codes, and every error as one sentence |
| `servers` | where the server is and who speaks to it: options, environment, stored login, a checkout's `.local` |
| `login`, `cognito`, `srp`, `tokens` | signing in, keeping and refreshing tokens |
| `once` | one question, one answer, an exit code |
| `chat`, `turn_run`, `keyboard` | a conversation: the person types while a turn runs |
| `screen`, `visible` | what is shown, with nothing in it that a terminal would obey |
"""
