"""From a recorded scalar graph to a program on matrices.

The passes, each in a file, in order: `recording` runs the function once; `scalars` numbers, cleans and flattens the
graph; `lift` finds the matrix products and the elementwise steps; `layout` gives every number a place; a backend
writes the program (`writing` has what they share, `arrays` what those without arenas need). `lowering` calls the
passes one after the other, `kernel` and `program` run what came out. The package is not called `compile`, for that is
the function's name in `autograd`.
"""

from autograd.compiler.program import Program, compile
from autograd.compiler.recording import BranchChanged

__all__ = ["BranchChanged", "Program", "compile"]
