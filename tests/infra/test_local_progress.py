"""Whoever waits sees what for."""

import io

import pytest

from infra.local import progress


def test_step_tells_start_and_end_when_written_to_a_log() -> None:
    """A log gets whole lines without control characters."""
    stream = io.StringIO()

    with progress.step("Dig", stream) as step:
        step.note = "2 holes"

    start, end = stream.getvalue().splitlines()
    assert start == "  … Dig"
    assert end.startswith("  ✓ Dig 0.")
    assert end.endswith(" s, 2 holes")


def test_step_shows_failure_and_lets_it_through() -> None:
    """Progress never hides an error."""
    stream = io.StringIO()

    with pytest.raises(ValueError, match="rock"), progress.step("Dig", stream):
        raise ValueError("rock")

    assert "✗ Dig" in stream.getvalue()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize(("stream", "again"), [(Terminal(), "\r\x1b[K  … Dig 0 s"), (io.StringIO(), "  … Dig 0 s\n")])
def test_step_repeats_itself_while_it_runs(stream: io.StringIO, again: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that takes long is seen to go on: rewritten on a terminal, repeated in a log."""
    monkeypatch.setattr(progress, "TERMINAL_INTERVAL_SECONDS", 0.001)
    monkeypatch.setattr(progress, "LOG_INTERVAL_SECONDS", 0.001)

    with progress.step("Dig", stream):
        while again not in stream.getvalue():
            pass
