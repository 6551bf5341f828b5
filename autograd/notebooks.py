"""Values in notebooks: a small graph shows its picture, or what to install where it cannot be drawn.

A leaf and a graph too large to be read show their `repr`, as all of them do in a terminal. The engine knows nothing of
pictures, so the method is attached here; what draws is loaded when a notebook asks.
"""

from typing import Any

from autograd.engine import Value

MOST_SHOWN = 30
"""Nodes; larger graphs are drawn where `draw` is called."""


def _repr_mimebundle_(self: Value, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """For notebooks, which show the `repr` if nothing comes. Never raises."""
    from autograd.render import draw
    from autograd.render.graph.nearest import nearest

    if not self.is_leaf and len(nearest([self], MOST_SHOWN + 1)) <= MOST_SHOWN:
        try:
            return draw(self).shown()
        except Exception:  # whatever is wrong with the graph, the notebook's next line should run
            return {}
    return {}


setattr(Value, _repr_mimebundle_.__name__, _repr_mimebundle_)
