"""What a user calls: `draw`, and the `Picture` it gives."""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from autograd.engine import Value
from autograd.files import check_folder, replacing
from autograd.languages import Language, spoken
from autograd.render.arguments import (
    check_choice,
    check_count,
    check_known,
    checked_modules,
    checked_names,
    show,
)
from autograd.render.dot.graphviz import lay_out
from autograd.render.dot.shapes import Scene
from autograd.render.dot.svg import tidy
from autograd.render.dot.text import dot_text, title_of
from autograd.render.graph.adopted import Adopted, Reading
from autograd.render.graph.nearest import labels
from autograd.render.graph.recorded import Recorded, recorded
from autograd.render.graph.snapshot import Snapshot
from autograd.render.graph.tape import Refused, copied
from autograd.render.network.diagram import Diagram, listing
from autograd.render.network.layers import Model, is_network, read
from autograd.render.network.page import NetworkPage
from autograd.render.page.file import Page, page
from autograd.render.page.steps import Story
from autograd.render.page.stories import StoryTemplate
from autograd.render.table import table
from autograd.render.text import clean
from autograd.words import NETWORK, PICTURE


def draw(
    root: "Value | Iterable[Value] | Model | Callable[..., Any] | Any",
    *x: Any,
    title: str | None = None,
    language: Language | None = None,
    digits: int = 4,
    grads: Literal["auto", True, False] = "auto",
    local: bool = False,
    symbolic: bool = False,
    group: Mapping[str, Value | Iterable[Value]] | None = None,
    collapse: str | Iterable[str] = (),
    parameters: Iterable[Value] = (),
    clone: Literal["auto", True, False] = "auto",
    fold: Literal["auto", True, False] = "auto",
    max_nodes: int = 200,
    repeats: Literal["auto", True, False] = "auto",
    expand: str | Iterable[str] = (),
    read: Reading = None,
) -> "Picture":
    """A picture of a graph, of a function, or of a model and its weights, as it is now; later changes do not change it.

    The gradient under an arrow is what flows back along this arrow alone. Where a value is used several times the
    shares meet at a branch dot, and the arrow before the dot carries their sum.

    A model, as in `draw(nn.MLP(2, [8, 1]))`, is drawn as a network: neurons are circles in columns, and weights are
    lines, whose width shows |weight| and whose colour and dashes show the sign. Any object with a method `__network__`
    is drawn like this (see `DenseLayer`).

    A function, as in `draw(f, 2.0, [1.0, 3.0])`, is drawn as its graph for these arguments, with gradients, and with
    the inputs named after its parameters. Its page knows how the code went at each `if` and `while`, and says where a
    changed number would have sent it another way; a graph alone is computed as `y.forward()` does it, always the same
    way.

    Graphs of another engine are drawn too, as in `draw(y)` for micrograd's Value or any object with a number, a
    gradient and inputs. The numbers are that engine's own; where one is not what the rules give, `3 ≠ 4` shows what is
    right. See docs/your-own-engine.md.

    Args:
        root: the output, or several; a function of numbers; or a model.
        x: the arguments of the function, numbers or nested lists of them; or one input of the model, numbers or
            Values: then each circle shows the output of its neuron.
        title: instead of the formula; "" for none.
        language: of the legend, the table and the page; if not given, as `autograd.language` says.
        digits: significant digits of the numbers.
        grads: whether to write gradients under the arrows, or to mark them on weights; "auto" does if `backward` has
            run.
        local: whether to write the local derivatives too, as `×2` under the gradients.
        symbolic: whether to write derivatives in symbols: `∂y/∂x = 2.2` for gradients, `× ∂h/∂x` for local
            derivatives. Nodes without a label get names: h₁, h₂, … for results, x₁, … for inputs, y for the output.
        group: modules, drawn in dashed frames: `{"layer 1": [h1, h2]}`. A module includes the nodes that lead only to
            its own, except inputs; copies of an input are drawn where they are used.
        collapse: names of modules that are drawn as one box each.
        parameters: leaves to be drawn in green, as those of models of `nn` are by themselves.
        clone: whether leaves used several times are drawn at each use; "auto": in graphs of more than 30 nodes.
        fold: whether constants are written in the circle of their operation, as in `× 2`; "auto" likewise.
        max_nodes: of a graph that is larger even with its repeats folded, only this many nodes are drawn, those
            nearest the outputs, and a warning says so. The gradients are then read from `.grad`, so the last call of
            `backward` should have been on these outputs.
        repeats: whether repeated parts are folded: parts of the same form (the neurons of a layer, the samples of a
            batch) into one box with their count, `A: 16 × tanh(Σ w × x + b)`, and the turns of a loop into one box
            and, in a frame, the last turn. A single arrow leads from one box to another, with the smallest and the
            largest of its numbers; all other numbers are the same as without folding. "auto": in graphs of more than
            `max_nodes` nodes. At most 100,000 nodes are searched, those nearest the outputs.
        expand: names of such boxes, as in `expand="A"`: one part of each is drawn in a frame.
        read: for nodes of another engine that are not recognised by their attributes: a function
            `node -> (number, gradient, operation, inputs, label)`, whose last results may be left out.

    Raises:
        TypeError, ValueError: an argument is not one of these.
    """
    for name, choice in (("grads", grads), ("clone", clone), ("fold", fold), ("repeats", repeats)):
        check_choice("draw", name, choice, ("auto", True, False))
    check_choice("draw", "local", local, (True, False))
    check_choice("draw", "symbolic", symbolic, (True, False))
    check_count("draw", "digits", digits, 17)
    check_count("draw", "max_nodes", max_nodes)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"draw(title={show(title)}): wanted text or None, not {type(title).__name__}.")
    if is_network(root):
        clones, folds = clone != "auto", fold != "auto"
        of_graphs = {"local": local, "group": group, "collapse": collapse, "clone": clones, "fold": folds}
        for name, given in of_graphs.items():
            if given:
                raise ValueError(f"draw(model, {name}=…): this is for graphs; draw that of the output, draw(model(x)).")
        if len(x) > 1:
            raise TypeError(f"draw(model, x): one input at a time, as model(x) takes it, not {len(x)}.")
        return network_picture(root, x[0] if x else None, title, language, digits, grads)
    if callable(root) and hasattr(root, "parameters") and not x:
        if isinstance(root, type):
            raise TypeError(
                f"draw(root={show(root)}): this is a class; wanted an object of it, as in nn.MLP(2, [3, 1])."
            )
        raise TypeError(
            f"draw(root={show(root)}): this model has no method __network__ that says which layers to draw, as "
            "autograd.render.DenseLayer describes it; draw(model(x)) draws the graph of its output."
        )
    given = None if callable(root) and read is None else Adopted("draw", "root", root, read, several=True)
    if given:
        group, parameters = given.own(group), given.own(parameters)
    modules, opened = checked_modules(group, collapse, parameters), checked_names("expand", expand)
    looks = {"clone": clone, "fold": fold, "local": local, "symbolic": symbolic}
    folded = {"repeats": repeats, "expand": opened}
    with _found(root, given, x, grads) as found:
        roots, numbers = found.roots, found.numbers
        speaks = spoken("draw", language, chain([title], modules.names, labels(roots)))
        snapshot = Snapshot(roots, grads, most=max_nodes, modules=modules, numbers=numbers, **looks, **folded)
        check_known("expand", opened, snapshot.names)
        if snapshot.is_cut or (snapshot.folds and repeats == "auto" and not opened):
            warnings.warn(_left_out(snapshot, max_nodes), stacklevel=2)
        heading = title_of(snapshot) if title is None else clean(title)
        drawn = dot_text(snapshot, heading, PICTURE[speaks], digits)
        shown = table(snapshot, PICTURE[speaks], digits)
        tape, places = copied(roots, modules, found.guards, found.made, numbers.refusal)
        story = Story(snapshot, drawn.joints, speaks, digits, tape, places)
    return Picture(drawn.dot, heading, drawn.tooltips, shown, story, speaks, drawn.shown)


