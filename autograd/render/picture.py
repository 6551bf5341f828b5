"""What a user calls: `draw`, and the `Picture` it gives."""

import os
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autograd.engine import Value
from autograd.render.dot import dot_text, title_of
from autograd.render.layout import lay_out
from autograd.render.snapshot import Snapshot
from autograd.render.svg import tidy
from autograd.render.text import clean
from autograd.render.words import WORDS


def draw(
    root: Value | Iterable[Value],
    *,
    title: str | None = None,
    language: Literal["ja", "en"] = "ja",
    digits: int = 4,
    grads: Literal["auto", True, False] = "auto",
    max_nodes: int = 200,
) -> "Picture":
    """A picture of the graph as it is now; later changes of the graph do not change it.

    The gradient under an arrow is what flows back along this arrow alone. Where a value is used several times the
    shares meet at a branch dot, and the arrow before the dot carries their sum.

    Args:
        root: the output, or several.
        title: instead of the formula; "" for none.
        digits: significant digits of the numbers.
        grads: whether to write gradients under the arrows; "auto" writes them if `backward` has run.
        max_nodes: refuse graphs with more nodes than this.

    Raises:
        TypeError, ValueError: an argument is not one of these; or the graph is too large to draw.
    """
    roots = _checked_roots(root)
    _check_choice("language", language, tuple(WORDS))
    _check_choice("grads", grads, ("auto", True, False))
    _check_count("digits", digits, 17)
    _check_count("max_nodes", max_nodes)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"draw(title={_show(title)}): wanted text or None, not {type(title).__name__}.")
    snapshot = Snapshot(roots, grads)
    if len(snapshot.nodes) > max_nodes:
        raise ValueError(
            f"draw: the graph has {len(snapshot.nodes)} nodes, more than max_nodes={max_nodes}. Draw a part of it, as "
            "in draw(node) for a node nearer the inputs, or pass a larger max_nodes."
        )
    heading = title_of(snapshot) if title is None else clean(title)
    dot, tooltips = dot_text(snapshot, heading, WORDS[language], digits)
    return Picture(dot, heading, tooltips)


class Picture:
    """A graph drawn by `draw`. In a notebook it shows itself.

    Args:
        dot: the picture in the DOT language.
        title: what a screen reader says of it.
        tooltips: what a pointer shows, by the names of the nodes in `dot`.
    """

    def __init__(self, dot: str, title: str = "", tooltips: Mapping[str, str] | None = None) -> None:
        self.dot, self.title, self._tooltips = dot, title, dict(tooltips or {})

    def svg(self) -> str:
        """The picture as SVG: self-contained, without a script, and with tooltips.

        Raises:
            GraphvizNotFound: neither `dot` nor pygraphviz is there; this and the two below hold for `png` and
                `save` too.
            TimeoutError: Graphviz did not come to an end.
            RuntimeError: Graphviz failed.
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        return tidy(lay_out(self.dot, "svg"), self.title, self._tooltips)

    def png(self) -> bytes:
        """The picture as PNG, two pixels to a screen's one (192 per inch)."""
        return lay_out(self.dot, "png")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file: SVG, PNG, PDF or DOT, by the suffix. There is never half a file.

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
            ".pdf": lambda: lay_out(self.dot, "pdf"),
            ".dot": self.dot.encode,
        }
        if target.suffix.lower() not in writers:
            raise ValueError(f"save({str(path)!r}): the name must end in {', '.join(writers)}.")
        if not target.parent.is_dir():
            raise FileNotFoundError(f"save({str(path)!r}): there is no folder {str(target.parent)!r}; make it first.")
        _write(target, writers[target.suffix.lower()]())
        return target

    def _repr_svg_(self) -> str | None:
        """For notebooks, which show the text of `repr` if this gives None."""
        try:
            return self.svg()
        except Exception:  # a notebook must go on, whatever is wrong with the machine
            return None

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}: .svg(), .png(), .dot, .save('name.svg')>"


def _write(target: Path, content: bytes) -> None:
    """Under another name first, so that a reader finds the old file or the new one and nothing between."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


# --- Arguments ----------------------------------------------------------------------------------------------


def _checked_roots(root: Any) -> list[Value]:
    wanted = "wanted a Value, or several in a list"
    if isinstance(root, Value):
        return [root]
    if isinstance(root, str | bytes | Set | Mapping) or not isinstance(root, Iterable):  # a set has no order
        raise TypeError(f"draw(root={_show(root)}): {wanted}, not {type(root).__name__}.")
    roots = list(root)
    for i, each in enumerate(roots):
        if not isinstance(each, Value):
            raise TypeError(f"draw(root): {wanted}, but root[{i}] is {_show(each)}, {type(each).__name__}.")
    if not roots:
        raise ValueError("draw(root=[]): wanted at least one Value.")
    return roots


def _check_choice(name: str, given: Any, choices: tuple[Any, ...]) -> None:
    if not any(given is choice or (isinstance(given, str) and given == choice) for choice in choices):
        wanted = " or ".join(map(repr, choices))
        raise ValueError(f"draw({name}={_show(given)}): wanted {wanted}.")


def _check_count(name: str, given: Any, most: int | None = None) -> None:
    wanted = f"a whole number from 1 to {most}" if most else "a whole number, at least 1"
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"draw({name}={_show(given)}): wanted {wanted}, not {type(given).__name__}.")
    if given < 1 or (most and given > most):
        raise ValueError(f"draw({name}={given}): wanted {wanted}.")


def _show(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 40 else f"{text[:37]}..."
