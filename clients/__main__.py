"""`python -m clients` is `agent-runtime`."""

from clients.terminal.cli import app

if __name__ == "__main__":
    app(prog_name="agent-runtime")