def _found(root: Any, given: Adopted | None, x: Sequence[Any], grads: bool | str) -> AbstractContextManager[Recorded]:
    """The outputs that are drawn: those that are given, or those of a function."""
    if given is None:
        return recorded(root, x, grads)
    if not given.roots:
        raise ValueError("draw(root=[]): wanted at least one Value.")
    if x:
        raise TypeError(
            "draw(root, x): an input is for a model or a function, and root is neither; draw(root) draws it."
        )
    return nullcontext(Recorded(given.roots, numbers=given.numbers))


def _left_out(snapshot: Snapshot, max_nodes: int) -> str:
    found, are_more = snapshot.count
    how = []
    if snapshot.folds:
        how.append("what repeats is drawn as one box each, and all else")
        if snapshot.is_cut:
            how[-1] = "what repeats near the output is drawn as one box each, and not all else"
    else:
        how.append(f"the max_nodes={max_nodes} nearest the output are drawn")
    many = f"more than {found:,}" if are_more else f"{found:,}"
    help_ = ["pass a larger max_nodes", "draw a part of it, as in draw(node) for a node nearer the inputs"]
    help_.append("make parts of it one box each with group= and collapse=")
    if snapshot.names:
        help_.insert(0, f"open one of what is in a box with expand={snapshot.names[0]!r}")
    ways = f"{', '.join(help_[:-1])}, or {help_[-1]}"
    return f"draw: the graph has {many} nodes; {'; '.join(how)}. {ways[0].upper()}{ways[1:]}."


