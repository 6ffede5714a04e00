"""`python -m infra.operations` is `agent-runtime` as an operator has it."""

from infra.operations.cli import app

if __name__ == "__main__":
    app(prog_name="agent-runtime")
