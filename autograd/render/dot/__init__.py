"""How a picture looks: the DOT language, Graphviz, and the SVG that is made of it."""
