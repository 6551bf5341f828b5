"""A derivative as the chain rule writes it: a sum over the paths from the output to a leaf, in symbols and numbers.

A path's share is the product of the local derivatives along it. There may be more paths than atoms in the world, so
they are never listed: the largest come first, best first, and what is left is the derivative less those.
"""

import heapq
import html
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice, pairwise
from typing import Any, Literal

from autograd.engine import Value, constant, topological_order
from autograd.notation import Latex, Term, Text
from autograd.reals import exactly, precise
from autograd.render.arguments import check_choice, check_count, checked_value, checked_values
from autograd.render.formula import formula
from autograd.render.operands import label, operands, shown_as
from autograd.render.text import number, shorten
from autograd.sweep import adjoints, slopes

MOST_COUNTED = 10**18  # paths; a graph may have any number, with more digits than there is memory for
_MOST_FACTORS = 12  # of a product, in text
_WIDEST_NAME = 16  # em
_CELL = "text-align: left; vertical-align: baseline; padding: 0.2em 0.8em;"  # notebooks have their own idea of tables
_RIGHT = _CELL.replace("left", "right")

_WORDS: dict[str, dict[str, Any]] = {
    "ja": {
        "rest": "他の {count} 本の経路",
        "one": "他の 1 本の経路",
        "total": "合計",
        "output": "出力",
        "heads": ("微分", "経路", "局所微分の積", "値"),
    },
    "en": {
        "rest": "the other {count} paths",
        "one": "the other path",
        "total": "sum",
        "output": "output",
        "heads": ("derivative", "path", "product of local derivatives", "value"),
    },
}


@dataclass(frozen=True)
class Path:
    """One way from the output back to a leaf."""

    nodes: tuple[Value, ...]
    """The output, then one of its operands, and so on to the leaf."""
    factors: tuple[Any, ...]
    """The local derivative of each node with respect to the next one."""
    product: Any
    """The factors multiplied from the output on: the path's share of the derivative."""


@dataclass(frozen=True)
class Derivative:
    """The derivative of the output with respect to one leaf, path by path."""

    leaf: Value
    total: Any
    """As the reverse sweep computes it: what `backward` adds to `leaf.grad`, to the last bit."""
    paths: tuple[Path, ...]
    """The paths with the largest shares, largest first."""
    count: int
    """How many paths there are, those with a share of 0 too; `MOST_COUNTED` stands for that many or more."""
    rest: Any
    """`total` less the shares of `paths`, an exact fraction: what the other paths give, and what rounding did."""


def explain(
    output: Value,
    wrt: Value | Iterable[Value] | None = None,
    *,
    top: int = 5,
    language: Literal["ja", "en"] = "ja",
    digits: int = 4,
) -> "Explanation":
    """The chain rule of this graph in numbers: `∂価格/∂単価 = 1.1 × 2 = 2.2`.

    Needs no `backward` and changes no gradient.

    Args:
        wrt: the leaves; every variable the output depends on, if not given.
        top: how many paths are written out for each leaf; the others are summed in one line.
        digits: significant digits of the numbers.

    Raises:
        TypeError, ValueError: an argument is not one of these.
        DomainError, ValueError: a derivative on the way does not exist.
    """
    output = checked_value("explain", "output", output)
    check_count("explain", "top", top)
    check_count("explain", "digits", digits, 17)
    check_choice("explain", "language", language, tuple(_WORDS))
    output = shown_as(output)
    order = [node for node in topological_order(output) if shown_as(node) is node]
    if wrt is None:
        leaves = [node for node in order if node.is_leaf and node.op is not constant]
    else:
        leaves = checked_values("explain", "wrt", wrt)
    search = _Search(output, order)
    derivatives = tuple(search.derivative(leaf, top) for leaf in leaves)
    return Explanation(output, derivatives, search.place, language, digits)


