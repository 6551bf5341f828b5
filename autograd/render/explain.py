"""A derivative as the chain rule writes it: a sum over the paths from the output to a leaf, in symbols and numbers.

A path's share is the product of the local derivatives along it. There may be more paths than atoms in the world, so
they are never listed: the largest come first, best first, and what is left is the derivative less those.
"""

import heapq
import html
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice, pairwise
from typing import Any

from autograd.engine import Value, constant, topological_order
from autograd.languages import Language, spoken
from autograd.notation import Latex, Term, Text
from autograd.reals import exactly, precise, unit
from autograd.render.arguments import check_count, checked_values
from autograd.render.formula import formula, in_latex
from autograd.render.graph.adopted import Adopted, Reading
from autograd.render.graph.names import Names
from autograd.render.graph.numbers import OURS, Numbers
from autograd.render.graph.operands import operands, shown_as
from autograd.render.text import differing, number
from autograd.sweep import adjoints, slopes
from autograd.words import EXPLANATION

MOST_COUNTED = 10**18  # paths; a graph may have any number, with more digits than there is memory for
_MOST_FACTORS = 12  # of a product, in text
_WIDEST_NAME = 16  # em
_MARK = "*"  # of what is rounding alone
_PER_STEP = 4  # roundings: of a product, and of a slope, which is some units of its last place off
_CELL = "text-align: left; vertical-align: baseline; padding: 0.2em 0.8em;"  # notebooks have their own idea of tables
_RIGHT = _CELL.replace("left", "right")


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
    rounding: float = 0.0
    """How far rounding may have moved `total`: a bound that grows with the sizes of the shares of all paths, whatever
    their signs, and with the number of operations on a path. 0 for exact numbers."""

    def shown(self, x: Any) -> Any:
        """`total` or `rest`; None where it is no more than rounding may leave of numbers that cancel."""
        return None if x and abs(x) <= self.rounding else x

    @property
    def sums(self) -> list[Any]:
        """What adds up several shares, and so may be rounding alone: `total`, and `rest` if there are other paths."""
        return [self.total, *([self.rest] if self.count > len(self.paths) else [])]

    def written(self) -> Iterator[Value]:
        """The nodes that are named where the paths are written."""
        yield self.leaf
        for path in self.paths:
            half = _MOST_FACTORS // 2 + 1
            yield from path.nodes if len(path.nodes) <= 2 * half else (*path.nodes[:half], *path.nodes[-half:])

    @property
    def shares(self) -> list[Any]:
        """What is added up: the shares of `paths`, and `rest` if there are other paths and it is more than rounding."""
        return [path.product for path in self.paths] + [x for x in self.sums[1:] if self.shown(x) is not None]


def explain(
    output: Any,
    wrt: Any = None,
    *,
    top: int = 5,
    language: Language | None = None,
    digits: int = 4,
    read: Reading = None,
) -> "Explanation":
    """The chain rule of this graph in numbers: `∂価格/∂単価 = 1.1 × 2 = 2.2`.

    Needs no `backward` and changes no gradient.

    For a graph of another engine, the derivatives are those that the rules give at its numbers; the lines below them
    say where its own numbers differ.

    Args:
        output: a Value, or a node of another engine.
        wrt: the leaves, one or several; every variable the output depends on, if not given.
        top: how many paths are written out for each leaf; the others are summed in one line.
        language: of the words; if not given, as `autograd.language` says.
        digits: significant digits of the numbers.
        read: how nodes of another engine are read, as `draw` has it.

    Raises:
        TypeError, ValueError: an argument is not one of these, or another engine has an operation unknown here.
        DomainError, ValueError: a derivative on the way does not exist.
    """
    given = Adopted("explain", "output", output, read)
    given.check_known()
    output, wrt = given.roots[0], given.own(wrt)
    check_count("explain", "top", top)
    check_count("explain", "digits", digits, 17)
    output = shown_as(output)
    order = [node for node in topological_order(output) if shown_as(node) is node]
    speaks = spoken("explain", language, (node.label for node in order))
    if wrt is None:
        leaves = [node for node in order if node.is_leaf and node.op is not constant]
    else:
        leaves = checked_values("explain", "wrt", wrt)
    search = _Search(output, order)
    derivatives = tuple(search.derivative(leaf, top) for leaf in leaves)
    return Explanation(output, derivatives, search.place, speaks, digits, given.numbers)


