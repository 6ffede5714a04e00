"""Arithmetic out of text: parsed, never evaluated as Python, and bounded in size and time."""

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping

MAX_LENGTH = 1000
MAX_DEPTH = 200
MAX_PARENTHESES = 50
"""Within each other."""
MAX_BITS = 4096
"""Of a whole number, about 1,230 digits: what a result may have, and an intermediate one too."""

Number = int | float

_UNDERSTOOD = "Only numbers, + - * / // % **, signs and parentheses are understood."
_CHARACTERS = re.compile(r"[0-9.eE_+\-*/%() \t]*")


class CalculationError(Exception):
    """The expression has no result; the message is a sentence that says why."""


def calculate(expression: str) -> str:
    """Return the result of an arithmetic expression as text.

    Knows whole and decimal numbers, `+ - * / // % **`, signs and parentheses, with Python's precedence and meaning.

    Args:
        expression: At most 1000 characters.

    Raises:
        CalculationError: it is no such expression, has no real result, or a number in it becomes too large.

    >>> calculate("2 * (3 + 4) ** 2")
    '98'
    >>> calculate("9**9**9")
    Traceback (most recent call last):
    ...
    domain.services.calculator.CalculationError: A number becomes too large.
    """
    if len(expression) > MAX_LENGTH:
        raise CalculationError(f"The expression is longer than {MAX_LENGTH} characters.")
    return str(_value(_parsed(expression.strip()), MAX_DEPTH))


def _parsed(expression: str) -> ast.expr:
    # Before anything is parsed: what cannot be arithmetic, and what a parser has been slow or deep over before.
    if not _CHARACTERS.fullmatch(expression):
        raise CalculationError(_UNDERSTOOD)
    if _nesting(expression) > MAX_PARENTHESES:
        raise CalculationError(f"There are more than {MAX_PARENTHESES} parentheses within each other.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise CalculationError("This is not an arithmetic expression.") from None


def _nesting(expression: str) -> int:
    level = highest = 0
    for character in expression:
        level += (character == "(") - (character == ")")
        highest = max(highest, level)
    return highest


def _value(node: ast.expr, depth: int) -> Number:
    if depth == 0:
        raise CalculationError(f"The expression is nested deeper than {MAX_DEPTH} levels.")
    match node:
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, depth - 1)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, depth - 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _applied(_OPERATIONS[type(op)], _value(left, depth - 1), _value(right, depth - 1))
    raise CalculationError(_UNDERSTOOD)


def _applied(operation: Callable[[Number, Number], Number], left: Number, right: Number) -> Number:
    try:
        return _bounded(operation(left, right))
    except ZeroDivisionError:
        raise CalculationError("Division by zero.") from None
    except OverflowError:
        raise CalculationError("A number becomes too large.") from None


def _power(base: Number, exponent: Number) -> Number:
    # Checked before, since such a power may not fit a computer: it has more than MAX_BITS bits in any case.
    is_whole = isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > 0
    if is_whole and int(base).bit_length() * exponent > 2 * MAX_BITS:
        raise CalculationError("A number becomes too large.")
    result: int | float | complex = base**exponent
    if isinstance(result, complex):
        raise CalculationError("The result is not a real number.")
    return result


def _bounded(number: Number) -> Number:
    if isinstance(number, int) and number.bit_length() > MAX_BITS:
        raise CalculationError("A number becomes too large.")
    if isinstance(number, float) and not math.isfinite(number):
        raise CalculationError("A number becomes too large.")
    return number


_OPERATIONS: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
