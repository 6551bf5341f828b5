"""Pictures of recorded graphs: circles for operations, values above the arrows, gradients below them.

```
picture.py    what a user calls: `draw`, and the `Picture` it gives; arguments.py checks what was passed
explain.py    `explain`: a derivative as a sum over paths
formula.py    the formula in the title, and `expression`: the same for everyone, in LaTeX too; how one operation of its
              operands is written, here and everywhere, says autograd/notation.py
table.py      a graph as a table for a terminal
text.py       numbers and labels as pictures write them; how wide they are

graph/        what is shown
  snapshot      the graph as it is now: what is drawn of it, its arrows, what flows back along each arrow
  operands      what a node is and what it is made from, as it is shown: without the zero with which sums begin
  nearest       which part of a large graph that is
  repeats       what repeats in a large graph, and is folded into boxes; instances writes the formula of one
  modules       which nodes are one module; frames: where the frame of each begins
  names         what nodes are called, where labels collide; symbols: derivatives as symbols, with names for everything
  adopted       the graph of another engine as one of ours; matching: which of our operations one of theirs is;
                numbers: whose numbers a picture shows, and where they are wrong
  recorded      the graph of a function, with the comparisons that it made
  tape          the whole graph behind a picture, which a page computes again

dot/          how it is drawn
  text          a snapshot in the DOT language; labels: its tables, the pair of numbers on an arrow and the heading
  looks         the shapes, colours and sizes
  shapes        pictures of which we place every part ourselves
  graphviz      where Graphviz is, its fonts, its time limit; bundled: the program that it runs without `dot`
  svg           the SVG that Graphviz gives, made fit for browsers

page/         how it answers
  steps         what happens step by step, in words and numbers
  file          a page made of these; assets/ has its styles and scripts
  holes         texts with holes for numbers that a page computes; stories: all such texts of a picture

network/      `draw(model)`
  layers        what is read of a model, by its `__network__`
  diagram       where everything stands
  page          what its page computes
```
"""

from autograd.render.dot.graphviz import GraphvizNotFound
from autograd.render.explain import Explanation, explain
from autograd.render.formula import Expression, expression
from autograd.render.network.layers import DenseLayer
from autograd.render.picture import NetworkPicture, Picture, draw

__all__ = [
    "DenseLayer",
    "Explanation",
    "Expression",
    "GraphvizNotFound",
    "NetworkPicture",
    "Picture",
    "draw",
    "explain",
    "expression",
]


def __dir__() -> list[str]:
    return __all__