class _Search:
    """The local derivatives of a graph, and a search among its paths."""

    def __init__(self, output: Value, order: Sequence[Value]) -> None:
        self.output, self.place = output, {node: i for i, node in enumerate(order)}
        self.slopes: dict[Value, Sequence[Any]] = {}
        self.consumers: dict[Value, list[Value]] = {node: [] for node in order}
        self.adjoint = adjoints(output)
        for node in reversed(order):
            for x in operands(node):
                self.consumers[x].append(node)
            if not node.is_leaf and self.adjoint.get(node):
                self.slopes[node] = [slope or 0 for slope in slopes(node.op, node.data, [x.data for x in node.inputs])]

    def derivative(self, leaf: Value, top: int) -> Derivative:
        total, above = self.adjoint.get(leaf, 0), self._above(leaf)
        paths = tuple(islice(self._largest(leaf, above), top))
        return Derivative(leaf, total, paths, self._count(leaf, above), _less(total, [path.product for path in paths]))

    def _above(self, leaf: Value) -> list[Value]:
        """The nodes that depend on `leaf`, in topological order."""
        found, stack = set[Value](), [leaf]
        while stack:
            for node in self.consumers.get(stack.pop(), ()):
                if node not in found:
                    found.add(node)
                    stack.append(node)
        return sorted(found, key=self.place.__getitem__)

    def _count(self, leaf: Value, above: Sequence[Value]) -> int:
        """How many paths lead from the output to the leaf."""
        paths = {leaf: int(leaf in self.place)}
        for node in above:
            paths[node] = min(MOST_COUNTED, sum(paths.get(x, 0) for x in operands(node)))
        return paths.get(self.output, 0)

    def _largest(self, leaf: Value, above: Sequence[Value]) -> Iterator[Path]:
        """The paths by falling size of their shares.

        The best that a path begun can still become is known: its product so far, times the largest product from its
        end to the leaf. So the first complete path taken from the heap is the largest that is left, and nothing is
        tried in vain. Equal ones: the longest begun, then the left operand, goes first.
        """
        bound = self._bounds(leaf, above)
        pushed = count()
        heap = [(0.0, 0, 0, _Begun(self.output, 1, None, None))] if self.output in bound else []
        while heap:
            _, depth, _, begun = heapq.heappop(heap)
            if begun.node is leaf:
                yield begun.path()
                continue
            for x, slope in zip(operands(begun.node), self.slopes.get(begun.node, ()), strict=False):
                if x in bound:
                    share = begun.product * slope
                    best = round(-_size(share) - bound[x], 9)  # what differs by rounding alone is equal
                    heapq.heappush(heap, (best, depth - 1, next(pushed), _Begun(x, share, slope, begun)))

    def _bounds(self, leaf: Value, above: Sequence[Value]) -> dict[Value, float]:
        """For each node, the logarithm of the largest product of local derivatives on a way from it to the leaf."""
        bound: dict[Value, float] = {leaf: 0.0}
        for node in above:
            slopes = self.slopes.get(node, ())
            ways = [_size(s) + bound[x] for x, s in zip(operands(node), slopes, strict=False) if x in bound]
            if ways:
                bound[node] = max(ways)
        return bound


@dataclass(frozen=True)
class _Begun:
    """A path from the output to `node`, linked backwards."""

    node: Value
    product: Any
    factor: Any
    before: "_Begun | None"

    def path(self) -> Path:
        nodes, factors, at = [self.node], [], self
        while at.before is not None:
            factors.append(at.factor)
            at = at.before
            nodes.append(at.node)
        return Path(tuple(reversed(nodes)), tuple(reversed(factors)), self.product)


def _size(x: Any) -> float:
    """The logarithm of |x|, so that products of thousands of factors are no float's overflow."""
    if mp := precise(x):
        return float(mp.log(abs(x)))
    try:
        return math.log(abs(x)) if x else -math.inf
    except (OverflowError, ValueError):  # too large or too small for a float
        top, bottom = abs(x).as_integer_ratio()
        return math.log(top) - math.log(bottom)


def _less(total: Any, shares: Sequence[Any]) -> Any:
    """`total` less the shares: exactly, as a fraction, for all numbers are fractions."""
    try:
        return exactly(total) - sum(map(exactly, shares))
    except (OverflowError, ValueError):  # an infinite share
        return total - sum(shares)


