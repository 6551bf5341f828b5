"""The shapes, colours and sizes of the lectures' figure, as attributes of the DOT language."""

from autograd.render.dot.labels import ARROW, INK, SIZE

FONTS = "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Meiryo, IPAexGothic, sans-serif"
_SYMBOL_FONTS = f"DejaVu Sans, Arial, {FONTS}"  # Japanese fonts have × and + as wide, thin characters
SYMBOL_SIZE, NAME_SIZE, CUT_SIZE = 20, 16, 13  # points
CIRCLE, NARROWEST_BOX = 38.9, 50.4  # points
CLEARANCE = 6  # points left and right of an input's box that no arrow may cross
GAP, WIDER, WIDEST_GAP = 0.32, 0.14, 0.8  # inches between columns; more for each arrow that crosses others; at most

# fmt: off
GRAPH = {"rankdir": "LR", "bgcolor": "white", "pad": "0.3", "nodesep": "0.28", "ranksep": f"{GAP}", "splines": "spline",
         "charset": "UTF-8", "fontname": FONTS, "fontsize": str(SIZE), "fontcolor": INK,
         "labelloc": "t", "labeljust": "l", "outputorder": "edgesfirst",
         "nslimit": "5"}  # a bound on a search that in large graphs improves little and takes minutes
NODE = {"fontname": FONTS, "fontsize": str(SIZE), "fontcolor": INK, "margin": "0", "fixedsize": "true"}
EDGE = {"color": ARROW, "penwidth": "2", "arrowsize": "0.8"}
LINE = {"arrowhead": "none", "weight": "8"}  # the weight keeps the first part of an arrow short and straight
# Where there are frames. Graphviz keeps the order of operands in them if the last part of an arrow is short (its weight
# is the largest), and if it does not look for a better order at the end (remincross).
FRAMED = {"newrank": "true", "remincross": "false"}  # newrank: no arrow goes back from frame to frame
LAST, ENTRY = {"weight": "9"}, {"arrowhead": "none", "weight": "7"}
BEFORE = {"style": "invis", "weight": "0"}
_BOX = {"shape": "box", "style": "rounded,filled", "penwidth": "1.5", "height": "0.44"}
OUTPUT = _BOX
LEAF = {**_BOX, "fixedsize": "shape"}  # the label takes more room than the box, and so keeps arrows away from it
CUT = {**_BOX, "style": "rounded,dashed", "color": ARROW, "fontcolor": ARROW, "fontsize": str(CUT_SIZE)}
MODULE = {**_BOX, "style": "rounded,dashed,filled", "fillcolor": "white", "color": INK, "height": "0.62",
          "ordering": "in"}
FRAME = {"style": "rounded,dashed", "color": ARROW, "penwidth": "1.5", "margin": "12", "labelloc": "t",
         "labeljust": "l", "class": "module"}
TURN = "#6A3FA0"  # what goes from turn to turn
LOOPS = {"newrank": "true", "ranksep": "0.5"}
LATER = {"style": "dashed", "constraint": "false", "color": TURN}
CARRIED = {**_BOX, "style": "rounded,dashed,filled", "fillcolor": "white", "color": TURN}
OPERATION = {"style": "rounded,filled", "fillcolor": "white", "color": INK, "penwidth": "2", "height": "0.54",
             "fontname": _SYMBOL_FONTS, "ordering": "in"}  # operands from top to bottom
PAIR = {"shape": "plain", "fixedsize": "false"}
DOT_ROOM, DOT_HEIGHT = 10, 8  # points; the first for each arrow that leaves a dot, so that they part before they turn
DOT = {"shape": "circle", "fixedsize": "shape", "style": "filled", "fillcolor": ARROW, "color": ARROW, "penwidth": "0",
       "width": "0.11", "height": "0.11"}
COLOURS = {  # fill, border
    "input":     {"fillcolor": "#E3F0FB", "color": "#1F6FB2"},
    "parameter": {"fillcolor": "#E4F4EA", "color": "#1E7B45"},
    "constant":  {"fillcolor": "#F2F2F2", "color": "#6B6B6B"},
    "output":    {"fillcolor": "#FFF3D6", "color": "#8A6100"},
}
# fmt: on


def inches(points: float) -> str:
    return f"{points / 72:.2f}"
