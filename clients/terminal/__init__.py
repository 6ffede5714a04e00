"""The terminal client, command `agent-runtime`.

| Module | Gives |
|---|---|
| `cli` | the commands and their options |
| `endings` | exit codes, and every error as one sentence |
| `servers` | where the server is and who speaks to it: options, environment, stored login, a checkout's `.local` |
| `login`, `cognito`, `srp`, `tokens` | signing in, keeping and refreshing tokens |
| `once` | one question, one answer, an exit code |
| `chat`, `turn_run`, `keyboard`, `commands` | a conversation: the person types while a turn runs |
| `dialogue`, `answers`, `editing`, `open_question` | one question, answered, edited, or over before it was |
| `aside` | requests about the plan beside the turn |
| `screen`, `transcript`, `progress`, `visible` | what is shown, with nothing in it that a terminal would obey |
"""
