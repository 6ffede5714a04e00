"""Small mistakes that somebody could make in a module: each mutant is the module's text with one of them."""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

TURNED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
}
"""What stands between two operands, and what is put there instead: the other bound, or the opposite."""

OPPOSITES = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)


@dataclass(frozen=True)
class Mutant:
    """One mistake in one module.

    Attributes:
        path: The module, below the checkout.
        where: The function or class it is in, dotted; empty at the top of the module.
        kind: What was done.
        number: Which of its kind there, from 1.
        line: Where it begins in the source.
        lines: Of the function it is in; none outside of functions.
        source: The module as it is.
        text: The module with the mistake.
    """

    path: str
    where: str
    kind: str
    number: int
    line: int
    lines: range
    source: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        """Names the mutant as long as its function does not change, wherever that moves."""
        return f"{self.path}:{self.where}:{self.kind}:{self.number}"

    @property
    def diff(self) -> str:
        """What differs, without context."""
        lines = difflib.unified_diff(self.source.splitlines(), self.text.splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text."""
    text = _Text(source)
    edits = sorted(_edits(ast.parse(source), _Place("", range(0)), text), key=itemgetter(1))
    seen: Counter[tuple[str, str]] = Counter()
    mutants = []
    for place, edit in edits:
        seen[place.name, edit.kind] += 1
        mutants.append(
            Mutant(
                path=path,
                where=place.name,
                kind=edit.kind,
                number=seen[place.name, edit.kind],
                line=text.line_of(edit.begin),
                lines=place.lines,
                source=source,
                text=text.with_edit(edit),
            )
        )
    return mutants


class _Place(NamedTuple):
    name: str
    lines: range


class _Edit(NamedTuple):
    begin: int
    end: int
    kind: str
    instead: str


class _Text:
    """Source whose places are counted in bytes, as `ast` counts them."""

    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def line_of(self, place: int) -> int:
        return sum(start <= place for start in self._starts)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        begin = self._starts[node.lineno - 1] + node.col_offset
        return begin, self._starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)

    def of(self, *nodes: ast.expr, joint: str = "") -> str:
        return joint.join(f"({self.at(*self.span(node))})" for node in nodes)

    def at(self, begin: int, end: int | None = None) -> str:
        return self._bytes[begin:end].decode()

    def with_edit(self, edit: _Edit) -> str:
        return (self._bytes[: edit.begin] + edit.instead.encode() + self._bytes[edit.end :]).decode()


def _edits(node: ast.AST, place: _Place, text: _Text) -> Iterator[tuple[_Place, _Edit]]:
    """Yield what can go wrong in `node` and below it, annotations and decorators aside."""
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        place = place._replace(name=f"{place.name}.{node.name}".removeprefix("."))
        children = [*node.body]
        if isinstance(node, ast.FunctionDef):
            place = place._replace(lines=range(node.lineno, (node.end_lineno or node.lineno) + 1))
            children += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    elif isinstance(node, ast.AnnAssign):
        children = [node.value] if node.value else []
    for edit in _edits_of(node, text):
        yield place, edit
    for child in children:
        yield from _edits(child, place, text)


def _edits_of(node: ast.AST, text: _Text) -> Iterator[_Edit]:
    if isinstance(node, ast.stmt | ast.ExceptHandler):
        yield from _edits_of_statement(node, text)
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.Compare):
        yield from _edits_of_operator(node, text)
    else:
        yield from _edits_of_part(node, text)


def _edits_of_statement(node: ast.stmt | ast.ExceptHandler, text: _Text) -> Iterator[_Edit]:
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Return(value=None):
            yield _Edit(*text.span(node), "forget", "pass")
        case ast.If(test=test) | ast.While(test=test):
            yield from _negated(test, text)
        case ast.ExceptHandler(type=ast.Tuple(elts=caught) as whole):
            for dropped in caught:
                kept = (kind for kind in caught if kind is not dropped)
                yield _Edit(*text.span(whole), "let through", f"({text.of(*kept, joint=', ')},)")
        case ast.ExceptHandler(type=ast.expr() as whole):
            yield _Edit(*text.span(whole), "let through", "()")


def _edits_of_operator(node: ast.BoolOp | ast.BinOp | ast.Compare, text: _Text) -> Iterator[_Edit]:
    match node:
        case ast.BoolOp(op=op, values=values):
            joint = " and " if isinstance(op, ast.And) else " or "
            for dropped in values:
                kept = (value for value in values if value is not dropped)
                yield _Edit(*text.span(node), "leave out", f"({text.of(*kept, joint=joint)})")
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr(), left=left, right=right):
            yield _Edit(*text.span(node), "leave out", text.of(left))
            yield _Edit(*text.span(node), "leave out", text.of(right))
        case ast.BinOp(op=op, left=left, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            if type(op) in TURNED:
                begin, end = text.span(left)[1], text.span(right)[0]
                yield _Edit(begin, end, "turn", text.at(begin, end).replace(*TURNED[type(op)]))


def _edits_of_part(node: ast.AST, text: _Text) -> Iterator[_Edit]:
    match node:
        case ast.IfExp(test=test):
            yield from _negated(test, text)
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield from _negated(test, text)
        case ast.Constant(value=bool() | int() | float() as value):
            yield _Edit(*text.span(node), "change", str(not value if isinstance(value, bool) else value + 1))
        case ast.Call(func=func, keywords=keywords) if not _is_class(func):
            for keyword in keywords:
                begin, end = text.span(keyword)
                comma = re.match(r"\s*,\s*", text.at(end))
                yield _Edit(begin, end + (comma.end() if comma else 0), "leave out argument", "")


def _negated(test: ast.expr, text: _Text) -> Iterator[_Edit]:
    """Yield the opposite of a condition, unless it is constant or a comparison that is turned itself."""
    is_turned = isinstance(test, ast.Compare) and isinstance(test.ops[0], OPPOSITES)
    if not is_turned and not isinstance(test, ast.Constant):
        yield _Edit(*text.span(test), "negate", f"not {text.of(test)}")


def _is_class(called: ast.expr) -> bool:
    """Tell entities, most of whose arguments are required: a test that builds one at all would notice."""
    return isinstance(called, ast.Name) and called.id[0].isupper()
