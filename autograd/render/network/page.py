"""The page of a network: what it needs to compute everything again when an input or a weight is changed.

Every neuron has a graph of its own, which the page shows when it is asked for. The neurons of a layer have graphs of
one form, so one picture serves them all: the page writes in the names and numbers of the one that was asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.engine import Value, Witness, data_of, recording_anew, watched_by
from autograd.reals import unboxed
from autograd.render.graph.operands import label
from autograd.render.graph.tape import Refused, copied
from autograd.render.network.diagram import WIDEST_LABEL, Diagram
from autograd.render.network.layers import Column, DenseLayer, Network
from autograd.render.text import shorten
from autograd.sweep import topological_order

_MOST_NODES = 80  # of a neuron's graph: a larger one is no picture to look at


@dataclass(frozen=True)
class Form:
    """The graph that all neurons of a layer have.

    Attributes:
        output: of one of them.
        leaves: by the keys of the neurons, what stands in the leaves of this graph: a place on the network's tape and
            a name; no place for a constant.
    """

    output: Value
    leaves: dict[str, list[tuple[int | None, str]]]


class NetworkPage:
    """Copies a network and its graph as they are now.

    Args:
        layers: what the model says of itself.
        diagram: the picture.
        picture: draws the graph of a value, with gradients.
    """

    def __init__(
        self, network: Network, layers: Sequence[DenseLayer], diagram: Diagram, picture: Callable[[Value], Any]
    ) -> None:
        self.diagram, self.digits, self.has_compared = diagram, diagram.digits, network.has_compared
        neurons = [neuron for column in network.columns for neuron in column.neurons]
        outputs = [neuron.node for neuron in network.columns[-1].neurons]
        self.tape, places = copied([*dict.fromkeys([*outputs, *[neuron.node for neuron in neurons]])])
        self.outputs = [places[node] for node in dict.fromkeys(outputs)] if places else []
        self.circles = {
            neuron.key: places[neuron.node] for neuron in neurons if places and neuron.key in diagram.places
        }
        self.names = {places[neuron.node]: neuron.name for neuron in reversed(neurons)} if places else {}
        self.inputs = [neuron.key for neuron in network.columns[0].neurons if neuron.key in diagram.places]
        known = [(each.key, each.node) for each in network.parameters if each.node is not None]
        self.lines = {key: places[node] for key, node in known if node in places}
        self.forms = [
            (picture(form.output), form)
            for before, column, layer in zip(network.columns, network.columns[1:], layers, strict=False)
            if places and (form := _form(before, column, layer, places)) is not None
        ]

    def live(self, defined: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """What the page reads, and the functions that it calls.

        Args:
            defined: where operations have a value, as `Tape.data` takes it.

        Raises:
            Refused: a page cannot compute this model; says why.
        """
        from autograd.compiler.printers.javascript_functions import Functions

        if self.has_compared:
            raise Refused("compared", "")
        functions = Functions()
        graphs, own = self._graphs(functions)
        live = self.tape.data(defined, functions)
        names = list(live["names"])
        for k, name in self.names.items():
            names[k] = name
        live |= {
            "names": names,
            "seeds": [[k, 1.0 if i == 0 else 0.0] for i, k in enumerate(self.outputs)],
            "pairs": {},
            "fields": {key: self.circles[key] for key in self.inputs},
            "drawn": {k: [key] for key, k in self.circles.items()},
            "modules": [],
            "network": {
                "circles": self.circles,
                "lines": self.lines,
                "room": self.diagram.room,
                "thinnest": self.diagram.thinnest,
                "widest": self.diagram.widest,
                "most": self.diagram.most,
                "colours": self.diagram.colours,
                "graphs": graphs,
                "own": own,
            },
        }
        return live, live.pop("script")

    def _graphs(self, functions: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The pictures, and for each neuron which of them shows its graph, with what in the leaves."""
        graphs, own = list[dict[str, Any]](), dict[str, Any]()
        for picture, form in self.forms:
            try:
                found = picture.part(f"g{len(graphs)}-", functions)
            except (Refused, RuntimeError, OSError):  # no Graphviz, say: then there are no such pictures
                continue
            own |= {key: [len(graphs), leaves] for key, leaves in form.leaves.items()}
            graphs.append(found)
        return graphs, own


def _form(before: Column, column: Column, layer: DenseLayer, places: dict[Value, int]) -> Form | None:
    """None where the neurons have graphs of different forms, or too large ones."""
    fresh = [Value(data_of(neuron.node), neuron.name) for neuron in before.neurons]
    with recording_anew(), watched_by(Witness()):
        found = [unboxed(each) for each in layer.outputs(fresh)]
    if not all(isinstance(each, Value) for each in found):
        return None
    orders = [topological_order(each) for each in found]
    shapes = [_shape(order) for order in orders]
    if len(orders[0]) > _MOST_NODES or any(shape != shapes[0] for shape in shapes):
        return None
    known = {**places, **{x: places[neuron.node] for x, neuron in zip(fresh, before.neurons, strict=True)}}
    leaves = {
        neuron.key: [(known.get(node), shorten(label(node), WIDEST_LABEL)) for node in order if node.is_leaf]
        for neuron, order in zip(column.neurons, orders, strict=True)
    }
    found[0].grad = 1.0  # it is ours: no leaf of the model is touched
    return Form(found[0], leaves)


def _shape(order: Sequence[Value]) -> list[tuple[Any, ...]]:
    """What is the same for graphs of one form."""
    place = {node: i for i, node in enumerate(order)}
    return [(node.op if node.inputs else None, *[place[x] for x in node.inputs]) for node in order]