class Picture:
    """A graph drawn by `draw`. In a notebook it shows itself.

    Args:
        dot: the picture in the DOT language.
        title: what a screen reader says about it.
        tooltips: what a pointer shows, by the names of the nodes in `dot`.
        table: what `text` gives, below the title.
        story: the steps of the page.
        language: of the page, and of what is said where nothing can be drawn; as `autograd.language` says, if None.
        shown: what is written at its arrows.
    """

    def __init__(
        self,
        dot: str,
        title: str = "",
        tooltips: Mapping[str, str] | None = None,
        table: str = "",
        story: Story | None = None,
        language: Language | None = None,
        shown: Mapping[str, tuple[str, str, str]] | None = None,
    ) -> None:
        self._dot, self.title, self._tooltips, self._table = dot, title, dict(tooltips or {}), table
        self._story, self._shown = story, dict(shown or {})
        self._too_slow: TimeoutError | None = None
        self._language: Language = spoken("Picture", language, [title])

    @property
    def dot(self) -> str:
        """The picture in the DOT language."""
        return self._dot

    def text(self) -> str:
        """The graph as a table for a terminal: for each value how it is computed, its number and its gradient."""
        return "\n".join(filter(None, (self.title, self._table)))

    def svg(self) -> str:
        """The picture as SVG: self-contained, without a script, and with tooltips.

        Raises:
            GraphvizNotFound: neither `dot` nor pygraphviz is there; this and the two below hold for `png` and
                `save` too.
            TimeoutError: Graphviz did not finish in time.
            RuntimeError: Graphviz failed.
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        return tidy(lay_out(self.dot, "svg", self._language), self.title, self._tooltips)

    def png(self) -> bytes:
        """The picture as PNG, two pixels to a screen's one (192 per inch)."""
        return lay_out(self.dot, "png", self._language)

    def part(self, prefix: str, functions: Any) -> dict[str, Any]:
        """The picture inside of a page that computes more: `prefix` keeps its names apart from others.

        Args:
            functions: of the operations of the page.

        Raises:
            Refused: a page cannot compute it.
        """
        if self._story is None or self._story.tape is None:
            raise Refused("size", "")
        tape = self._story.tape.data(functions=functions)
        told = StoryTemplate(self._story)
        del tape["script"], tape["ops"]
        return {
            "svg": self.svg().replace(' id="', f' id="{prefix}'),
            "prefix": prefix,
            "tape": tape,
            "pairs": told.pairs(self._shown),
            "fields": told.fields(),
        }

    def html(self) -> str:
        """The picture as a page that a reader steps through, forward and backward: one file, which needs no network."""
        return page(self.svg(), self.title, self._story, self._language, self._shown)

    def explore(self) -> Page:
        """The page in a notebook. Never raises; where nothing can be drawn, it shows what to install, and the table."""
        return Page(self.html, self._repr_html_)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file: SVG, PNG, PDF, DOT or a page, by the suffix. There is never half a file.

        Returns:
            The path it was written to.

        Raises:
            ValueError: another suffix.
            FileNotFoundError: the folder is not there.
        """
        target = Path(path)
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg().encode(),
            ".png": self.png,
            ".pdf": lambda: lay_out(self.dot, "pdf", self._language),
            ".dot": self.dot.encode,
            ".html": lambda: self.html().encode(),
        }
        if target.suffix.lower() not in writers:
            raise ValueError(f"save({str(path)!r}): the name must end in {', '.join(writers)}.")
        check_folder(f"save({str(path)!r})", path)
        content = writers[target.suffix.lower()]()
        with replacing(target) as file:
            file.write(content)
        return target

    def _repr_svg_(self) -> str | None:
        """For notebooks. Never raises: they must go on, whatever is wrong with the machine."""
        return self.svg() if self._failure() is None else None

    def _repr_html_(self) -> str | None:
        """For notebooks, where nothing can be drawn: why, what to install, and the table. None where something is."""
        failure = self._failure()
        return None if failure is None else f"<p>{escape(str(failure))}</p><pre>{escape(self.text())}</pre>"

    def shown(self) -> dict[str, str]:
        """What a notebook shows, by the kind of data: the SVG, or why there is none and the table. Never raises."""
        ways = {"image/svg+xml": self._repr_svg_(), "text/html": self._repr_html_()}
        return {kind: text for kind, text in ways.items() if text is not None}

    def _failure(self) -> Exception | None:
        """Why there is no SVG; a layout that did not end is not tried again by the same notebook."""
        if self._too_slow is None:
            try:
                self.svg()
            except TimeoutError as error:
                self._too_slow = error
            except (RuntimeError, OSError) as error:
                return error
        return self._too_slow

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}: .svg(), .png(), .dot, .save('name.svg')>"


class NetworkPicture(Picture):
    """A model drawn by `draw`. The library places every part, so SVG and page need no Graphviz; PNG and PDF do.

    Args:
        scene: what is drawn.
        table: what `text` gives, below the title.
        language: of the page.
        live: what the page computes; None where there is no input.
    """

    def __init__(self, scene: Scene, table: str, language: Language, live: NetworkPage | None) -> None:
        super().__init__("", scene.title, table=table, language=language)
        self._scene, self._live = scene, live

    @property
    def dot(self) -> str:
        """The picture in the DOT language, every part in its place: for `dot`, which takes the layout from the text."""
        return self._scene.dot()

    @cached_property
    def _svg(self) -> str:
        return self._scene.svg()

    def html(self) -> str:
        """The picture as a page: one file, which needs no internet.

        Where the model had an input, inputs and weights can be changed there, and everything follows; a neuron shows
        its own graph, if there is Graphviz to lay it out.
        """
        return page(self.svg(), self.title, None, self._language, network=self._live)


def network_picture(
    model: Any, x: Any, title: str | None, language: Language | None, digits: int, grads: bool | str
) -> NetworkPicture:
    """What `draw` gives of a model."""
    network, layers = read(model, x)
    names = [neuron.name for column in network.columns for neuron in column.neurons]
    speaks: Language = spoken("draw", language, [title, *names])

    def graph(y: Value) -> Picture:
        return draw(y, title="", language=speaks, digits=digits, grads=True)

    words = NETWORK[speaks]
    heading = f"{network.kind} {network.shape}" if title is None else clean(title)
    diagram = Diagram(network, words, digits, grads)
    live = NetworkPage(network, layers, diagram, graph) if network.is_fed else None
    return NetworkPicture(diagram.scene(heading), listing(network, words, digits, grads), speaks, live)