class _Search:
    """The local derivatives of a graph, and a search among its paths."""

    def __init__(self, output: Value, order: Sequence[Value]) -> None:
        self.output, self.place = output, {node: i for i, node in enumerate(order)}
        self.slopes: dict[Value, Sequence[Any]] = {}
        self.consumers: dict[Value, list[Value]] = {node: [] for node in order}
        self.adjoint = adjoints(output)
        self.sizes, self.steps = {output: 1.0}, {output: 0}  # of all shares together; of the roundings on the way
        for node in reversed(order):
            for x in operands(node):
                self.consumers[x].append(node)
            if not node.is_leaf and self.adjoint.get(node):
                self.slopes[node] = [slope or 0 for slope in slopes(node.op, node.data, [x.data for x in node.inputs])]
                self._measure(node)

    def _measure(self, node: Value) -> None:
        """Pass on to the operands what their gradients are made of: the reverse sweep of the sizes."""
        size, steps = self.sizes[node], self.steps[node] + len(self.consumers[node]) + _PER_STEP
        for x, slope in zip(operands(node), self.slopes[node], strict=True):
            self.sizes[x] = self.sizes.get(x, 0.0) + size * _magnitude(slope)
            self.steps[x] = max(self.steps.get(x, 0), steps)

    def _rounding(self, leaf: Value, total: Any) -> float:
        """A bound on what rounding has done to `total`, to first order: with n roundings on each way, n units of the
        sizes that are added."""
        bound = (self.steps.get(leaf, 0) + len(self.consumers.get(leaf, ()))) * self.sizes.get(leaf, 0.0) * unit(total)
        return bound if bound < math.inf else 0.0

    def derivative(self, leaf: Value, top: int) -> Derivative:
        total, above = self.adjoint.get(leaf, 0), self._above(leaf)
        paths = tuple(islice(self._largest(leaf, above), top))
        rest = _less(total, [path.product for path in paths])
        return Derivative(leaf, total, paths, self._count(leaf, above), rest, self._rounding(leaf, total))

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


