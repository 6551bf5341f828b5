"""Runs as a program of its own: DOT on standard input, a picture on standard output, drawn by pygraphviz.

The wheel of pygraphviz carries Graphviz. It runs in another process because it is C: that one can be stopped when
it takes too long, and cannot take the reader's session with it.
Usage: `python bundled.py FORMAT DPI FOLDER`, pygraphviz in FOLDER.
"""

import sys


def main(form: str, dpi: str, folder: str) -> None:
    sys.path.append(folder)
    import pygraphviz

    if int(pygraphviz.__version__.split(".")[0]) < 2:
        sys.exit("pygraphviz 2 or later is needed, which carries Graphviz: pip install 'pygraphviz>=2'")
    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
    graph.graph_attr["dpi"] = dpi
    sys.stdout.buffer.write(graph.draw(format=form, prog=graph.graph_attr.get("layout") or "dot") or b"")


if __name__ == "__main__":
    main(*sys.argv[1:])
