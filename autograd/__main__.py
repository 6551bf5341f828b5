"""What is here, and what the parts that are missing would need: `python -m autograd`. And `check` for files."""

import argparse
import platform
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module, metadata

import autograd
from autograd.commands import add_version, run
from autograd.compiler.backends import BACKENDS, loaded
from autograd.engines import said
from autograd.functions import digamma
from autograd.installing import pip_install
from autograd.render.dot.graphviz import lay_out

_WIDTH = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it; the exit status is 0, also where something is missing, for all of that is optional.

    Args:
        arguments: what was typed after the command; None for the command line of this process.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["check"]:
        return _check(given[1:])
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="Prints the version, and which backends of compile and which renderers of draw work here; of each "
        "that does not, what to install. python -m autograd check FILE.py checks what a file of yours defines: an "
        "engine, an operation, or functions of numbers. The lessons are python -m demos.",
    )
    add_version(parser)
    parser.parse_args(given)
    for line in report():
        print(line)
    return 0


def _check(arguments: Sequence[str]) -> int:
    """Whether what a file defines is right; this needs packages that nothing else here does."""
    try:
        from autograd.laws.command import main
    except ImportError as missing:
        packages = pip_install("hypothesis", "mpmath")
        print(f"python -m autograd check needs hypothesis and mpmath: {packages} ({missing})")
        return 2
    return main(arguments)


def report() -> Iterator[str]:
    """Everything, line by line. Each part is tried, not looked up: what is listed works."""
    yield f"scalar-autograd {autograd.__version__}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield f"{python}, {platform.system()} {platform.machine()}"
    yield f"engine: {said()}"
    yield "\nbackends of compile"
    for name in BACKENDS:
        yield _line(name, lambda name=name: _backend(name))
    yield "\npictures by draw"
    yield _line("text, dot", lambda: "always")
    yield _line("Graphviz", _graphviz)
    yield _line("日本語 PNG", _japanese)
    yield "\nmore"
    yield _line("digamma …", _special)


def _line(name: str, tried: Callable[[], str]) -> str:
    """What a part says of itself, or what it lacks."""
    try:
        said = f"✓ {tried()}"
    except Exception as error:  # whatever is wrong with an optional package, the others are to be listed
        said = f"– {error}"
    wide = sum(character > "\u2e80" for character in name)  # these take two columns
    return f"  {name:<{_WIDTH - wide}}  {said}"


def _backend(name: str) -> str:
    autograd.compile(lambda x: x * x, 1.0, backend=name)(2.0)
    backend = BACKENDS[name]
    return f"{backend.package} {metadata.version(backend.package)}" if backend.package else str(loaded(backend.tool)())


def _graphviz() -> str:
    lay_out("digraph { a -> b }", "svg")
    program = shutil.which("dot") or f"pygraphviz {metadata.version('pygraphviz')}"
    return f"svg, png, pdf, html by {program}"


def _japanese() -> str:
    """PNG and PDF need a font; an SVG is given its letters by whoever shows it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lay_out('digraph { a [label="価格"] }', "png")
    return "a Japanese font was found"


def _special() -> str:
    digamma(1.0)
    return f"digamma, polygamma, erfinv by scipy {import_module('scipy').__version__}"


if __name__ == "__main__":
    sys.exit(run(main, "python -m autograd"))
