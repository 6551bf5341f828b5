"""The passes of the compiler of loops, one after the other; those of matrices are put together in lifted.py.

Each is a function of one program that gives another: scalars with their loops, loops as statements, statements without
gaps. Each language checks itself (`verify`) and computes (`evaluate`), so that tests hold every pass alone: it changes
nothing of what a program gives. With `AUTOGRAD_VERIFY` in the environment every program is checked behind every pass.
"""

import os
from collections.abc import Callable
from typing import Any

from autograd.compiler.loops.code import Code
from autograd.compiler.loops.forward import compute
from autograd.compiler.loops.nest import Nest
from autograd.compiler.loops.packing import pack
from autograd.compiler.loops.reverse import differentiate
from autograd.compiler.loops.rolling import roll
from autograd.compiler.scalar import Scalars

PASSES: tuple[Callable[[Any], Any], ...] = (roll, compute, pack)
"""From scalars to the code of what f returns."""
PASSES_BACK: tuple[Callable[[Any], Any], ...] = (roll, differentiate, pack)
"""From scalars to the code of a loss and its gradient."""


def rolled(program: Scalars) -> Nest:
    """The program with its loops."""
    return _through(program, PASSES[:1])


def code(nest: Nest, differentiate: bool) -> Code:
    """The code of a program with its loops.

    Raises:
        NotCompilable: a rule cannot be written down.
    """
    return _through(nest, (PASSES_BACK if differentiate else PASSES)[1:])


def _through(program: Any, passes: tuple[Callable[[Any], Any], ...]) -> Any:
    for each in passes:
        program = verified(each(program))
    return program


def verified(program: Any) -> Any:
    """The program; with `AUTOGRAD_VERIFY` in the environment it is checked first."""
    if os.environ.get("AUTOGRAD_VERIFY"):
        program.verify()
    return program
