"""Figures that tests measure, printed at the end of the run, also when it is spread over processes."""

import pytest

PROPERTY = "figure"


class Figures:
    """Takes one test's figures."""

    def __init__(self, test: pytest.Item) -> None:
        self._test = test

    def note(self, subject: str, **values: float | str) -> None:
        """Print `subject` and its values when all tests are done."""
        told = ", ".join(
            f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
            for name, value in values.items()
        )
        self._test.user_properties.append((PROPERTY, f"{subject}: {told}"))


def report(terminal: pytest.TerminalReporter) -> None:
    """Print every figure of the run, if there are any."""
    lines = [
        str(value)
        for reports in terminal.stats.values()
        for test in reports
        if getattr(test, "when", None) == "call"
        for name, value in test.user_properties
        if name == PROPERTY
    ]
    if lines:
        terminal.section("measured")
        for line in lines:
            terminal.write_line(line)