class Explanation:
    """The derivatives of one output. `print` writes them as text, a notebook as a table."""

    def __init__(
        self,
        output: Value,
        derivatives: tuple[Derivative, ...],
        places: Mapping[Value, int],
        language: str,
        digits: int,
    ) -> None:
        self.output, self.derivatives = output, derivatives
        self._places, self._words = places, _WORDS[language]
        self._number = partial(number, digits=digits)
        self._text, self._latex = Text(self._number), Latex(self._number)

    def __str__(self) -> str:
        return "\n".join(line for each in self.derivatives for line in self._lines(each))

    def __repr__(self) -> str:
        return str(self)

    def latex(self) -> str:
        """An `aligned` block for a document or a notebook, without dollar signs."""
        rows = [row for each in self.derivatives for row in self._rows(each)]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        """For notebooks: a row for each path, and where there are several the row that adds them up."""
        *heads, last = [html.escape(head) for head in self._words["heads"]]
        cells = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in heads)
        cells += f'<th scope="col" style="{_RIGHT}">{last}</th>'
        groups = "".join(map(self._group, self.derivatives))
        return f'<table style="border-collapse: collapse"><thead><tr>{cells}</tr></thead>{groups}</table>'

    # Table

    def _group(self, each: Derivative) -> str:
        """The rows of one leaf; its derivative stands beside all of them."""
        rows = self._entries(each)
        name = f'<th scope="rowgroup" rowspan="{len(rows)}" style="{_CELL}">{html.escape(self._derivative(each))}</th>'
        bodies = [_html_row(*row, is_sum=each.count > 1 and row is rows[-1]) for row in rows]
        return f"<tbody><tr>{name}{'</tr><tr>'.join(bodies)}</tr></tbody>"

    def _entries(self, each: Derivative) -> list[tuple[str, str, str]]:
        """Path, product and value: of the largest paths, of all the others together, and of their sum."""
        total = self._number(each.total)
        if not each.paths:
            return [("", "", total)]
        rows = [(self._symbols(path), self._product(path), self._number(path.product)) for path in each.paths]
        if each.count > len(each.paths):
            rows.append((self._others(each), "", self._number(each.rest)))
        return rows if each.count == 1 else [*rows, (self._words["total"], self._added(each), total)]

    # Text

    def _lines(self, each: Derivative) -> list[str]:
        name, total = self._derivative(each), self._number(each.total)
        if not each.paths:  # none leads there, or where they would lead on nothing arrives
            return [f"{name} = {total}"]
        if each.count == 1:
            (path,) = each.paths
            lines = [f"{name} = {_equals(self._product(path), total)}"]
            return lines if len(path.nodes) < 3 else [*lines, f"    {self._symbols(path)}"]
        lines = [f"{name} = {total}"]
        for path in each.paths:
            share = _equals(self._product(path), self._number(path.product))
            lines.append(f"    {self._symbols(path)} = {share}")
        return lines + self._rest(each)

    def _rest(self, each: Derivative) -> list[str]:
        """The line with all the other paths, and the line in which everything is added."""
        total = f"    {self._words['total']}: {self._added(each)} = {self._number(each.total)}"
        if each.count == len(each.paths):
            return [total]
        return [f"    {self._others(each)}: {self._number(each.rest)}", total]

    def _others(self, each: Derivative) -> str:
        others = each.count - len(each.paths)
        count = f"{others:,}" if others < 10**9 else number(others, 3)
        return self._words["one" if others == 1 else "rest"].format(count=count)

    def _added(self, each: Derivative) -> str:
        """`3 + 3 − 1`."""
        shares = [path.product for path in each.paths] + ([each.rest] if each.count > len(each.paths) else [])
        return self._text.sum(map(self._text.number, shares)).text

    def _derivative(self, each: Derivative) -> str:
        return self._quotient(self.output, each.leaf)

    def _quotient(self, y: Value, x: Value) -> str:
        return f"∂{self._name(y)}/∂{self._name(x)}"

    def _symbols(self, path: Path) -> str:
        """`∂価格/∂c × ∂c/∂単価`; unlabelled nodes stand under their operation's symbol."""
        steps = list(pairwise(path.nodes))
        return _multiplied(steps, lambda step: Term(self._quotient(*step)), self._text).text

    def _product(self, path: Path) -> str:
        return _multiplied(path.factors, self._text.number, self._text).text

    def _name(self, node: Value, latex: bool = False) -> str:
        """The label; else a short formula, else the node's number as in `Picture.text`."""
        if named := shorten(label(node), _WIDEST_NAME) or (self._words["output"] if node is self.output else ""):
            return (self._latex if latex else self._text).name(named).text
        text = formula(node, _WIDEST_NAME)
        if not text or self._text.more in text or node.is_leaf:
            return f"[{self._places[node] + 1}]"
        return f"({formula(node, _WIDEST_NAME, latex)})"

    # LaTeX

    def _rows(self, each: Derivative) -> list[str]:
        output, leaf = self._name(self.output, latex=True), self._name(each.leaf, latex=True)
        shares = [_multiplied(path.factors, self._latex.number, self._latex) for path in each.paths]
        total = self._latex.number(each.total).text
        if shares and each.count > len(shares):
            shares.append(self._latex.number(each.rest))
        summed = self._latex.sum(shares).text if shares else total
        return [rf"\frac{{\partial {output}}}{{\partial {leaf}}} &= {_equals(summed, total)}"]


def _html_row(path: str, product: str, value: str, is_sum: bool) -> str:
    """A sum has a line above it, and its value is bold."""
    line = " border-top: 1px solid;" if is_sum else ""
    cells = [f'<td style="{_CELL}{line}">{html.escape(text)}</td>' for text in (path, product)]
    shown = f"<b>{value}</b>" if is_sum else value
    return f'{"".join(cells)}<td style="{_RIGHT}{line}">{shown}</td>'


def _equals(product: str, result: str) -> str:
    """`1.1 × 2 = 2.2`; a product of one factor is its result."""
    return result if product == result else f"{product} = {result}"


def _multiplied(factors: Sequence[Any], term: Callable[[Any], Term], way: Text) -> Term:
    """A product; one too long to read is without its middle."""
    half = _MOST_FACTORS // 2
    left_out = len(factors) - 2 * half
    if left_out <= 0:
        return way.product([*map(term, factors)])
    middle = Term(f"{way.more} ({left_out:,}) {way.more}")
    return way.product([*map(term, factors[:half]), middle, *map(term, factors[-half:])])
