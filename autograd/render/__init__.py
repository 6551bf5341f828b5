"""Pictures of recorded graphs: circles for operations, values above the arrows, gradients below them.

```
picture.py    what a user calls: `draw`, and the `Picture` it gives
explain.py    `explain`: a derivative as a sum over paths
snapshot.py   the graph as it is now: what is drawn of it, its arrows, what flows back along each arrow
operands.py   what a node is and what it is made from, as it is shown: without the zero with which sums begin
nearest.py    which part of a large graph that is
repeats.py    what repeats in a large graph, and is folded into boxes; instances.py writes the formula of one
modules.py    which nodes are one module; frames.py where the frame of each begins
dot.py        a snapshot in the DOT language; looks.py has the shapes, colours and sizes
tables.py     the two parts of it that are tables: the pair of numbers on an arrow, and the heading
formula.py    the formula in the title, and `expression`: the same for everyone, in LaTeX too; how one operation of its
              operands is written, here and everywhere, says autograd/notation.py
names.py      what nodes are called, where labels collide; symbols.py: derivatives as symbols, with names for everything
table.py      a snapshot as a table for a terminal
arguments.py  what a user gives, checked
text.py       numbers and labels as pictures write them; how wide they are
layout.py     Graphviz: where it is, its fonts, its time limit; bundled.py is the program it runs without `dot`
networks.py   what is read of a model, by its `__network__`; diagram.py places it, as shapes.py draws it: in SVG, and
              for PNG and PDF in the DOT language; network_page.py has what its page computes
svg.py        the SVG that Graphviz gives, made fit for browsers
steps.py      what happens step by step, in words and numbers; page.py makes a page of it
adopted.py    the graph of another engine as one of ours; numbers.py: whose numbers a picture shows, and where they are
              wrong; matching.py: which of our operations one of theirs is
tape.py       the whole graph behind a picture, which a page computes again; recorded.py: that of a function, with the
              comparisons that it made
holes.py      texts with holes for numbers that a page computes; story_template.py: all such texts of a picture
```
"""

from autograd.render.explain import Explanation, explain
from autograd.render.formula import Expression, expression
from autograd.render.layout import GraphvizNotFound
from autograd.render.networks import DenseLayer
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