def _magnitude(x: Any) -> float:
    try:
        return float(abs(x))
    except OverflowError:
        return math.inf


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
        language: Language,
        digits: int,
        numbers: Numbers = OURS,
    ) -> None:
        self.output, self.derivatives = output, derivatives
        self._words, self._digits, self._numbers = EXPLANATION[language], digits, numbers
        self._number = partial(number, digits=digits)
        self._text, self._latex = Text(self._number), Latex(self._number)
        apart = [each.leaf for each in derivatives if each.leaf not in places]  # of other graphs
        self._places = {**places, **dict(zip(dict.fromkeys(apart), count(len(places)), strict=False))}
        named = {output: self._words["output"]}
        self._names, self._latex_names = (
            Names(self._places, way, _WIDEST_NAME, named) for way in (self._text, self._latex)
        )
        self._formulas: dict[Value, str] = {}
        self._numbered: dict[Value, str] = {}  # those whose formula others have too, and so go by their numbers
        self._find_formulas()

    def __str__(self) -> str:
        lines = [line for each in self.derivatives for line in self._lines(each)]
        return "\n".join(lines + self._notes())

    def __repr__(self) -> str:
        return str(self)

    def latex(self) -> str:
        """An `aligned` block for a document or a notebook, without dollar signs."""
        rows = [row for each in self.derivatives for row in self._rows(each)] + self._latex_notes()
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        """For notebooks: a row for each path, and where there are several the row that adds them up."""
        *heads, last = [html.escape(head) for head in self._words["heads"]]
        cells = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in heads)
        cells += f'<th scope="col" style="{_RIGHT}">{last}</th>'
        groups = "".join(map(self._group, self.derivatives))
        notes = "".join(f'<tr><td colspan="4" style="{_CELL}">{html.escape(note)}</td></tr>' for note in self._notes())
        foot = f"<tfoot>{notes}</tfoot>" if notes else ""
        return f'<table style="border-collapse: collapse"><thead><tr>{cells}</tr></thead>{groups}{foot}</table>'

    # Table

    def _group(self, each: Derivative) -> str:
        """The rows of one leaf; its derivative stands beside all of them."""
        rows = self._entries(each)
        name = f'<th scope="rowgroup" rowspan="{len(rows)}" style="{_CELL}">{html.escape(self._derivative(each))}</th>'
        bodies = [_html_row(*row, is_sum=each.count > 1 and row is rows[-1]) for row in rows]
        return f"<tbody><tr>{name}{'</tr><tr>'.join(bodies)}</tr></tbody>"

    def _entries(self, each: Derivative) -> list[tuple[str, str, str]]:
        """Path, product and value: of the largest paths, of all the others together, and of their sum."""
        total = self._marked(each, each.total)
        if not each.paths:
            return [("", "", total)]
        rows = [(self._symbols(path), self._product(path), self._number(path.product)) for path in each.paths]
        if each.count > len(each.paths):
            rows.append((self._others(each), "", self._marked(each, each.rest)))
        return rows if each.count == 1 else [*rows, (self._words["total"], self._added(each), total)]

    # Text

    def _lines(self, each: Derivative) -> list[str]:
        name, total = self._derivative(each), self._marked(each, each.total)
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
        total = f"    {self._words['total']}: {self._added(each)} = {self._marked(each, each.total)}"
        if each.count == len(each.paths):
            return [total]
        return [f"    {self._others(each)}: {self._marked(each, each.rest)}", total]

    def _marked(self, each: Derivative, x: Any) -> str:
        """A total or a rest: `0*` where it is rounding alone."""
        return self._number(x) if each.shown(x) is not None else f"0{_MARK}"

    def _others(self, each: Derivative) -> str:
        others = each.count - len(each.paths)
        count = f"{others:,}" if others < 10**9 else number(others, 3)
        return self._words["one" if others == 1 else "rest"].format(count=count)

    def _added(self, each: Derivative) -> str:
        """`3 + 3 − 1`."""
        return self._text.sum(map(self._text.number, each.shares)).text

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

    # Names

    def _name(self, node: Value, latex: bool = False) -> str:
        """The label, told apart from others; else a short formula, else the node's number as in `Picture.text`."""
        if name := (self._latex_names if latex else self._names).of(node):
            return name
        if node not in self._formulas:
            return f"[{self._places[node] + 1}]"
        if latex:
            return f"({in_latex(node, _WIDEST_NAME, self._latex_names, self._names)})"
        return self._formulas[node]

    def _find_formulas(self) -> None:
        """Of the nodes without a name that are written: short formulas, as far as no two have the same."""
        written = dict.fromkeys(node for each in self.derivatives for node in each.written())
        found: dict[str, list[Value]] = {}
        for node in written:
            if not node.is_leaf and not self._names.of(node):
                text = formula(node, _WIDEST_NAME, self._names)
                if text and self._text.more not in text:
                    found.setdefault(f"({text})", []).append(node)
        for text, nodes in found.items():
            (self._formulas if len(nodes) == 1 else self._numbered).update(dict.fromkeys(nodes, text))

    # What is what

    def _notes(self) -> list[str]:
        """What the mark means, and which nodes those are whose label or formula others have too."""
        rounded = any(each.shown(x) is None for each in self.derivatives for x in each.sums)
        notes = [self._words["rounding"].format(mark=_MARK)] if rounded else []
        alike = sorted({*self._names.told_apart, *self._numbered}, key=self._places.__getitem__)
        notes += [self._words["which"]] * bool(alike) + [f"    {self._what(node)}" for node in alike]
        wrong = [f"    {line}" for line in self._wrong()]
        return notes + [self._words["differs"]] * bool(wrong) + wrong

    def _wrong(self) -> Iterator[str]:
        """Where another engine has other numbers than the rules give: values, and what flows back."""
        for fault in self._numbers.faults:
            name = "value" if fault.of == "value" else "from" if fault.by else "uses"
            said = self._words[name].format(op=fault.by and fault.by.op.symbol)
            yield f"{self._what(fault.node)}: {said} {differing(fault.theirs, fault.right, self._digits)}"

    def _what(self, node: Value) -> str:
        """`[6] h (2) = [1] × [4] = 0.3`"""
        terms = [self._reference(x) for x in operands(node)[:_MOST_FACTORS]]
        terms += [Term(self._text.more)] if len(node.inputs) > _MOST_FACTORS else []
        made = [] if node.is_leaf else [self._text.applied(node.op, terms).text]
        named = f"[{self._places[node] + 1}] {self._names.of(node)}".rstrip()
        parts = [named, *made, self._number(node.data)]
        return " = ".join(parts)

    def _reference(self, node: Value) -> Term:
        return self._text.number(node.data) if node.op is constant else Term(f"[{self._places[node] + 1}]")

    # LaTeX

    def _rows(self, each: Derivative) -> list[str]:
        output, leaf = self._name(self.output, latex=True), self._name(each.leaf, latex=True)
        terms = [_multiplied(path.factors, self._latex.number, self._latex) for path in each.paths]
        terms += map(self._latex.number, each.shares[len(each.paths) :])
        total = f"0^{{{_MARK}}}" if each.shown(each.total) is None else self._latex.number(each.total).text
        summed = self._latex.sum(terms).text if terms else total
        return [rf"\frac{{\partial {output}}}{{\partial {leaf}}} &= {_equals(summed, total)}"]

    def _latex_notes(self) -> list[str]:
        """The same at the end of the block, as far as it has the mark and such names."""
        rounded = any(each.shown(each.total) is None for each in self.derivatives)
        notes = [self._words["rounding"].format(mark=_MARK)] if rounded else []
        alike = sorted(self._latex_names.told_apart, key=self._places.__getitem__)
        rows = [f"{self._latex_names.of(node)} &= {self._latex.number(node.data).text}" for node in alike]
        return [rf"& \text{{{note}}}" for note in notes] + rows


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
