"""Pictures of recorded graphs: circles for operations, values above the arrows, gradients below them.

```
picture.py    what a user calls: `draw`, and the `Picture` it gives
snapshot.py   the graph as it is now: its nodes, its arrows, what flows back along each arrow
dot.py        a snapshot in the DOT language: shapes, colours, sizes
tables.py     the two parts of it that are tables: the pair of numbers on an arrow, and the heading
formula.py    the formula in the title
text.py       numbers and labels as pictures write them; how wide they are
words.py      what pictures say in Japanese and in English
layout.py     Graphviz: where it is, its fonts, its time limit; bundled.py is the program it runs without `dot`
svg.py        the SVG that Graphviz gives, made fit for browsers
```
"""

from autograd.render.layout import GraphvizNotFound
from autograd.render.picture import Picture, draw

__all__ = ["GraphvizNotFound", "Picture", "draw"]
