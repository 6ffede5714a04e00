"""Figures that tests measure, printed at the end of the run, also when it is spread over processes."""

from collections import Counter, defaultdict

import pytest

PROPERTY = "figure"
COUNTED = "counted"


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

    def count(self, subject: str, **values: int) -> None:
        """Add to what other tests counted of `subject`; the sums are printed as one line when all tests are done."""
        self._test.user_properties.append((COUNTED, (subject, values)))


def report(terminal: pytest.TerminalReporter) -> None:
    """Print every figure of the run, if there are any."""
    properties = [
        told
        for reports in terminal.stats.values()
        for test in reports
        if getattr(test, "when", None) == "call"
        for told in test.user_properties
    ]
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, told in properties:
        if name == COUNTED:
            subject, values = told
            sums[subject].update(values)
    lines = [str(value) for name, value in properties if name == PROPERTY]
    lines += [
        f"{subject}: {', '.join(f'{name} {value}' for name, value in values.items())}"
        for subject, values in sums.items()
    ]
    if lines:
        terminal.section("measured")
        for line in lines:
            terminal.write_line(line)
