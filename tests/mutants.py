"""Do the laws bite? Plants one bug at a time in a copy of the library and runs the laws on it: `make mutants`.

Each mutant is a file, a piece of its text that stands there exactly once, and what to put instead. A mutant that
passes the laws survives, and is reported; then a law is missing. This is no test: it takes minutes.

Each run is a fork of this process, in which the libraries are loaded already. The laws that are about what was changed
come first, then those that have killed before, quick ones first; and few examples are tried before many.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import hypothesis
import mpmath
import numpy
import pytest
import scipy.special

LOADED = (hypothesis, mpmath, numpy, scipy.special)  # and so not loaded by every run

ROOT = Path(__file__).parents[1]
LAWS = (
    *(
        "engine/test_semantics.py",
        "engine/test_graphs.py",
        "engine/test_transforms.py",
        "engine/test_sweep.py",
        "engine/test_operations.py",
    ),
    *("engine/test_own_operation.py", "engine/test_operands.py", "engine/test_exact.py", "engine/test_trees.py"),
    "engine/test_forms.py",
    *(
        "engine/test_identity.py",
        "engine/test_freed.py",
        "engine/test_state.py",
        "engine/test_comparisons.py",
        "engine/test_numpy.py",
    ),
)
OF_PROGRAMS = (
    *("compiler/test_compile.py", "compiler/test_structure.py", "compiler/test_program.py", "compiler/test_right.py"),
    *(
        "engine/test_trees.py",
        "engine/test_freed.py",
        "engine/test_forms.py",
        "compiler/test_kept.py",
        "compiler/test_reading.py",
    ),
)
OF_MATRICES = ("compiler/test_steps.py", "compiler/test_sums.py", *OF_PROGRAMS)
OF_CHECKS = ("check/test_check_right.py",)
OF_TREES = ("engine/test_trees.py",)
OF_ESTIMATORS = ("nn/test_weights.py", "nn/test_estimators_training.py")
OF_CURVES = ("lessons/test_plots.py", "nn/test_fit.py")
OF_TRAINING = ("nn/test_crosscheck.py", "nn/test_fit.py", "nn/test_files.py")
OF_NUMPY = ("engine/test_numpy.py",)
UFUNCS, CALLERS = "autograd/ufuncs.py", "autograd/callers.py"
FAMILIAR = "autograd/familiar.py"
OF_FORMULAS = ("render/test_notation.py",)
OF_EXPLANATIONS, OF_LANGUAGES = ("render/test_explain.py",), ("house/test_languages.py",)
REPEATS, OPERANDS = "autograd/render/graph/repeats.py", "autograd/render/graph/operands.py"
EXPLAIN, NAMES = "autograd/render/explain.py", "autograd/render/graph/names.py"
OF_SYMBOLS, SYMBOLS = ("render/test_symbols.py",), "autograd/render/graph/symbols.py"
LANGUAGES, WORDS, ERRORS = "autograd/languages.py", "autograd/words.py", "autograd/errors.py"
OF_NETWORKS = ("render/test_network.py", "nn/test_names.py")
DRAWN = SCENE, NETWORK_READ, NETWORK_PAGE, SHAPES = [
    f"autograd/render/{name}.py" for name in ("network/diagram", "network/layers", "network/page", "dot/shapes")
]
NN_NAMES = "nn/names.py"
OF_JAVASCRIPT = ("compiler/test_javascript.py",)
OF_PLAYGROUND = ("lessons/test_playground.py",)
OF_GUESSES, OF_LESSONS = ("lessons/test_guess.py",), ("lessons/test_data.py", "lessons/test_basic.py")
OF_EXERCISES = ("lessons/test_exercises.py",)
ANSWER, EXERCISE, CHECKING, EXERCISES_COMMAND, OWN_VALUE, OWN_PERCEPTRON = [
    f"demos/_exercises/{name}.py" for name in ("answer", "exercise", "checking", "command", "value", "perceptron")
]
OF_PAGES = ("render/test_live.py",)
OF_JUDGING = ("check/test_check_engine.py", "check/test_check_file.py", "check/test_testing.py")
JUDGED_BY = SHARED, DRAWING, GROWTH, JUDGED, DERIVED = [
    f"autograd/laws/{name}.py" for name in ("sweeps", "drawing", "extremes", "of_functions", "derivatives")
]
TRYING = "autograd/trying.py"
JUDGING = TRYING, *JUDGED_BY
FOREIGN, ADOPTED, MATCHING = (
    "autograd/foreign.py",
    "autograd/render/graph/adopted.py",
    "autograd/render/graph/matching.py",
)
HOLES, TAPE, RECORDED, STORY = [
    f"autograd/render/{name}.py" for name in ("page/holes", "graph/tape", "graph/recorded", "page/stories")
]
NUMBERS, TAPE_JS, LIVE = [f"autograd/render/page/assets/{name}.js" for name in ("numbers", "tape", "live")]
JAVASCRIPT, JAVASCRIPT_PRINTER = (
    "autograd/compiler/printers/javascript_functions.py",
    "autograd/compiler/printers/javascript.py",
)
GUESSED, GUESS, CANVAS = "demos/_guess/guess.js", "demos/guess.py", "demos/_shared/canvas.js"
STEEPEST, SLOPES_LESSON = "demos/steepest.py", "demos/slopes.py"
GENERALISATION, REPRESENTATION = "demos/generalisation.py", "demos/representation.py"
OF_DOCUMENT_002 = BASINS, CHAIN_RULE, DIVIDING, BATCH, ADVERTISING, SCALING = [
    f"demos/{name}.py" for name in ("basins", "chain_rule", "dividing", "batch", "advertising", "scaling")
]
LEARNING, PLAYED, PLAYGROUND = "demos/_playground/learning.js", "demos/_playground/playground.js", "demos/playground.py"
OF_LOOPS = (
    *("compiler/test_reading.py", "compiler/test_loops.py", "compiler/test_deep.py", "compiler/test_branches.py"),
    "compiler/test_slopes.py",
    "compiler/test_right.py",
)
OF_ENGINES = (
    "engine/test_engines.py",
    "engine/test_semantics.py",
    "engine/test_graphs.py",
    "engine/test_sweep.py",
    "engine/test_state.py",
    "engine/test_scale.py",
)
DOUBLES = "autograd/doubles.pyx"
COMPILED = (DOUBLES,)
OF_TOOLCHAIN = ("compiler/test_toolchain.py",)
OF_STEPS = ("compiler/test_steps.py", "compiler/test_deep.py")
C_STEPS, LANES = "autograd/compiler/matrices/c_steps.py", "autograd/compiler/matrices/lanes.py"
TOOLCHAIN = "autograd/compiler/toolchain.py"
OF_WAYS = ("compiler/test_ways.py", "compiler/test_derivatives.py")
WAY, WAYS, REPLAY = (f"autograd/compiler/{name}.py" for name in ("way", "ways", "replay"))
C_WAYS, EXPORT_FUNCTIONS, EXPORT_NAMES, EXPORTING, UNREAD = FILES_OF_EXPORT = [
    f"autograd/compiler/{name}.py"
    for name in ("export/ways", "export/functions", "export/names", "export/files", "loops/unread")
]
WHOLE = "autograd/files.py"
OF_EXPORT = ("compiler/test_export.py", "compiler/test_export_ways.py")
OF_PICTURES = ("compiler/test_loop_picture.py", "compiler/test_picture.py")
OF_LOOPS_IN_JAX = ("compiler/test_loops_jax.py",)
OF_MATRICES_IN_JAX = ("compiler/test_jax.py",)
OF_SOLUTIONS = ("engine/test_implicit.py",)
SYSTEM, SOLUTIONS, IN_PROGRAMS, CALL = (
    f"autograd/implicit/{name}.py" for name in ("system", "solutions", "programs", "call")
)
BEHAVIOUR, OPERATION, ENGINE, SWEEP, RULES, REALS, FORWARDS, FUNCTIONS, TRANSFORMS = (
    f"autograd/{name}.py"
    for name in ("behaviour", "operation", "engine", "sweep", "rules", "reals", "forwards", "functions", "transforms")
)
NOTATION, FORMS = "autograd/notation.py", "autograd/forms.py"
FLOATS, WRITING, RECORDING, PROGRAM = (
    f"autograd/compiler/{name}.py" for name in ("floats", "writing", "recording", "program")
)
COMPILER_OF_MATRICES = (
    SUMS,
    NORMAL,
    LIFT,
    LAYOUT,
    STEPS,
    COTANGENTS,
    STEP_SLOPES,
    RECALLING,
    CONTRACTIONS,
    NUMPY,
    VIEWS,
    KERNEL,
    LIFTED,
) = [
    f"autograd/compiler/{name}.py"
    for name in (
        *("sums", "matrices/normal", "matrices/lift", "matrices/layout", "matrices/steps", "matrices/cotangents"),
        "matrices/step_slopes",
        "matrices/recalling",
        *("matrices/numpy_contractions", "matrices/numpy_backend", "matrices/views", "matrices/kernel"),
        "matrices/lifted",
    )
]
COMPILER_OF_LOOPS = (
    SCALAR,
    PERIODS,
    RAGGED,
    ROLLING,
    NEST,
    DATAFLOW,
    FORWARD,
    ACTIVITY,
    REVERSE,
    SLOPES,
    PACKING,
    EXPRESSIONS,
    C_PRINTER,
    BRACES,
    PYTHON_PRINTER,
    ROLLED,
    CHOOSING,
) = [
    f"autograd/compiler/{name}.py"
    for name in (
        *("scalar", "loops/periods", "loops/ragged", "loops/rolling", "loops/nest", "loops/dataflow", "loops/forward"),
        *("loops/activity", "loops/reverse", "slopes", "loops/packing", "printers/expressions", "printers/c"),
        *("printers/braces", "printers/python", "loops/rolled", "choosing"),
    )
]
LOOP_TEXT, LOOP_PICTURE, PICTURE, DIAGRAM = (
    f"autograd/compiler/drawing/{name}.py" for name in ("loop_text", "loop_picture", "picture", "diagram")
)
JAX = "autograd/compiler/matrices/jax_backend.py"
JAX_WORDS, JAX_LOOPS = "autograd/compiler/printers/jax_words.py", "autograd/compiler/printers/jax.py"
JAX_RULES, ARRAYS = "autograd/compiler/matrices/jax_rules.py", "autograd/compiler/matrices/arrays.py"
CHECK_SLOPES, CHECK_VERDICTS, CHECK_TRIAL, CHECK_GRADIENT, CHECK_SECOND, CHECK_ARGUMENTS = (
    f"autograd/check/{name}.py" for name in ("slopes", "verdicts", "trial", "gradient", "second", "arguments")
)
TREES, CONTAINERS, CALLS = "autograd/trees.py", "autograd/containers.py", "autograd/calls.py"
ESTIMATORS, NETWORKS, PERCEPTRONS = (f"nn/estimators/{name}.py" for name in ("base", "multilayer", "perceptron"))
EAGER, LOSSES = "nn/eager.py", "nn/losses.py"
CURVES, HISTORY = "nn/plots.py", "nn/history.py"
CROSSCHECK, TRAINING, BACKENDS, CHECKPOINT, FILES, MODULE, OPTIMIZERS = (
    f"nn/{name}.py" for name in ("crosscheck", "training", "backends", "checkpoint", "files", "module", "optimizers")
)

Mutant = tuple[str, str, str, str]
MUTANTS: tuple[Mutant, ...] = (
    ("a product of integers a float", DOUBLES, "            if not (_is_double(a) or _is_double(b)) or (", "            if ("),
    ("an integer in a kernel that is not arithmetic", DOUBLES, "(op.code > ARITHMETIC and not (_is_double(a) and _is_double(b)))", "False"),
    ("a root of an integer by the kernel", DOUBLES, "        if not _is_double(x) or self", "        if self"),
    ("an infinite value passed on", DOUBLES, "        if not isfinite(y):", "        if False:"),
    ("a kernel for any number of operands", DOUBLES, " and OPERANDS[self.code] == len(operands):", ":"),
    ("kernels under no_grad", DOUBLES, "        there = bool(<tuple> value)\n", "        there = False\n"),
    ("nodes that are not told of", DOUBLES, "                watcher.made(node)\n", "                pass\n"),
    ("operands turned", DOUBLES, "        node._left = a\n        node._right = b\n", "        node._left = b or a\n        node._right = a if b is not None else None\n"),
    ("a gradient overwritten by a kernel", DOUBLES, "        x.slope += g\n", "        x.slope = g\n"),
    ("an exact gradient forgotten", DOUBLES, "        x.grad = x.exact.grad + g\n", "        x.slope += g\n        x.mark |= 1\n"),
    ("what arrived not marked", DOUBLES, "        x.slope += g\n        x.mark |= 1\n", "        x.slope += g\n"),
    ("nothing is taken for something", DOUBLES, "    if flows & 1:\n", "    if True:\n"),
    ("what a kernel cannot say is nothing", DOUBLES, "    if flows < 0:\n        return 0\n", ""),
    ("an infinite gradient passed on", DOUBLES, "    if not isfinite(node.slope) or (node", "    if (node"),
    ("gradients between not cleared by kernels", DOUBLES, "                node.slope = 0.0\n                node.mark &= ~1ull\n", "                pass\n"),
    ("gradients of leaves cleared", DOUBLES, "            if node._left is None:\n                if node.mark & 1 and", "            if False:\n                if node.mark & 1 and"),
    ("a label kept by a spare node", DOUBLES, "        (<Node> node).label = None", "        pass"),
    ("exact numbers kept by a spare node", DOUBLES, "        (<Node> node).exact = None", "        pass"),
    ("a gradient kept by a spare node", DOUBLES, "        node.mark = 0\n        return node", "        node.mark = 1\n        return node"),
    ("spare nodes without a bound", DOUBLES, "_spares < AUTOGRAD_SPARES", "_spares >= 0"),
    ("a sum for a difference", DOUBLES, "_ARITHMETIC[1]", "_ARITHMETIC[0]"),
    ("labels of calls lost", DOUBLES, "named[name] = <object> arguments[k]", "pass"),
    ("gradients of leaves forgotten", DOUBLES, "if node.mark & 1 and node.slope:", "if False:"),
    ("right operands first", DOUBLES, "                if node._right is not None:\n                    stack.push(node._right, 0)\n                node = <Node> node._left\n", "                stack.push(node._left, 0)\n                if node._right is None:\n                    break\n                node = <Node> node._right\n"),
    ("large integers compared as floats", DOUBLES, "(type(right) is int and -_LARGEST <= right <= _LARGEST)", "type(right) is int"),
    ("large integers held as floats", DOUBLES, "x if type(x) is int and -_LARGEST <= x <= _LARGEST else NAN", "x if type(x) is int and -1e300 <= x <= 1e300 else NAN"),
    ("< for <=", DOUBLES, "            return a <= b\n", "            return a < b\n"),
    ("integers all small", DOUBLES, "        if 0 <= x < _SMALL:", "        if -1 <= x < _SMALL:"),
    ("a deep graph dropped node in node", DOUBLES, "    if Py_REFCNT(operand) == 1 and", "    if False and"),
    ("what moves taken for a constant", DOUBLES, "            if (a | b) & 3:\n", "            if a & 3:\n"),
    ("instructions that differ in the right operand one", DOUBLES, " and row[1] == a and row[2] == b:", " and row[1] == a:"),
    ("places lost where there are many", DOUBLES, "            if old[2 * k]:\n", "            if False:\n"),
    ("instructions lost where there are many", DOUBLES, "        for k in range(self.count):\n            self.slot(", "        for k in range(0):\n            self.slot("),
    ("the first label forgotten", DOUBLES, "labels.setdefault(operand >> 4, node.label)", "labels[operand >> 4] = node.label"),
    ("a node made anew keeps its label", DOUBLES, " or node.label is not None or node.exact is not None or node.mark:", ":"),
    ("an exact number shared and changed", DOUBLES, "            self.exact = _exact(x, _DOUBLE if self.exact is None else self.exact.grad)", "            if self.exact is None:\n                self.exact = _exact(x, _DOUBLE)\n            self.exact.data = x"),
    # ways, and the derivatives of each row
    ("rows of another way left out", WAYS, "            for guard in np.unique(broken[~held]).tolist():", "            for guard in np.unique(broken[~held]).tolist()[:1]:"),
    ("results in the order of the ways", WAYS, "            result[:, part.rows] = numbers\n", "            result[:, : len(part.rows)] = numbers\n"),
    ("gradients of the last way alone", WAYS, "loss + more, gradient + added", "loss + more, added"),
    ("the mean over the rows of each way", WAYS, "kernel.loss_and_gradient(*given, False)", "kernel.loss_and_gradient(*given, True)"),
    ("a sum where the mean was asked for", WAYS, "(loss / columns, gradient / columns) if mean else", "(loss, gradient) if mean else"),
    ("ways recorded with the first parameters", WAYS, "held = {**self.frozen, **dict(zip(self.parameters, theta or (), strict=False))}", "held = self.frozen"),
    ("frozen numbers as they are now", WAYS, "                    self.frozen.setdefault(node, node.data)\n", "                    pass\n"),
    ("Values keep the numbers of a recording", WAYS, "            x.data = before\n", "            pass\n"),
    ("arguments taken for frozen numbers", WAYS, "            own = {*recording.inputs, *self.parameters}", "            own = {*self.parameters}"),
    ("a way recorded again and again", WAYS, "        if outcomes not in self._numbers:\n", "        if True:\n"),
    ("where a row goes on is not kept", WAYS, "                self._next[number, guard] = onward\n", "                pass\n"),
    ("a row sent where it was before", WAYS, "        if onward is not None and onward not in tried:\n            return", "        if onward is not None:\n            return"),
    ("one way more than is allowed", WAYS, "        if len(self.known) < most:", "        if len(self.known) <= most:"),
    ("the comparison that parts least is named", WAYS, "parted.most_common(1)[0] if", "parted.most_common()[-1] if"),
    ("another structure on another way", WAYS, "            if (way.results.paths, way.results.shapes) != (first.results.paths, first.results.shapes):", "            if False:"),
    ("rows that are computed alone are not counted", WAYS, "                    yield self._counted(first)\n", "                    yield first\n"),
    ("the function kept in pickles", WAYS, '"_learner": None, "_lock": None', '"_lock": None'),
    ("guards of f forgotten in derivatives", WAY, "replace(recording, guards=(*again.guards, *recording.guards))", "recording"),
    ("derivatives at the parameters of the Values", WAY, '        parameters = [Value(x) for x in self.theta]\n        again = Replay(self.program.scalars, self.results, parameters)\n        with uncollected()', '        parameters = [Value(1.0) for x in self.theta]\n        again = Replay(self.program.scalars, self.results, [x.data for x in parameters])\n        with uncollected()'),
    ("derivatives are not kept", WAY, "            self._derived[kind] = self._derive(kind)\n        return self._derived[kind]", "            return self._derive(kind)\n        return self._derived[kind]"),
    ("a row alone at the parameters of the example", WAY, "        parameters = [Value(x) for x in theta]\n", "        parameters = [Value(x) for x in self.theta]\n"),
    ("inputs and parameters swapped", REPLAY, "INPUT: inputs, PARAMETER: self.parameters", "PARAMETER: inputs, INPUT: self.parameters"),
    ("arrays turned", REPLAY, "    return array.reshape(shape)", "    return array.reshape(shape[::-1]).T"),
    ("labels of scalars lost", REPLAY, 'y.label = program.labels.get(k, "")', "pass"),
    ("the last guard that a row breaks", RECORDING, "found[(found < 0) & (COMPARE", "found[(COMPARE"),
    ("guards of the first row for all", PYTHON_PRINTER, "        broken[(broken < 0) & (found != outcome)] = number", "        broken[broken < 0] = number if np.ravel(found)[0] != outcome else -1"),
    ("C goes on with the row that broke", ROLLED, "            start += scratch.row + 1\n            broken[start - 1]", "            start += max(scratch.row, 1)\n            broken[start - 1]"),
    ("a position counted from the wrong end", PROGRAM, "    return int(k) % count\n", "    return int(k)\n"),
    ("programs without branches learn", WAYS, "learner is not None and bool(first.checks)", "learner is not None"),
    ("a model that branches kept by its program", ESTIMATORS, "        if not program.guards:  # else", "        if True:  # else"),
    ("a way that cannot be compiled ends the training", TRAINING, "        except (BranchChanged, NotCompilable) as error:\n", "        except BranchChanged as error:\n"),
    ("the graph takes over from a program that was asked for", TRAINING, "            if self.insists or self.program is self.graph:\n", "            if self.program is self.graph:\n"),
    # pictures of networks, and the names of parameters
    ("the sign of a weight in the wrong colour", SCENE, "return Diagram.colours[sign + 1], sign < 0", "return Diagram.colours[1 - sign], sign < 0"),
    ("positive weights dashed", SCENE, "return Diagram.colours[sign + 1], sign < 0", "return Diagram.colours[sign + 1], sign > 0"),
    ("lines as wide as the weight is large with its sign", SCENE, "part = abs(weight.number) / self.largest if", "part = weight.number / self.largest if"),
    ("columns so near that lines cross circles", SCENE, "return max(165.0, min(320.0, 0.42 * self.rows * self.pitch))", "return 100.0"),
    ("dots of gradients filled the other way", SCENE, "fill = RED if weight.gradient > 0 else", "fill = RED if weight.gradient <= 0 else"),
    ("gradients that are asked for not shown", SCENE, 'if grads == "auto" else bool(grads)', 'if grads else False'),
    ("numbers in circles with all their digits", SCENE, "0.92 * size * width(text) <= room", "True"),
    ("curves upside down", SCENE, "y0 + tall / 2 - (y - low)", "y0 - tall / 2 + (y - low)"),
    ("the inner sum without its bias", NETWORK_READ, "weighted + (neuron.bias.number if neuron.bias else 0.0)", "weighted"),
    ("layers that do not fit drawn", NETWORK_READ, "if len(before.weights) != len(after.weights[0]):", "if False:"),
    ("infinite weights drawn", NETWORK_READ, "if not math.isfinite(number) or not math.isfinite(gradient):", "if False:"),
    ("comparisons on the way not counted", NETWORK_READ, "network.has_compared = branches.count > 0", "network.has_compared = False"),
    ("the first neuron's graph for all", NETWORK_PAGE, "for neuron, order in zip(column.neurons, orders, strict=True)", "for neuron, order in zip(column.neurons, [orders[0]] * len(orders), strict=True)"),
    ("the gradient of the model touched", NETWORK_PAGE, "    found[0].grad = 1.0  # it is", "    found[0].backward()  # it is"),
    ("numbers of weights lie on one another", SCENE, "0.9 / (min(sources, targets) + 1)", "1.0"),
    ("numbers of weights near the crowded side", SCENE, "1 - part if targets > sources else part", "part"),
    ("numbers on small circles", SCENE, "26 if self.is_roomy or self.is_numbered else 16", "16"),
    ("the head of a dashed arrow has gaps", SHAPES, "_pen(0.1, False, shape.colour)", "_pen(0.1, shape.dashed, shape.colour)"),
    ("circles upside down for Graphviz", SHAPES, "{_n(high - point[1])}", "{_n(point[1])}"),
    ("indices of a wide layer run together", NN_NAMES, "between(max(nin, len(neurons)))", "between(0)"),
    ("layers counted from 0", NN_NAMES, "enumerate(layers, 1)", "enumerate(layers)"),
    ("a parameter in a list not marked", MODULE, "        for part in given.values() if isinstance(given, Mapping) else given:\n            _mark(part, seen)", "        pass"),
    # pages that compute
    ("JavaScript's own power for a square", JAVASCRIPT, '"square": "(a) => a * a"', '"square": "(a) => a + a"'),
    ("where nothing flows a zero in JavaScript, and a number where something does", JAVASCRIPT, '? ({text}) : null"', '? null : ({text})"'),
    ("the coefficients of a mean forgotten", JAVASCRIPT, "if coefficient != 1 or not forms:", "if not forms:"),
    ("a hole of a summand without its sign", HOLES, 'how = super().sum, "a" if space else "b"', 'how = super().sum, ""'),
    ("brackets of a hole forgotten", HOLES, '"s" if rank > SIGN else "n" if after_sign else ""', '""'),
    ("constants that are moved", TAPE, "leaves = [k for k, inputs in enumerate(self.inputs) if not inputs and not self.is_constant(k)]", "leaves = [k for k, inputs in enumerate(self.inputs) if not inputs]"),
    ("parameters that are not marked", TAPE, "learns = (modules or Modules()).learns", "learns = Modules().learns"),
    ("numbers that do not fit computed from", TAPE, "            if not right:\n", "            if False:\n"),
    ("fractions rounded without a word", TAPE, "return isinstance(x, float) or (x.__class__ is int and abs(x) <= 2**53)", "return True"),
    ("what came before a comparison grey too", TAPE, "at = sum(1 for turn in turns if turn < guard.after)", "at = 0"),
    ("half up", NUMBERS, '(tail === "5" && head % 2n)', 'tail === "5"'),
    ("a carry that is lost", NUMBERS, "if (head.length > digits) power += 1;", ""),
    ("the least of several only", NUMBERS, "[Math.min(...numbers), Math.max(...numbers)]", "[Math.min(...numbers)]"),
    ("comparisons of a page not looked at", TAPE_JS, "return found !== outcome;", "return false;"),
    ("gradients that are passed once", TAPE_JS, "this.totals[source] += Number.isFinite(each) ? each : NaN;", "this.totals[source] = Number.isFinite(each) ? each : NaN;"),
    ("zero times infinity passed over", TAPE_JS, "const flowing = reached.has(k) ? this.rule(k, g)", "const flowing = g !== 0 ? this.rule(k, g)"),
    ("descent that climbs", LIVE, "tape.values[k] -= rate * slopes[i];", "tape.values[k] += rate * slopes[i];"),
    ("descent beyond a broken comparison", LIVE, "if (tape.broken || !slopes.every", "if (!slopes.every"),
    ("the picture not renewed", LIVE, "  writePairs(live.pairs, tape, find);\n", ""),
    ("undo that forgets", LIVE, "const begin = () => { if (fresh) keep(); fresh = false; };", "const begin = () => {};"),
    ("Escape keeps what was typed", LIVE, "to(tape.recorded.get(k)); field.select();", "field.select();"),
    ("gradients of outside Values kept", RECORDED, "            node.grad = grad\n", "            pass\n"),
    ("what arrives where nothing does told as a product", STORY, "return step if (step.says, step.box) == (text, box) else replace(step, upstream=refs, otherwise=(text, box))", "return step"),
    # programs in JavaScript, and the playground
    ("gradients of one call in the next, in JavaScript", JAVASCRIPT_PRINTER, "g.fill(0, 0, {self.code.parameters});", ""),
    ("adjoints kept where a guard is broken", JAVASCRIPT_PRINTER, "{cleared}throw", "throw"),
    ("rows of JavaScript as long as the outputs", JAVASCRIPT_PRINTER, '{"x": self.code.inputs,', '{"x": self.code.outputs,'),
    ("names that may not change", JAVASCRIPT_PRINTER, '.replace("const", "let", 1)', ""),
    ("the number of a guard off by one in JavaScript", JAVASCRIPT_PRINTER, "guard {guard + 1}", "guard {guard}"),
    ("L2 without its 2", LEARNING, "+ 2 * l2 * theta[k]", "+ l2 * theta[k]"),
    ("the gradient of the sum", LEARNING, "this.gradient[k] / samples.rows", "this.gradient[k]"),
    ("neurons that are not there learn", LEARNING, "for (const k of this.places) theta[k] -=", "for (let k = 0; k < theta.length; k++) theta[k] -="),
    ("weights from 0 to 1", LEARNING, "2 * next() - 1", "next()"),
    ("a step that cannot be done is done", LEARNING, "    theta.set(before);\n", ""),
    ("parameters of a layer as wide as it is", LEARNING, "(k < widths.length ? WIDE : 1) * (room + 1)", "width * (room + 1)"),
    ("the neuron before the one pressed", PLAYED, "shown = is || layer === network.widths.length ? null : [layer, neuron];", "shown = null;"),
    ("motion where none is wanted", PLAYED, "if (still.matches && now - drawn < CALM) return;", ""),
    ("points held out are learned from", PLAYED, "network.step(set.learnedSamples,", "network.step(set.heldSamples,"),
    ("all points learned from", PLAYGROUND, "held[rng.permutation(np.flatnonzero(y == side))[::HELD_OUT]] = True", "pass"),
    ("classes in the order of their letters", PLAYGROUND, "return sorted(labels, key=float)", "return sorted(labels)"),
    # a line by hand, and the lessons on gradients and data
    ("a program that climbs", GUESSED, "w[k] = x - rates[rate] * g[k];", "w[k] = x + rates[rate] * g[k];"),
    ("what the program finds is one's own", GUESSED, "  count += 1;", "  count += 1; best = Math.min(best, lossOf(w));"),
    ("a point off the map", GUESSED, "Math.min(reach[1], Math.max(reach[0], x))", "x"),
    ("a map upside down under the pointer", GUESSED, "part(box.y + box.height, event.clientY - top, box.height)", "part(event.clientY - top, box.y, box.height)"),
    ("a point that is never let go", GUESSED, "if (pulled) judged(); pulled = false;", "if (pulled) judged();"),
    ("all steps at once though motion is welcome", GUESSED, "still.matches ? 5000 : 1", "5000"),
    ("every datum with the error of all", GUESSED, "program.loss(1, each[k], w, new Float64Array(2))", "lossOf(w)"),
    ("Shift goes as far", GUESSED, "event.shiftKey ? 0.01 : 0.1", "0.1"),
    ("words that stay in one language", CANVAS, "  words = given.words[language];\n", ""),
    ("a slider that does not see the other", GUESS, "loss((w0, places))", "loss((START[0], places))"),
    ("a slope twice as steep", STEEPEST, "/ (2 * SHORT)", "/ SHORT"),
    ("both weights with the first row", SLOPES_LESSON, "off * 1, off * x", "off * 1, off * 1"),
    ("the degree of least training error", GENERALISATION, "int(np.argmin(validation))", "int(np.argmin(train))"),
    ("the degree chosen on the test data", GENERALISATION, 'for name in ("train", "validation"))', 'for name in ("train", "test"))'),
    ("crosses that forget the weather", REPRESENTATION, "hour // BUCKET * KINDS + weather", "hour // BUCKET * KINDS"),
    ("rides that were learned from", REPRESENTATION, "return np.arange(RIDES) % HELD_OUT == 0", "return np.arange(RIDES) < 0"),
    ("a step of the runaway too", BASINS, ".max(axis=1) < FAR", ".max(axis=1) < np.inf"),
    ("the farthest minimum", BASINS, "distances.argmin(axis=1), -1)", "distances.argmax(axis=1), -1)"),
    ("a node that learns before it hands on", CHAIN_RULE, "g_h1 = g_u * self.a", "g_h1 = g_u * (self.a - self.lr * g_u * self.x)"),
    ("a node without the slope of tanh", CHAIN_RULE, "g_u = g * (1 - self.h**2)", "g_u = g"),
    ("the slide's sign", DIVIDING, "return -(w[0] * x1 + w[2]) / w[1]", "return (w[0] * x1 + w[2]) / w[1]"),
    ("a loss that takes the mean backward", BATCH, "return 2 * self.diff", "return 2 * self.diff / len(self.diff)"),
    ("x that meets the w of tomorrow", BATCH, "g_x = g @ self.w.T", "g_x = g @ (self.w - self.lr * self.g_w).T"),
    ("shapes of w and x in each other's place", BATCH, '"x": "(k, n)", "w": "(n, 1)"', '"x": "(n, 1)", "w": "(k, n)"'),
    ("runs that all start alike", ADVERTISING, "np.random.default_rng(seed)", "np.random.default_rng(0)"),
    ("a bias in other units", SCALING, "+ scaling.shift[-1] - w @", "- w @"),
    ("a condition number of the middle", SCALING, "smallest, *_, largest = learned", "smallest, largest, *_ = learned"),
    # pictures and texts of programs of matrices
    ("a copy that is added replaces", DIAGRAM, "if not adds:\n            self.held", "if True:\n            self.held"),
    ("of what several copies bring the last", DIAGRAM, "self._sum(int(self.held[cell]), each)", "each"),
    ("a sum is half of it", DIAGRAM, "waiting += self._sums[_CONSTANT - 1 - each]", "waiting += self._sums[_CONSTANT - 1 - each][:1]"),
    ("what a step adds to is not read", WRITING, "found += [step.out] if step.adds else []", ""),
    ("operands that a rule does not read", WRITING, "[*step.read.values()]", "[x for x in step.operands if isinstance(x, View)]"),
    ("an arrow with a part of what it brings", DIAGRAM, "shape if times[maker] == 1 else together[maker]", "shape"),
    ("a part in the shape of the whole", DIAGRAM, 'if count == box.size and box.kind != "parameter":', 'if box.kind != "parameter":'),
    ("the other matrix turned", WRITING, "{terms}×{columns[0]}", "{columns[0]}×{terms}"),
    ("the bias counted with the weights", WRITING, "{step.left.shape[2] - 1}", "{step.left.shape[2]}"),
    ("line ends in titles", WRITING, "c if c.isprintable() else", "c if c else"),
    ("a reduction that costs nothing more", WRITING, "terms if id(form) in within else 1", "1"),
    ("a third power taken for a second", NOTATION, "if square and count == 2 and", "if square and count > 1 and"),
    ("what is taken away is added", NOTATION, "self.negative(part) if taken else part", "part"),
    ("one operand for two", NOTATION, "found.setdefault(int(pattern.leaf), form) == form", "bool(found.setdefault(int(pattern.leaf), form))"),
    # triangles
    ("one turn too many of an inner loop", NEST, "here = np.arange(loop.count) < loop.turns", "here = np.arange(loop.count) <= loop.turns"),
    ("what follows a longer loop stays where it was", NEST, "loop.span + each.slide for loop", "loop.span for loop"),
    ("numbers with their gaps", NEST, "new[place] if each.kind == VALUE else place", "place"),
    ("inner loops of C as long as the longest", BRACES, "stop = index(turns) if turns else count", "stop = count"),
    ("inner loops of Python as long as the longest", PYTHON_PRINTER, "index(turns) if turns else count", "count"),
    ("a turn that does nothing", RAGGED, " & (triangle.fewest() > 0)", ""),
    ("turns before the first that do something else", RAGGED, "and bool((self._alike(start, len(made)) == made).all())", ""),
    ("operands wherever they are", RAGGED, "found.append((moved.any(axis=(2, 3)) | any(outputs)) & exist)", "found.append(np.zeros_like(exist))"),
    ("what a piece does first and last as in between", RAGGED, "sides = [int(here[0]), int(here[-1])]", "sides = [0, 0]"),
    ("outputs in triangles", RAGGED, " | any(outputs)) & exist", ") & exist"),
    ("turns begun in the middle", RAGGED, "return int(np.argmin(handed)) if 2 * min(handed) <= handed[0] else 0", "return 0"),
    ("turns begun anywhere", RAGGED, "shift = int(np.argmin(handed))", "shift = 0"),
    ("a table of what is not there", ROLLING, "first = np.expand_dims(exist.argmax(axis), axis)", "first = np.expand_dims(0 * exist.argmax(axis), axis)"),
    # the front end: reading and choosing
    ("what was there before f ran left out", RECORDING, "if all(node.is_leaf for node in reached.difference(made)):", "if True:"),
    ("operations that no result needs", RECORDING, "            if node in reached:\n                made", "            if True:\n                made"),
    ("the operands of where left out", RECORDING, "                    reached.update(left)", "                    pass"),
    ("zeros of one sign", SCALAR, "key = number or number.hex()", "key = number"),
    ("parameters computed again", SCALAR, "        if self.above:\n", "        if False:\n"),
    ("results that wait", CHOOSING, "isinstance(what, Op) and not _is_sum(what) for what", "not isinstance(what, Op) or not _is_sum(what) for what"),
    ("numbers that slopes read finite", CHOOSING, " | numbers[here][:, read].any(axis=1)", ""),
    ("infinities before the first branch alone", CHOOSING, "infinite[: int(np.flatnonzero(gates)[-1])]", "infinite[: int(np.flatnonzero(gates)[0])]"),
    ("rows numbered with gaps", PERIODS, "return (np.cumsum(there) - 1)[numbers]", "return numbers"),
    ("statements of what is too long", CHOOSING, "rolled = Rolled.of(program)\n    if rolled", "rolled = Rolled.of(program)\n    rolled.code(gradient)\n    if rolled"),
    # steps in C
    ("lanes that are left over summed too", C_STEPS, "first + 8 - (count)", "first"),
    ("one lane too many put", C_STEPS, "if ((count) < 8)", "if ((count) < 7)"),
    ("sums of lanes mixed up", C_STEPS, "PICK(a, b, 2, 3, 10, 11, 6, 7, 14, 15)", "PICK(a, b, 2, 3, 11, 10, 6, 7, 14, 15)"),
    ("what stands there added to", C_STEPS, "if several and not step.adds:", "if False:"),
    ("reductions that begin anew", C_STEPS, "for (k = 1; k < count; k++)", "for (k = 2; k < count; k++)"),
    ("rows that go on in the wrong place", LANES, "count * each for each in lanes", "each for each in lanes"),
    ("axes that are one counted once", LANES, "Axis(outer.size * inner.size, inner.strides)", "Axis(inner.size, inner.strides)"),
    ("libraries of other processors", TOOLCHAIN, "_processor() if call[-1]", "\"\" if call[-1]"),
    ("what a compiler says of an option", TOOLCHAIN, "with suppress(RuntimeError):  # a compiler", "with suppress(KeyError):  # a compiler"),
    ("all that C is asked for as loops", CHOOSING, "if wide and not (gradient and _may_lose(program)):", "if name != \"c\" and wide and not (gradient and _may_lose(program)):"),
    # C that stands alone
    ("the first guard of each way numbered alike", C_WAYS, "return first[*way] + status;", "return status;"),
    ("rows sent on for ever", C_WAYS, "if (next < 0 || turns > {self.count}) return", "if (next < 0) return"),
    ("the way of the row before", C_WAYS, "  *way = 0;\n", ""),
    ("the first row for all", C_WAYS, "arguments[{k}] + r * {size}", "arguments[{k}] + 0 * r * {size}"),
    ("gradients of the last row alone", C_WAYS, "gradient[k] += g[k];", "gradient[k] = g[k];"),
    ("a sum over the ways for a mean", C_WAYS, "{divided if mean else ''}", "{divided if not mean else ''}"),
    ("the Jacobian of the first way", C_WAYS, "status = ways[way](1, at, parameters, outputs + r", "status = ways[0](1, at, parameters, outputs + r"),
    ("the row that breaks a guard in its block", EXPORT_FUNCTIONS, "*broken = start + r; return {k};", "*broken = r; return {k};"),
    ("adjoints that do not begin at 0", EXPORT_FUNCTIONS, "k < {cleared}; k++) memory[k] = 0;", "k < 0 * {cleared}; k++) memory[k] = 0;"),
    ("blocks of rows that are no sum", EXPORT_FUNCTIONS, "k < {count}; k++) gradient[k] += g[k];", "k < {count}; k++) gradient[k] = g[k];"),
    ("what stands behind an arena not there", EXPORT_FUNCTIONS, "more = room + _BEHIND + _IN_LINE - 1", "more = room"),
    ("the last block as long as the others", EXPORT_FUNCTIONS, "const size_t n = rows - start < most ? rows - start : most;", "const size_t n = most;"),
    ("arguments of the first block again", EXPORT_FUNCTIONS, "= arguments[k][(start + r) * sizes[k] + i];", "= arguments[k][r * sizes[k] + i];"),
    ("the mean of no rows a number", EXPORT_FUNCTIONS, "const double n = rows ? (double)rows : NAN;", "const double n = rows ? (double)rows : 1;"),
    ("memory that is missing used", EXPORT_FUNCTIONS, "{memory}  if (!memory) return -1;\n", "{memory}"),
    ("memory that is not given back", EXPORT_FUNCTIONS, "return f\"{taken}{begin}\", places, f\"  free(memory);\\n{end}\"", "return f\"{taken}{begin}\", places, end"),
    ("names that the language has", EXPORT_NAMES, "if name in _TAKEN or _NUMBERED", "if _NUMBERED"),
    ("labels that end their comment", EXPORTING, "about=commented(\"\\n\".join(self._about())),", "about=\"\\n\".join(self._about()),"),
    ("half a file where the old one stood", WHOLE, "with open(temporary, \"xb\"", "with open(target, \"wb\""),
    ("names that nobody reads", UNREAD, "elif (name := _name(each)) is None or name in live:", "else:"),
    # the C toolchain
    ("products and sums fused", TOOLCHAIN, "\"-ffp-contract=off\"", "\"-ffp-contract=fast\""),
    ("powers rewritten, constants folded", TOOLCHAIN, ", *(f\"-fno-builtin-{name}\" for name in _CALLED)", ""),
    ("fast arithmetic", TOOLCHAIN, "\"-fno-math-errno\"", "\"-fno-math-errno\", \"-ffast-math\""),
    ("files loaded unseen", TOOLCHAIN, "usual and path.stem.endswith(f\"-{_hash(path.read_bytes())}\")", "usual"),
    ("the bytes before all else", TOOLCHAIN, "usual = stat.S_ISREG(status.st_mode) and _only_ours(status)", "usual = stat.S_ISREG(status.st_mode)"),
    ("links and pipes followed", TOOLCHAIN, "status = path.lstat()", "status = path.stat()"),
    ("a folder of others", TOOLCHAIN, "if not _only_ours(folder.stat()):", "if False:"),
    ("files of others", TOOLCHAIN, "status.st_uid == os.geteuid() and ", ""),
    ("a library open to a group", TOOLCHAIN, "    made.chmod(0o700)", "    made.chmod(0o770)"),
    ("a folder open to all", TOOLCHAIN, "folder.mkdir(mode=0o700, ", "folder.mkdir("),
    ("levels not told apart", TOOLCHAIN, "(_FORMAT, text, call, ", "(_FORMAT, text, command, "),
    ("versions not told apart", TOOLCHAIN, "_version(command), *machine", "*machine"),
    ("versions asked for each library", TOOLCHAIN, "@functools.cache\ndef _version", "def _version"),
    ("libraries of a process for ever compiled", TOOLCHAIN, "@functools.cache\ndef _unkept", "@functools.lru_cache(maxsize=0)\ndef _unkept"),
    ("written where it is read", TOOLCHAIN, "        os.replace(made, path)", "        shutil.copy(made, path); path.chmod(0o755); os.truncate(path, 99)"),
    ("the first made is the first to go", TOOLCHAIN, "                os.utime(path)  # what is used stays", "                pass"),
    ("a cache without bound", TOOLCHAIN, "libraries[:-_KEPT]", "libraries[:0]"),
    ("builds of others removed", TOOLCHAIN, "time.time() - _DAY", "time.time() + 1"),
    ("killed builds left", TOOLCHAIN, "shutil.rmtree(path, ignore_errors=True)", "pass"),
    ("a compiler that goes on writing", TOOLCHAIN, "            process.kill()\n            process.wait()\n", ""),
    ("a failure taken for a library", TOOLCHAIN, "if done.returncode or not made.is_file():", "if not made.is_file() and not done.returncode:"),
    ("a library that was not made", TOOLCHAIN, "if done.returncode or not made.is_file():", "if done.returncode:"),
    ("an error without a cache", TOOLCHAIN, "    with suppress(OSError):  # read-only", "    with suppress(KeyError):  # read-only"),
    ("$CC passed over", TOOLCHAIN, "return (os.path.abspath(found), *words[1:]) if found else None", "return (os.path.abspath(found), *words[1:]) if found else (\"cc\",)"),
    ("options of $CC lost", TOOLCHAIN, "(os.path.abspath(found), *words[1:])", "(os.path.abspath(found),)"),
    ("spaces in the path of $CC", TOOLCHAIN, "if not shutil.which(text):", "if True:"),
    ("temporary files elsewhere", TOOLCHAIN, "(\"TMPDIR\", \"TMP\", \"TEMP\", \"ZIG_LOCAL_CACHE_DIR\")", "(\"ZIG_LOCAL_CACHE_DIR\",)"),
    # identity of operations, and what is freed at once
    ("families forget their constants", OPERATION, "return self._member(self._checked(constants, named))", "return self._member(self.samples[0])"),
    ("floats not told from ints", OPERATION, "return *map(_told_apart, constants), *map(type, constants)", "return tuple(map(_told_apart, constants))"),
    ("the sign of a zero forgotten", OPERATION, " or (isinstance(constant, float) and not constant)\n", "\n"),
    ("members held for ever", OPERATION, "if len(self._recent) >= _RECENT:", "if False:"),
    ("a member for each who asks at once", OPERATION, "member = self._members.setdefault(key, made)", "member = self._members[key] = made"),
    ("a changed definition read without a word", OPERATION, "if changed := change(op, before):", "if False and (changed := change(op, before)):"),
    ("a changed slope read without a word", BEHAVIOUR, "if not _close(now, numbers):", "if False:"),
    ("random operations compared", BEHAVIOUR, "if one == other)", "if True)"),
    ("a refusal that holds itself", OPERATION, "raise self._refusal(y, numbers, operands or numbers, error) from error", "kept = error\n            raise self._refusal(y, numbers, operands or numbers, kept) from kept"),
    ("a rule that holds its stand-ins", RULES, "self._passed = list(map(_placed", "self._kept = passed\n        self._passed = list(map(_placed"),
    ("arenas in their own globals", NUMPY, "return space.pop(\"program\")", "return space[\"program\"]"),
    ("a copy that keeps its memo", ENGINE, "        return memo[id(self)]\n", "        memo[\"memo\"] = memo  # pyright: ignore\n        return memo[id(self)]\n"),
    ("signalling nans compared", REALS, "return data.is_nan()", "return data != data"),
    ("too large a number made infinite", REALS, "if math.isinf(number) and number != data:", "if False:"),
    ("a bell curve of the nearest float", FORWARDS, " + rest * square))", "))"),
    ("an exponent that is the nearest float", FORWARDS, "return y * math.exp(halves(n)[1] * math.log(x))", "return y"),
    ("a rounded exponent of a slope", FUNCTIONS, "-1 < n < 1 or (n < 0 and not whole)", "-1 < n < 1"),
    # the sweep
    ("a fan-out overwritten", ENGINE, "left.grad += to_left\n                right", "left.grad = to_left\n                right"),
    ("the right operand overwritten", ENGINE, "right.grad += to_right", "right.grad = to_right"),
    ("a single operand overwritten", ENGINE, "(to_left,) = node.op.backward(g, node.data, left.data)\n                left.grad +=", "(to_left,) = node.op.backward(g, node.data, left.data)\n                left.grad ="),
    ("an operand of many overwritten", ENGINE, "x.grad += to_x", "x.grad = to_x"),
    ("interiors not cleared", ENGINE, "        if node._left is not None:\n            node.grad = 0\n", "        if False:\n            node.grad = 0\n"),
    ("leaves cleared", ENGINE, "        if node._left is not None:\n            node.grad = 0\n", "        node.grad = 0\n"),
    ("the seed ignored", ENGINE, "root.grad += gradient", "root.grad += 1"),
    ("a leaf root overwritten", ENGINE, "root.grad += gradient", "root.grad = gradient"),
    ("operands swapped", ENGINE, "to_left, to_right = node.op.backward", "to_right, to_left = node.op.backward"),
    ("a computed zero taken for nothing", ENGINE, "if not g and g.__class__ is int:", "if not g:"),
    ("bad gradients let through", ENGINE, "if g - g:", "if False:"),
    ("leaves left changed by a sweep that fails", ENGINE, "    except BaseException:\n        _put_back(order, before)\n", "    except BaseException:\n"),
    ("leaves counted twice where the sweep starts again", ENGINE, "            return\n        _put_back(order, before)\n", "            return\n"),
    ("Decimals recorded without their cast", ENGINE, "Decimal in map(type, numbers)", "False"),
    ("the base of Fraction ** Value a float", ENGINE, "if frame is not None and frame.f_code is", "if False and frame.f_code is"),
    # the order
    ("no order", SWEEP, "            push(node)\n            push(None)\n", "            append(node)\n"),
    ("right operands first", SWEEP, "push(right)\n                push(left)", "push(left)\n                push(right)"),
    ("a leaf once per use", SWEEP, "            see(node)\n            left = node._left\n", "            left = node._left\n            if left is not None:\n                see(node)\n"),
    # recording
    ("functions recorded unseen", ENGINE, "return _attended(y, op, left, right) if _attentive else _node(", "return _node("),
    ("no_grad for every thread", ENGINE, "if _attentive and _paused():", "if _attentive:"),
    ("no_grad never ends", ENGINE, "        block.is_open = False\n", ""),
    ("no_grad forgotten", ENGINE, "    if _paused():\n        return _node(y, constant)\n    node", "    if False:\n        return _node(y, constant)\n    node"),
    ("overflow let through", OPERATION, "if -math.inf < y < math.inf or (", "if True or ("),
    ("inputs in a cycle", ENGINE, "    node._right = right\n    node.label = None\n    return node\n\n\ndef unary", "    node._right = right\n    node.label = [node]\n    return node\n\n\ndef unary"),
    ("reflected operands swapped", ENGINE, "return binary(sub, other, self)", "return binary(sub, self, other)"),
    ("reflected division swapped", ENGINE, "return binary(div, other, self)", "return binary(div, self, other)"),
    ("replay stale", ENGINE, "node.data = node.op.evaluate(tuple([x.data for x in inputs]), inputs)", "node.op.evaluate(tuple([x.data for x in inputs]), inputs)"),
    ("replay takes any leaf", ENGINE, "                node.data = data_of(node)\n            else:", "                pass\n            else:"),
    ("detach keeps the graph", ENGINE, "return _node(self.data, constant, label=self.label)", "return self"),
    ("comparison turned", ENGINE, "_compared(\"<=\", operator.le, self, other)", "_compared(\"<=\", operator.lt, self, other)"),
    ("gradients not copied", ENGINE, "memo[id(node)] = _node(node.data, node.op, left, right, node.grad, node.label)", "memo[id(node)] = _node(node.data, node.op, left, right, 0, node.label)"),
    ("labels not pickled", ENGINE, "self._right, self.grad, self.label)\n\n    def __copy__", "self._right, self.grad, None)\n\n    def __copy__"),
    # comparisons, writes, threads and contexts
    ("equality of nodes", ENGINE, "_compared(\"==\", operator.eq, self, other)", "self is other"),
    ("inequality of nodes", ENGINE, "_compared(\"!=\", operator.ne, self, other)", "self is not other"),
    ("equality without a guard", ENGINE, "return _compared(\"==\", operator.eq, self, other)", "return self.data == number_of(other)"),
    ("nodes with the hash of their number", ENGINE, "Value.__hash__ = object.__hash__", "Value.__hash__ = lambda self: hash(self.data)"),
    ("complex numbers never equal", ENGINE, "if number.__class__ is complex and not number.imag and", "if False and"),
    ("an outcome of NumPy's", ENGINE, "outcome = bool(compare(left.data, number))", "outcome = compare(left.data, number)"),
    ("outputs told apart by their numbers", "autograd/render/dot/text.py", "self.snapshot.place_of_root[arrow.source]", "self.snapshot.roots.index(arrow.source)"),
    ("factors told apart by their numbers", FUNCTIONS, "[*map(id, g.inputs)] == [*map(id, y.inputs)]", "g.inputs == y.inputs"),
    ("arrows put together by numbers", "autograd/render/graph/snapshot.py", "key=lambda arrow: id(arrow.target)", "key=lambda arrow: arrow.target"),
    ("complex numbers recorded", ENGINE, "usual = (y.__class__ is float or y.__class__ is int) and not (y - y)", "usual = not (y - y)"),
    ("complex numbers swept", ENGINE, "if g.__class__ is complex:", "if False:"),
    ("the data of a leaf not looked at", ENGINE, "        if data.__class__ is not float and data.__class__ is not int:\n", "        if False:\n"),
    ("the gradient of a leaf not looked at", ENGINE, "        if grad.__class__ is not float and grad.__class__ is not int:\n", "        if False:\n"),
    ("what is written blamed on the operation", OPERATION, "getattr(x, \"op\") is not constant", "False"),
    ("no number looked at before a sweep", SWEEP, "(why := refusal(data)):\n                raise", "False:\n                raise"),
    ("a gradient of nan let through", ENGINE, "    if not is_finite(total):\n", "    if False:\n"),
    ("two sweeps at once", ENGINE, "        if not self._lock.acquire(blocking=False):", "        if not self._lock.acquire(blocking=False) and False:"),
    ("patience without end", ENGINE, "if self._done == before:", "if False:"),
    ("no patience at all", ENGINE, "if self._done == before:", "if True:"),
    ("the block of another context goes on", ENGINE, " or self._entered\n        if not ours", "\n        if not ours"),
    ("a task inside is outside", ENGINE, "return bool(blocks) and any(block.is_open for block in blocks)", "return any(block.is_open for block in _blocks.get()[:0])"),
    ("the last block ends first", ENGINE, "for block in around if block in self._entered]", "for block in around]"),
    # the four rules
    ("the product rule without the other factor", ENGINE, "(g * b, g * a)", "(g * a, g * b)"),
    ("the sign of a difference", ENGINE, "lambda g, y, a, b: (g, -g),", "lambda g, y, a, b: (g, g),"),
    ("the quotient rule", ENGINE, "(g / b, -g * y / b)", "(g / b, -g * y / a)"),
    # the table
    ("exp of expm1 cancels", FUNCTIONS, "lambda g, y, x: (g * exp(x),)", "lambda g, y, x: (g * (y + 1),)"),
    ("sigmoid cancels", FUNCTIONS, "(g * sigmoid(x) * sigmoid(-x),)", "(g * y * (1 - y),)"),
    ("the sign of cosine", FUNCTIONS, "(-g * sin(x),)", "(g * sin(x),)"),
    ("the sign of arc cosine", FUNCTIONS, "(-g / sqrt((1 - x) * (1 + x)),)", "(g / sqrt((1 - x) * (1 + x)),)"),
    ("arc sine loses digits near 1", FUNCTIONS, "(g / sqrt((1 - x) * (1 + x)),)", "(g / sqrt(1 - x * x),)"),
    ("a wrong constant by 0.05 %", FUNCTIONS, "1.0507009873554804934193349852946", "1.0512"),
    ("the tail of erf", FORWARDS, "return math.exp(-product) * math.exp(-(lost_too + m * lost + rest * square))", "return math.exp(-product)"),
    ("a wrong domain", FUNCTIONS, 'defined="-1 ≤ x ≤ 1"),\n' if False else 'meaning="inverse sine", defined="-1 ≤ x ≤ 1"', 'meaning="inverse sine", defined="x > 0"'),
    ("overflow of the logistic", FORWARDS, "    return 1 / (1 + math.exp(-x)) if x >= -700 else math.exp(x)", "    return 1 / (1 + math.exp(-x))"),
    ("a product with a zero", FUNCTIONS, "tuple(g * rest for rest in _others(x))", "tuple(g * y / each for each in x)"),
    ("tanh cancels", FUNCTIONS, "lambda g, y, x: (g * sech2(x),)", "lambda g, y, x: (g * (1 - y * y),)"),
    ("the logarithm's base", FUNCTIONS, "_Irrational(math.log(10), ", "_Irrational(2.302585, "),
    ("relu'(0) = 1", FUNCTIONS, "return (g if x > 0 else nothing if x < 0 else 0.0 * g,)", "return (g if x >= 0 else nothing,)"),
    ("relu'(0) = 1 in the graph", FORWARDS, "def step(x: Any) -> Any:\n    if x > 0:", "def step(x: Any) -> Any:\n    if x >= 0:"),
    ("a tie gives all to one", FORWARDS, "    if a == b:\n        return _half(a, b)\n", "    if a == b:\n        return 1\n"),
    ("a tie is a float", FORWARDS, "    if any(isinstance(each, float) for each in x):\n        return 0.5\n    return Decimal", "    if True:\n        return 0.5\n    return Decimal"),
    ("minimum takes the larger's share", FUNCTIONS, "return (g, nothing) if a < b else (nothing, g) if a > b else (0.5 * g, 0.5 * g)", "return (g, nothing) if a > b else (nothing, g) if a < b else (0.5 * g, 0.5 * g)"),
    ("where passes to both", FUNCTIONS, "(0, where(c, g, nothing), where(c, nothing, g))", "(0, g, where(c, nothing, g))"),
    ("the exponent's derivative", FUNCTIONS, "g * pow_derivative(0, 1)(a, b)", "g * y"),
    ("a power one too high", FUNCTIONS, "return g * (_as(x, n) * power(n - 1)(x))", "return g * (_as(x, n) * power(n)(x))"),
    ("the slope inside clip's edges", FORWARDS, "    if low < x < high:\n        return 1\n", "    if low <= x < high:\n        return 1\n"),
    ("softmax without its shift", FUNCTIONS, "parts = [_binary(exp_difference, each, largest) for each in x]", "parts = [exp(each) for each in x]"),
    ("softmax from a rounded logarithm", FUNCTIONS, "    return [part / total for part in parts]", "    return [exp(each - logsumexp(*x)) for each in x]"),
    ("what rounding took from log_softmax forgotten", FUNCTIONS, "return [each - total - rest for each in x]", "return [each - total for each in x]"),
    ("logsumexp's shares not made good", FUNCTIONS, "    g = g / partition(*parts)\n", ""),
    ("the rounding of a difference magnified", FORWARDS, "y += y * ((a - (difference - shift)) - (b + shift))", "pass"),
    ("a row's cross-entropy without its shift", LOSSES, "shifted = [z - largest for z in logits]", "shifted = [z - 0 * largest for z in logits]"),
    ("a sure row taken for probabilities", LOSSES, "return sure[0] if len(sure) == 1 and not others else None", "return None"),
    ("a sum that overflows on the way", FORWARDS, "    except OverflowError:\n        return float(_exact_sum(x))\n", "    except OverflowError:\n        return builtins.sum(x)\n"),
    ("a mean that overflows on the way", FORWARDS, "return float(_exact_sum(x) / len(x))", "return float(_exact_sum(x)) / len(x)"),
    ("a dot product that overflows on the way", FORWARDS, "    return float(builtins.sum(Fraction(a) * Fraction(b) for a, b in zip(x[:half], x[half:], strict=True)))", "    return _sum(*products)"),
    ("a product that overflows on the way", FORWARDS, "    if (max(sizes) < bound and min(sizes) > 1 / bound) or not any", "    if True or not any"),
    ("the cube root's slope overflows", FUNCTIONS, "(g * (y / x) / 3,)", "(g * y / (3 * x),)"),
    ("the slope of log10 overflows", FUNCTIONS, "(g / _LN10(x) / x,)", "(g / (x * _LN10(x)),)"),
    ("tanh's slope overflows in the graph", FUNCTIONS, "lambda g, y, x: (g * sech2(x),)", "lambda g, y, x: (4 * g * sigmoid(2 * x) * sigmoid(-2 * x),)"),
    ("logaddexp's slope overflows in the graph", FUNCTIONS, "(g * share(a, b), g * share(b, a)),", "(g * sigmoid(a - b), g * sigmoid(b - a)),"),
    ("the angle's slope overflows", FORWARDS, "return 0.5 if larger > 1e308 else 2.0**600 if larger < 1e-150 else 1.0", "return 1.0"),
    ("a root's slope overflows", FUNCTIONS, "    if -1 < n < 1 or (n < 0 and not whole):\n        return g *", "    if not n:\n        return g *"),
    ("bell curves cut at 64", FORWARDS, "if not product < 750:", "if builtins.abs(x / scale) > 64:"),
    ("odd exponents beyond 2**53 taken for even", FORWARDS, "return -size if x < 0 and n % 2 else size", "return size"),
    ("the slope of a huge exponent for any base", FUNCTIONS, "return g * (y * 1e308 * 1e308)", "return g * y"),
    ("a constant of elu too large", FUNCTIONS, "_real(\"elu\", \"alpha\", alpha, positive=True, as_float=True)", "_real(\"elu\", \"alpha\", alpha, positive=True)"),
    ("a computed zero on the flat side", FORWARDS, "        return nothing if x < 0 else 0.0\n    return 0\n", "        return 0.0\n    return 0\n"),
    ("nothing at the kink", FORWARDS, "return 0.0 if x in (low, high) else nothing", "return nothing"),
    ("a computed zero in the branch not taken", FUNCTIONS, "(0, where(c, g, nothing), where(c, nothing, g))", "(0, where(c, g, 0.0), where(c, 0.0, g))"),
    ("the larger's share of a float", FUNCTIONS, "return (g, nothing) if a > b else (nothing, g) if a < b else (0.5 * g, 0.5 * g)\n    to_a, to_b = _moved(g, y, a), _moved(g, y, b)\n    return greater(a, b)", "return (g, nothing) if a > b else (nothing, g) if a < b else (g, 0.5 * g)\n    to_a, to_b = _moved(g, y, a), _moved(g, y, b)\n    return greater(a, b)"),
    ("a kink inside a square", FUNCTIONS, "if y.__class__ is not Value or (moved := _moved(g, y, x, odd=True)) is None:", "if True or (moved := _moved(g, y, x, odd=True)) is None:"),
    ("even functions taken for odd", FUNCTIONS, "return sin, tan, asin, atan, sinh, tanh, asinh, atanh, cbrt, erf, erfinv, softsign, identity", "return sin, cos, tan, asin, atan, sinh, tanh, asinh, atanh, cbrt, erf, erfinv, softsign, identity"),
    ("one summand moved alone", FUNCTIONS, "return None if builtins.any(each is None for each in moved) else g.op(*moved)", "return g.op(*[new or old for new, old in zip(moved, g.inputs)])"),
    ("the divisor moved", FUNCTIONS, "    if op is mul or op is prod:", "    if op is mul or op is prod or op is div:"),
    ("the smaller moved to the larger", FUNCTIONS, "return greater(b, a) * (g if to_a is None else to_a), greater(a, b) * (g if to_b is None else to_b)", "return greater(b, a) * (g if to_b is None else to_b), greater(a, b) * (g if to_a is None else to_a)"),
    ("a power's mixed derivative at 0", FUNCTIONS, "    if not finite:\n        raise ValueError\n", ""),
    ("Leibniz without its binomials", FUNCTIONS, "[math.comb(k, j) * c for c in falling]", "[c for c in falling]"),
    ("constants of 16 digits", FUNCTIONS, "        return self._exactly(mp)\n", "        return self._as_float\n"),
    ("Decimals cut towards 0", FORWARDS, "return rest + b if isinstance(rest, Decimal) and _turned(rest, b) else rest", "return rest"),
    ("SciPy handed Fractions", FORWARDS, "(*x[:-1], float(x[-1])))", "(*x))"),
    ("a slope that Decimals refuse", FUNCTIONS, "lambda x: x if x > 0 else _as(x, slope) * x,", "lambda x: x if x > 0 else slope * x,"),
    ("half a Decimal", FORWARDS, "return Decimal(\"0.5\") if any(isinstance(each, Decimal) for each in x) else Fraction(1, 2)", "return Fraction(1, 2)"),
    # gradients as graphs
    ("a fan-out overwritten in the graph", SWEEP, "self._sum(x, self.adjoint[x], to_x) if x in self.adjoint else to_x", "to_x"),
    ("the seed ignored in the graph", SWEEP, "seed = gradient if isinstance(gradient, Node) else alike(gradient, root.data)", "seed = 1.0"),
    ("the seed of a Fraction a float", SWEEP, "seed = gradient if isinstance(gradient, Node) else alike(gradient, root.data)", "seed = gradient if isinstance(gradient, Node) else float(gradient)"),
    ("operands that nobody asked about may fail", SWEEP, "self.alone(rule, node, i) if x in self.asked else 0", "self.alone(rule, node, i)"),
    ("every zero that meets infinity is 0", SWEEP, "        if maker is not None:", "        if False:"),
    ("every zero that meets infinity is refused", SWEEP, "self.maker = None if self.zero[last] else", "self.maker ="),
    ("a zero that moves taken for one that stays", SWEEP, "flat = slope is not None and not number_of(slope) and not moves", "flat = slope is not None and not number_of(slope)"),
    ("parts that cancel taken for zeros", SWEEP, "self.zero.get(x, True) and (zero or still)", "True"),
    ("a recorded zero that may be differentiated again", SWEEP, "variables(self.order) if self.record else below.intersection(sources)", "below.intersection(sources)"),
    ("sums that overflow let through", SWEEP, "if not is_finite(number_of(total)) and x in self.asked:", "if False:"),
    ("infinite slopes let through", SWEEP, "return passed if is_finite(number_of(passed)) else None", "return passed"),
    ("tangents that overflow let through", SWEEP, "        if not is_finite(number_of(total)):\n            raise DomainError", "        if False:\n            raise DomainError"),
    ("a zero tangent times infinity is 0", SWEEP, "return 0 if x in self.zero or is_nothing(number_of(t)) else zero_times_infinity(node, x)", "return 0"),
    ("the tangent of a branch not taken counts", SWEEP, "return 0 if slope is not None and not number_of(slope) and self._stays(node, i, slope) else t", "return t"),
    ("a direction that is 0 moves", SWEEP, "self.zero = {x for x, t in seeds.items() if x not in self.moving}", "self.zero = set()"),
    ("a rule reads nothing", RULES, "return {place - 1 for place in places | self._early if 0 < place < self._sources}", "return set()"),
    ("what a rule looks at is not read", RULES, "self._early |= self._behind(place)", "pass"),
    ("reflected arithmetic in rules swapped", RULES, "(function, (other, self))", "(function, (self, other))"),
    # numbers
    ("nothing is lost in a product", REALS, "return self if other.__class__ is float or", "return 0.0 if other.__class__ is float or"),
    ("nothing swallows a difference", REALS, "return -other if other.__class__", "return other if other.__class__"),
    ("a Fraction made a Decimal by way of a float", REALS, "Decimal(number.numerator) / number.denominator if isinstance(number, Fraction) else Decimal(number)", "Decimal(float(number))"),
    # transforms
    ("what f reads outside is forgotten", TRANSFORMS, "return any(x not in own for x in variables(topological_order(*recorded)))", "return False"),
    ("Values among the arguments forgotten", TRANSFORMS, "self.among_values = any(isinstance(x, Value) for tree in self.trees for x in tree.leaves)", "self.among_values = False"),
    ("a direction that is a Value forgotten", TRANSFORMS, "self.among_values = self.among_values or any(isinstance(x, Value) for x in found)", "pass"),
    ("no_grad stops the differentiation", TRANSFORMS, "        with recording_anew():\n            self.output = unboxed(f(*args, **named))", "        if True:\n            self.output = unboxed(f(*args, **named))"),
    ("no_grad does not reach the result", TRANSFORMS, "if is_recording() and (self.among_values", "if (self.among_values"),
    ("the point of a derivative seen from outside", TRANSFORMS, "x.op = constant if x.op is None or x.op is parameter else x.op", "pass"),
    ("a nan direction taken", TRANSFORMS, "if not usual and (why := refusal(x)):\n                kind", "if False and (why := refusal(x)):\n                kind"),
    # the checker
    ("steps that are powers of two", CHECK_SLOPES, "UNEVEN = 0.618", "UNEVEN = 1.0"),
    ("f not asked for its rounding", CHECK_SLOPES, "if self.rounding is None or self._steady:", "if True:"),
    ("a plateau of rounding believed", CHECK_VERDICTS, "if afar := view.afar:", "if afar := None:"),
    ("staircases taken for rounding", CHECK_SLOPES, "turns >= _TURNS and highest > _GROWTH * max(between)", "turns >= _TURNS"),
    ("every failure an edge", CHECK_VERDICTS, "return Finding(KINK, *UNKNOWN, _sides(", "return Finding(EDGE, *UNKNOWN, _sides("),
    ("underflow taken for an edge", CHECK_SLOPES, "return self.steps[: len(self.steps) - last]", "return self.steps"),
    ("a branch excused as a kink", CHECK_GRADIENT, "if node.op is where and i == 0 and verdict == KINK:", "if False:"),
    ("comparisons not counted", CHECK_GRADIENT, "return witness.count", "return 0"),
    ("early bisection called flat", CHECK_VERDICTS, "return slope if slope.relative <= _TREADS else None", "return None"),
    ("rounding of backward blamed on f", CHECK_GRADIENT, "<= SAFETY * (gradient_noise", "<= 0 * (gradient_noise"),
    ("exact arguments made floats", CHECK_ARGUMENTS, "return x if isinstance(x, Fraction | Decimal) or precise(x) else number", "return number"),
    ("steps from the nearest float", CHECK_ARGUMENTS, "given + alike(x - float(given), given)", "alike(x, given)"),
    ("half a Hessian trusted", CHECK_SECOND, "if found.verdict == OK and not _is_close(", "if False and not _is_close("),
    ("a kink of the slope not named", CHECK_SECOND, "if each.verdict in (KINK, EDGE):", "if False:"),
    ("second derivatives not judged", CHECK_SECOND, "judge(line, ours, tolerance)\n", "judge(line, ours, tolerance)._replace(verdict=OK)\n"),
    ("any order taken", CHECK_GRADIENT, "if is_bool(order) or order not in (1, 2):", "if False:"),
    ("a rule not asked for one operand", CHECK_GRADIENT, "(lambda: op.backward(g, y, *x)[i], lambda: Rule(op, g, y, x).cotangent(i))", "(lambda: op.backward(g, y, *x)[i],)"),
    ("every derivative asked for", CHECK_TRIAL, "adjoints(root, inputs=leaves)", "adjoints(root)"),
    ("a dead zone overlooked", CHECK_VERDICTS, "if abs(line.x) < _SMALL * scale and not _holds(", "if False and not _holds("),
    ("swallowed slopes excused", CHECK_GRADIENT, "if why == KINK), None)", "if why in (KINK, EDGE)), None)"),
    # what is refused
    ("bools taken for numbers", REALS, 'return "a bool is not a real number; write 1 or 0"', "return None"),
    ("nan taken for a number", REALS, 'return "nan is not a real number; find where it came from"', "return None"),
    # the compiler of matrices: which operations are sums of products
    ("a form believed without its rule", SUMS, "if found is not None and _has_the_rule_of_its_form(op) else", "if found is not None else"),
    ("a product believed without its rule", SUMS, "op.form == _PRODUCT and _has_the_rule_of_its_form(op)", "op.form == _PRODUCT"),
    ("the rule of the first operand", SUMS, "enumerate(passed):", "enumerate(passed[:1]):"),
    ("nothing passed is anything passed", SUMS, "0.0 if slope is None else", "wanted if slope is None else"),
    ("the rule without its coefficients", SUMS, "total += coefficient *", "total += 1.0 *"),
    # … which sums are one
    ("a sum inlined without its coefficient", NORMAL, "(self.coefficient[user, slot] == 1)", "(self.coefficient[user, slot] != 0)"),
    ("a sum inlined that is used elsewhere", NORMAL, "inner = (uses == 1) &", "inner = (uses >= 1) &"),
    ("sums inlined into what is no sum", NORMAL, "(uses == 1) & self.is_sum[user]", "(uses == 1)"),
    ("what is shared computed in each row", NORMAL, "inner &= (number < program.shared) == (user < program.shared)", "pass"),
    ("what is added to a number inlined", NORMAL, " & (several[user] | ~several)", ""),
    ("coefficients merged beyond the floats", NORMAL, "self.is_sum & safe & (", "self.is_sum & ("),
    ("equal terms overwritten", NORMAL, "merged.get(key, 0.0) + c", "c"),
    ("the coefficient of a product lost", NORMAL, "c *= scale[place]", "pass"),
    ("the sign of a constant lost", NORMAL, "number += c * float(", "number += float("),
    # … normal form
    ("minus for plus in a sum", NORMAL, "(coefficient < 0, len(factors))", "(False, len(factors))"),
    ("a sign in the constant too", NORMAL, "self.constant(abs(coefficient))", "self.constant(coefficient)"),
    ("a common factor lost", NORMAL, "self._rest([(coefficient, self.sum(", "self._rest([(1.0, self.sum("),
    ("a penalty on parameters lost", NORMAL, "[(1.0, self.sum(weighted)), *others]", "[(1.0, self.sum(weighted))]"),
    ("what is split off lost", NORMAL, "self._rest([*rest, (1.0, dot)]) if rest else dot", "dot"),
    ("the scale of a weight lost", NORMAL, "return self.scaled(coefficient, a), b", "return a, b"),
    ("the scale of a bias lost", NORMAL, "return self.scaled(coefficient, factors[0]), self.one", "return factors[0], self.one"),
    ("the weight of what is fixed lost", NORMAL, "return factors[0], self.constant(coefficient)", "return factors[0], self.one"),
    ("scales of inner products lost", NORMAL, "(self.scaled(c, a), b) for c, a, b in both", "(a, b) for c, a, b in both"),
    ("a sum that looks like a dot product", NORMAL, "key = kind, what, operands\n", "key = what, operands\n"),
    ("constants told apart by their size", NORMAL, "key = CONSTANT, number.hex()", "key = CONSTANT, abs(number).hex()"),
    # … groups
    ("what varies beside what does not", LIFT, "numbers.what[x], numbers.varies[x], len(", "numbers.what[x], len("),
    ("entries column by column", LIFT, "for left in lefts for right in rights]", "for right in rights for left in lefts]"),
    ("constants of written-out products lost", LIFT, "if not (self.numbers.is_constant(x) and self.numbers.what[x] == 1)]", "if not self.numbers.is_constant(x)]"),
    ("a 1 alone is nothing", LIFT, "operands += factors or pair[:1]", "operands += factors"),
    ("small products left out", LIFT, "small += grid.elements", "pass"),
    ("needed once, needed never", LIFT, "wanted[operand] = 1", "wanted[operand] ^= 1"),
    ("the first of what is ready", LIFT, "(not not_ready[kind], highest[kind])", "0"),
    ("lists of two layers as one", LIFT, "parts[self._source(left[0])].append(left)", "parts[0].append(left)"),
    ("every sum fixed", LIFT, "self._enter(Group(SUM, part, lefts, [], None, self.numbers.varies[part[0]]))", "self._enter(Group(SUM, part, lefts, [], None, False))"),
    # … places
    ("constants behind a step in the wrong order", LAYOUT, "at[1] if (ids[at[0]] == number).all() else at[0]", "at[0] if (ids[at[0]] == number).all() else at[1]"),
    ("elements in the order of the graph", LAYOUT, "np.array(group.elements)[order], ids[:, order]", "np.array(group.elements), ids[:, order]"),
    ("columns of a product in the order of the graph", LAYOUT, "elements[by_left][:, by_right]", "elements[by_left]"),
    ("terms of one side sorted", LAYOUT, "(lefts[:, order], rights[:, order])", "(lefts[:, order], rights)"),
    ("places of the other arena", LAYOUT, "if (self.varies[ids] != in_rows)[~constant].any():", "if False:"),
    ("parts of a copy on top of each other", LAYOUT, "base + part.start, (len(found),)", "base, (len(found),)"),
    ("as many constants as the last wants", LAYOUT, "max(copies, self.wanted[owner].get(number, 0))", "copies"),
    ("one constant for both arenas", LAYOUT, "key = in_rows, constant\n", "key = True, constant\n"),
    ("constants that are results have no place", LAYOUT, "if numbers.is_constant(number):", "if False:"),
    ("a copy turned and read straight", LAYOUT, "view.shape[::-1], view.strides[::-1])", "view.shape[::-1], view.strides)"),
    ("sums of an inner product in the order of the graph", LAYOUT, "return order, np.array(group.elements)[order]", "return order, np.array(group.elements)"),
    ("shapes that do not fit", LAYOUT, "if all(cut % other == 0 or other % cut == 0 for other in cuts):", "if True:"),
    # … steps
    ("places that are not regular read as if they were", STEPS, "view if np.array_equal(view.grid, places) else None", "view"),
    ("a part begins where the whole does", STEPS, "self.base + start * self.strides[axis]", "self.base"),
    ("signs of sums forgotten", STEPS, '"-" if negative else "+"', '"+"'),
    ("what is taken away first added", STEPS, "if negative and total is None:", "if False:"),
    # … the way back
    ("what arrives last counts alone", COTANGENTS, "        self.fill(places)\n        return True", "        self.fill(places)\n        return False"),
    ("added to what was never written", COTANGENTS, "        self.fill(places)\n        return True", "        return True"),
    ("read before all was written", COTANGENTS, "        self.fill(view.distinct.places)\n", ""),
    ("a number for all", COTANGENTS, "if (numbers == numbers[0]).all():", "if not np.isnan(numbers).any():"),
    ("numbers filled with zeros", COTANGENTS, "np.nan_to_num(self.number[todo], nan=0.0)", "0 * np.nan_to_num(self.number[todo], nan=0.0)"),
    ("gaps filled too", COTANGENTS, "if here[-1] - here[0] == len(here) - 1:", "if True:"),
    ("numbers that are no longer", COTANGENTS, "        self.number[todo] = math.nan\n", ""),
    ("a number noted over what has arrived", COTANGENTS, "if not self._is_untouched(places):", "if not np.isnan(self.number[places]).all():"),
    ("a number noted over a number", COTANGENTS, "if not self._is_untouched(places):", "if self.written[places].any():"),
    ("gradients that are numbers lost", COTANGENTS, "self.fixed.fill(np.flatnonzero(~np.isnan(self.fixed.number[: plan.parameters])))", "pass"),
    ("cotangents among the values", COTANGENTS, "len(arena.moving) - arena.first", "len(arena.moving) - arena.first - 1"),
    ("results that begin where they move", COTANGENTS, "            out.first = min(out.first, int(places.min()))\n", ""),
    ("operands that begin where they move", COTANGENTS, "        self.first = min(self.first, int(places.min()))\n", ""),
    ("operands behind the first that moves not asked", COTANGENTS, "[self._moves(x) for x in passed if isinstance(x, View)]", "(self._moves(x) for x in passed if isinstance(x, View))"),
    ("a loss of one row", COTANGENTS, "plan.steps.append(Contraction(total, View.of(True, place, (1,)), None))", "pass"),
    ("what all rows share passed on once", COTANGENTS, "if out.in_rows and not whole.in_rows and not any(", "if False and not any("),
    ("axes that nobody has counted once", COTANGENTS, "start=float(math.prod(lost))", "start=1.0"),
    ("the factor of a product lost", COTANGENTS, "if number != 1 or not views:", "if not views:"),
    ("all cotangents to the first operand", STEP_SLOPES, "args.first.moved(k * args.strides[0])", "args.first"),
    ("signs of sums lost on the way back", STEP_SLOPES, "yield k, Form(\"negative\", (form,)) if negative else form", "yield k, form"),
    ("rows not summed", COTANGENTS, "bool(target.long - target.axes) or (not target.in_rows and any(view.in_rows for view in views))", "bool(target.long - target.axes)"),
    ("the axis of many operands cut", COTANGENTS, "for axis in target.axes if axis >= first)", "for axis in target.axes)"),
    ("windows that overlap written at once", COTANGENTS, "            if _is_injective(whole):\n                yield", "            if True:\n                yield"),
    ("the last part left out", COTANGENTS, "for k in reversed(range(whole.shape[axis]))", "for k in reversed(range(whole.shape[axis] - 1))"),
    ("ends that move cut off", COTANGENTS, "int(here[0]), int(here[-1]) + 1, target)", "int(here[0]), int(here[-1]), target)"),
    ("copies for all rows of the first", COTANGENTS, "if step.out.in_rows and not step.from_rows:", "if False:"),
    ("copies of what stands still", COTANGENTS, "if len(moving) < len(step.places):", "if False:"),
    ("a sum that repeats kept whole", COTANGENTS, "_along(target.shape, target.axes & has)", "_along(target.shape, target.axes)"),
    ("minus one is one", STEP_SLOPES, "return other if number == 1 else Form(\"negative\", (other,))", "return other"),
    # … contractions in NumPy
    ("sums of one operand alone", CONTRACTIONS, "if not out <= left | right or not summed <= left & right:", "if not out <= left | right:"),
    ("a sum over all axes", CONTRACTIONS, "else over if len(over) < len(left) else None", "else None"),
    ("a sum that is added replaces", CONTRACTIONS, 'if step.adds else f"np.copyto({target}, {name})"', 'if False else f"np.copyto({target}, {name})"'),
    ("a product that is added replaces", CONTRACTIONS, "result = self._like(target, out, shape) if step.adds else target", "result = target"),
    ("what is added lost", CONTRACTIONS, "self.writer.line(f\"np.add({target}, {scratch}, out={target})\")", "pass"),
    ("the quick axis of the result first", CONTRACTIONS, "if ROWS in m or (", "if ROWS not in m and ("),
    ("axes of the result merged that are none", CONTRACTIONS, "while not mergeable(out, sorted(group)):", "while False:"),
    ("axes merged that are none", CONTRACTIONS, "copied = not all(mergeable(view, group) for group in groups)", "copied = False"),
    ("rows and columns not turned", CONTRACTIONS, "turned = ROWS in first and bool(second)", "turned = False"),
    ("axes in the order of one operand", CONTRACTIONS, "every = sorted(axes(step.left) | axes(step.right))", "every = sorted(axes(step.left))"),
    # … NumPy
    ("places that stand twice", NUMPY, "if len(places) == len(step.places):", "if True:"),
    ("what goes to one place in any order", NUMPY, 'np.argsort(step.places, kind="stable")', "np.arange(len(step.places))"),
    ("scratch used again too early", NUMPY, "if not self.left[id(part)] and id(part) in self.done and", "if id(part) in self.done and"),
    ("scratch that is taken", NUMPY, "            if name not in taken:\n", "            if True:\n"),
    ("strict with NumPy's own functions", NUMPY, "strict_form(whole) if self.strict else None", "whole.form"),
    ("a result that is added replaces", NUMPY, "self.writer.line(f\"np.add({target}, {result}, out={target})\")", "self.writer.line(f\"np.copyto({target}, {result})\")"),
    # … views
    ("contiguous whatever the steps", VIEWS, "if size > 1 and stride != step:", "if size > 1 and not stride:"),
    ("contiguous to the last axis", VIEWS, "        step *= size\n", ""),
    ("axes with gaps merged", VIEWS, "if view.strides[outer] != size * stride:", "if view.strides[outer] < size * stride:"),
    ("rows of any step", VIEWS, "size, stride = (1, 1) if inner == ROWS", "size, stride = (1, view.strides[outer]) if inner == ROWS"),
    # … a program at work
    ("the sum for the mean", KERNEL, "return (1 / columns if mean else 1.0) if self.plan.is_total", "return 1.0 if self.plan.is_total"),
    ("what all rows share counted once in a sum", KERNEL, "else 1.0 if mean else float(columns)", "else 1.0"),
    ("what all rows share counted for every block", KERNEL, "if columns <= self._most or not self.plan.is_total:", "if columns <= self._most:"),
    ("the gradient of the last block", KERNEL, "np.sum([gradient for _, gradient in parts], axis=0)", "parts[-1][1]"),
    ("rows counted from their block in arenas", KERNEL, "[guard.left, guard.right]), first_row=first_row)", "[guard.left, guard.right]))"),
    ("results that the next call of arenas changes", KERNEL, "workspace.gradient.copy()", "workspace.gradient"),
    ("the guards of a strict program", LIFTED, "asked = [x for _, operands in numbers.ends for x in operands]", "asked = [x for what, operands in numbers.ends if isinstance(what, Output) for x in operands]"),
    ("a strict program flattened", LIFTED, "flat=not self.is_strict", "flat=True"),
    ("a strict program that is the same twice", LIFTED, "Lifted, (self.scalars, self.arguments, self.slopes)", "Lifted, (self.scalars, self.arguments)"),
    # programs
    ("minus for plus in NumPy's text", FORMS, '"-": "subtract"', '"-": "add"'),
    ("numbers for all rows without their axis", NUMPY, "'[..., None]' if key[1] else ''", "'' if key[1] else ''"),
    ("a constant beyond the floats", FLOATS, "        return math.inf if data > 0 else -math.inf", "        raise"),
    ("an mpf rounded in the code", FLOATS, "    if precise(data):\n        raise", "    if False:\n        raise"),
    ("an exact example rounded", FLOATS, "    if _loses(x):\n        raise TypeError(f\"{where}", "    if False:\n        raise TypeError(f\"{where}"),
    ("an exact argument rounded", FLOATS, "            if _loses(x):\n", "            if False:\n"),
    ("an integer that is no float rounded", FLOATS, "    if isinstance(x, Integral):\n        return abs", "    if isinstance(x, Integral):\n        return False and abs"),
    ("inf as Python writes it", NUMPY, "return literal(form.number), False", "return repr(form.number), False"),
    ("JAX's own polygamma", JAX_WORDS, 'if word == "polygamma" and', 'if word == "polygammas" and'),
    ("JAX's polygamma far out", JAX_WORDS, "jnp.where(y < 1e17, special", "jnp.where(y < 1e300, special"),
    ("backward frozen", RECORDING, "if not self.moving.isdisjoint(topological_order(root)):", "if False:"),
    ("every backward refused", RECORDING, "if not self.moving.isdisjoint(topological_order(root)):", "if True:"),
    ("parameters swept", RECORDING, "notes = _Notes({*inputs, *wrt}, [], [])", "notes = _Notes({*inputs}, [], [])"),
    ("the grad of an argument frozen", RECORDING, "raise _frozen(f\"{self.label or 'an argument'}.grad\")", "return 0"),
    ("an argument never a Value again", RECORDING, "            x.is_open = False", "            pass"),
    ("a constant result", PROGRAM, "if recording.guards or not outputs or", "if True or"),
    ("a loss of no parameter", PROGRAM, "if not recording.depends_on(wrt):", "if False:"),
    ("a branch taken for a constant", PROGRAM, "if recording.guards or not outputs or", "if not outputs or"),
    ("a derivative inside f lost at the example", RECORDING, "replays: bool = True", "replays: bool = False"),
    ("a true zero refused at the example", SWEEP, "if self.replayed and _varies(self.adjoint[node]):", "if self.replayed:"),
    ("a constant loss trained on", EAGER, "if not trains and not branches.count:", "if False:"),
    ("a branch taken for a constant loss", EAGER, "if not trains and not branches.count:", "if not trains:"),
    ("guards that hold whatever comes", RECORDING, '"<": operator.lt,', '"<": lambda a, b: a == a,'),
    # estimators, and the weights of samples
    ("weights that do not average 1", TRAINING, " / self.weights[batch].mean()", ""),
    ("an epoch's loss weighted by counts", TRAINING, "loss * self._weight(batch)", "loss * len(batch)"),
    ("validation without its weights", TRAINING, "float(np.average(losses, weights=weights))", "float(losses.mean())"),
    ("samples of weight 0 kept", TRAINING, "counts = shares > 0", "counts = shares >= 0"),
    ("weights of any size", TRAINING, "shares = weights / weights.max()", "shares = weights"),
    ("programs that weigh nothing", BACKENDS, "else weight * loss", "else loss + 0 * weight"),
    ("weights passed over in silence", BACKENDS, "if weights is not None and not self._weighted:", "if False:"),
    ("rows of weight 0 in the validation data", ESTIMATORS, "counts = weights > 0", "counts = weights >= 0"),
    ("a failed training that leaves the old model", ESTIMATORS, 'vars(self).pop("model_", None)', "pass"),
    ("any classes in a warm start", ESTIMATORS, '("y", found, whole)', '("y", found, multilabel)'),
    ("classes of the first batch", ESTIMATORS, "found if given is None else np.unique(np.asarray(given))", "found"),
    ("labels of another form taken", ESTIMATORS, "if goes_on and multilabel != self._multilabel:", "if False:"),
    ("an optimiser for each pass", NETWORKS, "optimizer.load_state(self._optimizer.state())", "pass"),
    ("moments kept in a warm start", NETWORKS, "if kept and type(optimizer)", "if goes_on and type(optimizer)"),
    ("an order for each pass from the start", NETWORKS, "rng = self._rng if kept else", "rng ="),
    ("a penalty that knows no weights", NETWORKS, "(1 if weights is None else (weights / len(X)).sum())", "1"),
    ("a program for each pass", NETWORKS, "[0] != made_for:", "[0] is not made_for:"),
    ("a program that remembers the parameters", NETWORKS, "        program.parameters = np.array([p", "        _ = np.array([p"),
    ("losses of the last call only", NETWORKS, "(self.loss_curve_ if goes_on else []) + history.losses", "history.losses"),
    ("coefs_ turned over", NETWORKS, "for neuron in layer.neurons]).T for", "for neuron in layer.neurons]) for"),
    ("programs in pickles", NETWORKS, 'if name != "_compiled"', "if name"),
    ("perceptrons in the same order in each pass", PERCEPTRONS, "if not (goes_on and incremental):", "if True:"),
    ("mistakes of the last call only", PERCEPTRONS, "before = self.mistakes_ if goes_on else", "before ="),
    # trees
    ("branches in the wrong order", TREES, "for branch in reversed(container.branches)", "for branch in container.branches"),
    ("a path from the inside out", TREES, 'return "".join(reversed(steps))', 'return "".join(steps)'),
    ("a cycle followed for ever", TREES, "elif id(tree) in above:", "elif len(above) > 10**5:"),
    ("a shared container taken for a cycle", TREES, "                above.discard(id(tree))\n", ""),
    ("a dict matched by position", CONTAINERS, "return [other[key] for key in self.keys] if same", "return list(other.values()) if same"),
    ("a named tuple made a tuple", CONTAINERS, "return self.tree._make(branches)", "return tuple(branches)"),
    ("a default dict made a dict", CONTAINERS, "filled = {} if type(self.tree) is dict else copy.copy(self.tree)", "filled = {}"),
    ("a dataclass changed in place", CONTAINERS, "        filled = copy.copy(self.tree)\n        for key", "        filled = self.tree\n        for key"),
    ("static fields opened", CONTAINERS, 'if not field.metadata.get("static")', "if True"),
    ("ragged lists taken for arrays", TREES, "if shape != inner[0]), None)", "if False), None)"),
    ("exact arrays rounded", CONTAINERS, "exact=self.tree.dtype == object", "exact=False"),
    ("an argument asked for twice", CALLS, "if len({argument.key for argument in found}) < len(found):", "if False:"),
    ("defaults never asked for", CALLS, "if each.name in asked and each.default is not each.empty", "if False"),
    ("names before keywords", CALLS, "return asked if asked in named else names.index(asked)", "return asked"),
    ("aux left as Values", TRANSFORMS, "each = iter(self.given(found, found))", "each = iter(found)"),
    ("cotangents of the first output alone", TRANSFORMS, "totals = [sum(column[1:], column[0])", "totals = [column[0]"),
    ("all arguments of a Jacobian from the first column on", TRANSFORMS, "            start += size\n", ""),
    ("keywords in the order of the call", PROGRAM, "*(named[name] for name in expected if name in named)", "*named.values()"),
    ("blocks of results all at the start", TREES, "accumulate(self.sizes, initial=0)", "[0] * len(self.sizes)"),
    # nn: the program and the graph, files, what fails
    ("rounding called a difference", CROSSCHECK, "beyond = _beyond(came, wanted, _doubt(graph, one[0], program.encoded(one[1]), wanted))", "beyond = _beyond(came, wanted)"),
    ("parameters left shifted", CROSSCHECK, "    graph.write_back()\n    return _SAFETY", "    return _SAFETY"),
    ("derivatives not compared", CROSSCHECK, "return np.concatenate([[loss], gradient])", "return np.concatenate([[loss], 0 * gradient])"),
    ("the loss not compared", CROSSCHECK, "return np.concatenate([[loss], gradient])", "return np.concatenate([[0], gradient])"),
    ("a graph not asked twice", CROSSCHECK, "if again.tobytes() != wanted.tobytes():", "if False:"),
    ("no comparison before the first step", TRAINING, "self._compare(rows)\n", "rows = []\n"),
    ("no comparison after a callback", TRAINING, "return [self._any_row()]\n\n    def _epoch", "return []\n\n    def _epoch"),
    ("no comparison after the last epoch", TRAINING, "if self._is_due() or not self._goes_on(epochs) else", "if self._is_due() else"),
    ("no comparison of validation rows", TRAINING, "if rows and self.validation is not None:", "if False:"),
    ("a comparison after every epoch", TRAINING, "return epochs & (epochs - 1) == 0 or", "return True or"),
    ("what a callback assigned lost", TRAINING, "if numbers.tobytes() != self.program.parameters.tobytes():", "if False:"),
    ("what was learned undone by an error", TRAINING, "if not self.stepped and not", "if not"),
    ("what failed left half done", TRAINING, "if not self.stepped and not", "if False and not"),
    ("faults of the compiler taken for slowness", BACKENDS, "except NotCompilable as error:", "except Exception as error:"),
    ("a place behind a generator's buffer", CHECKPOINT, "0 <= came <= _LAST.get(name, came)", "0 <= came"),
    ("optimiser slots of any length", CHECKPOINT, "name: found.row(_SLOT + name, parameters)", "name: found.arrays[_SLOT + name]"),
    ("marks at half epochs", CURVES, "integer=True, ", ""),
    ("a mark at epoch 0", CURVES, "ax.set_xlim(0.5,", "ax.set_xlim(-0.5,"),
    ("marks of few decades at powers only", CURVES, "if high / low <= 10**2 else (1,)", "if False else (1,)"),
    ("colours in the order of what is drawn", CURVES, "look = look or looks(lines)", "look = looks(lines)"),
    ("a style that stays", CURVES, "    with rc_context():\n", "    if rc_context:\n"),
    ("a run of one epoch that is not seen", HISTORY, "if self.epochs == 1:", "if False:"),
    ("a scale of decades for a loss of 0", HISTORY, "min(every) > 0", "min(every) >= 0"),
    ("the last epoch announced as the best", HISTORY, "0 < self.best_epoch < self.epochs", "0 < self.best_epoch"),
    ("a history of any kind", CHECKPOINT, "if not _KINDS[field.type](came[field.name]):", "if False:"),
    ("bytes taken for an array", FILES, "isinstance(array, np.ndarray) and array.dtype", "array.dtype"),
    ("1 taken for true in an architecture", MODULE, "if _as_json(theirs) != _as_json(ours):", "if theirs != ours:"),
    ("slots of different lengths", OPTIMIZERS, "if len(set(map(len, arrays))) > 1:", "if False:"),
    ("a TypeError of forward taken for nan", FLOATS, 'raise TypeError(f"{call(op.name, x)}: {error}.") from error', 'return float("nan")'),
    ("NumPy's scalars kept", REALS, "    number = float(data)\n", "    number = data\n"),
    # NumPy and pandas
    ("a comparison of NumPy's for the operation greater", UFUNCS, "    **OPERATORS,", ""),
    ("heaviside with a slope at the jump", UFUNCS, "where(x, step(x), at_zero)", "where(step(x), step(x), at_zero)"),
    ("logaddexp2 to base e", UFUNCS, "/ _LN2,", ","),
    ("a predicate that no program sees", UFUNCS, "lambda x: x < 0,", "lambda x: x.data < 0,"),
    ("operands of arrays not boxed", UFUNCS, "(*map(_boxed, numbers), **named)", "(*numbers, **named)"),
    ("a ufunc known by its name alone", UFUNCS, "if _qualified(ufunc) else None", ""),
    ("an array that keeps its number", REALS, "return x.item() if boxed and not is_time else x", "return x"),
    ("fmod rounded down", FUNCTIONS, "-g * round((a - y) / b)", "-g * floor_divide(a, b)"),
    ("the advice of the variable's name", CALLERS, "else names[1:] or names", "else names"),
    ("whoever is called is taken for who asked", CALLERS, '"builtins" and names', '"nowhere" and names'),
    # notation
    ("a sum bare in a product", NOTATION, "_AFTER = (POWER, SUM, PRODUCT, SIGN,", "_AFTER = (POWER, SUM, PRODUCT, SUM,"),
    ("a difference bare at the right", NOTATION, "_AFTER = (POWER, SUM, PRODUCT,", "_AFTER = (POWER, SUM, SUM,"),
    ("a power of a negative number bare", NOTATION, "SIGN if text.startswith(\"−\") or", "ATOM if text.startswith(\"−\") or"),
    ("a sign after a sign", NOTATION, "bare = term.rank >= rank and not (after_sign and term.is_negative)", "bare = term.rank >= rank"),
    ("an exponent that is an atom", NOTATION, 'or "e" in text else ATOM', "else ATOM"),
    ("a LaTeX product that is an atom", NOTATION, "{{{int(exponent)}}}\", PRODUCT)", "{{{int(exponent)}}}\", ATOM)"),
    ("an unknown sign that is an atom", NOTATION, "None if is_word else LOOSE", "None if is_word else ATOM"),
    ("brackets that are not seen", NOTATION, "                path[-1][1].append(_GROUP)\n", ""),
    ("constants left out", NOTATION, "[*operands, *map(self._constant, op.constants)]", "[*operands]"),
    ("a label that reads as a number", NOTATION, "return (_is_letter(label[:1]) and all", "return (all"),
    ("a label that reads as a power", NOTATION, '.startswith("<super>")', '.startswith("<sup>")'),
    ("the label e", NOTATION, ' and label != "e"', ""),
    ("a sum that adds what it takes away", NOTATION, "(self._minus, self.negative(each)) if each.is_negative", "(self._minus, each) if each.is_negative"),
    # Forms.
    ("brackets of a power forgotten", FORMS, "left = _bracketed(*done[0], binding + (to_power or binding == 1))", "left = _bracketed(*done[0], binding)"),
    ("brackets of a subtrahend forgotten", FORMS, "binding - 1 if to_power else binding + 1", "binding - 1 if to_power else binding"),
    ("a number below 0 taken for an atom", FORMS, '_BINDING["negative"] if text.startswith("-") else _ATOM', "_ATOM"),
    ("operands of a reflected sign not turned", FORMS, "_applied(word, right, left) if turned", "_applied(word, left, right) if turned"),
    ("a subtracted product added", FORMS, '(-c if form.word == "-" else c, *factors)', "(c, *factors)"),
    ("a product of three factors", FORMS, "product is None or len(product) > 3", "product is None"),
    ("coefficients multiplied", FORMS, " and 1 in (abs(parts[0][0]), abs(parts[1][0])):", ":"),
    ("a form that branches", FORMS, "raise TypeError(\"a form cannot branch", "return True or (\"a form cannot branch"),
    ("args left as they are", FORMS, "    if symbol.many:\n", "    if False:\n"),
    ("1 and 1.0 one number", FORMS, "if x.__class__ is int and", "if False and"),
    ("truth values not made numbers", JAX_WORDS, "if form.word in TRUTHS and not condition else made", "if False else made"),
    # faults: what programs keep, and what they are made of
    ("labels read when they are drawn", PROGRAM, "self._labels, tree)", "[value.label for value in self._values], tree)"),
    ("a derivative lost at the example", RECORDING, "record=True, replayed=True)", "record=True)"),
    ("arenas without a bound", KERNEL, "if excess <= 0:", "if True:"),
    ("the arenas made last freed first", KERNEL, "for kernel in list(_kernels):", "for kernel in reversed(list(_kernels)):"),
    ("texts that outlive their program", JAX_WORDS, 'forget_with(linked["program"], filename)', "pass"),
    ("functions that see themselves", JAX_WORDS, "name: space.pop(name)", "name: space[name]"),
    ("constants among the parameters", PROGRAM, "if value.op is constant:", "if False:"),
    ("every KeyError taken for a placeholder's", RECORDING, "if not (error.args and isinstance(error.args[0], Value)):", "if False:"),
    ("every AttributeError taken for a placeholder's", RECORDING, "if not isinstance(error.obj, Value):", "if False:"),
    ("a DomainError of the example lost", RECORDING, "raise NoExampleError(str(error))", "raise NotCompilable(str(error))"),
    ("a fallback without a reason", BACKENDS, "fallback=str(error)", 'fallback=""'),
    ("a difference without a reason", TRAINING, "self._go_on_with_the_graph(found)", 'self._go_on_with_the_graph("")'),
    # pictures and texts of loops
    ("a turn is not the turn before", LOOP_TEXT, "before, inner = affine(-1,", "before, inner = affine(0,"),
    ("the last turn is the one before", LOOP_TEXT, "found.append(int(n / loop.span))", "found.append(int(n / loop.span) - (n > loop.span))"),
    ("strides of an outer loop forgotten", LOOP_TEXT, "for k, each in enumerate(strides) if each]", "for k, each in enumerate(strides) if each and k]"),
    ("what is read twice has no name", LOOP_TEXT, "self._uses[made := read.writers[0]] == 1", "self._uses[made := read.writers[0]] >= 1"),
    ("what is shared in a formula of the rows", LOOP_TEXT, "if self._block[made] == self._block[do] else []", ""),
    ("every name is unique", LOOP_TEXT, "if count == 1 and name", "if name"),
    ("the wrong value at first", LOOP_TEXT, "if each.at == x.base and self.loops[each] == around[:-1]]", "if self.loops[each]]"),
    ("the table loses the loops' counts", LOOP_TEXT, "each.loop.count if isinstance(each, Turns) else 1", "1"),
    ("frames beside each other", LOOP_PICTURE, "self.frames_here = (*around, len(self.frames))", "self.frames_here = (len(self.frames),)"),
    ("no arrow goes back", LOOP_PICTURE, "self.pending.append((len(self.boxes), carried.made))", "pass"),
    ("turns before are of this turn", LOOP_PICTURE, "and self._is_earlier(", "and not self._is_earlier("),
    ("a source for all frames", LOOP_PICTURE, "replace(source, frames=self.frames_here)", "source"),
    ("folded without a word", PICTURE, "if folded or hidden:", "if hidden:"),
    # Loops in JAX
    ("the way back forwards", JAX_LOOPS, 'if loop.backwards else []', "if False else []"),
    ("guards that later turns overwrite", JAX_LOOPS, "(found != wanted) & (G[0] == 0)", "(found != wanted)"),
    ("places that meet read too early", JAX_LOOPS, "return high < lowest or highest < low", "return True"),
    ("neighbours where there are none", JAX_LOOPS, "missing > gap", "missing > gap + 1"),
    ("the adjoints of the first row only", JAX_LOOPS, "+ jnp.sum({name}_of_rows, axis=0)", "+ {name}_of_rows[0]"),
    ("JAX's dtype for all", JAX_LOOPS, "jax.enable_x64(self.dtype == np.float64)", "jax.enable_x64(False)"),
    # matrices in JAX
    ("JAX's own derivatives", JAX_RULES, 'head = "" if rules is None else', 'head = "" if rules is not None else'),
    ("slopes of what stands still", JAX_RULES, "if slope and not zero]", "if slope]"),
    ("tangents within a sum", JAX_RULES, "0 in part.operands for part", "9 in part.operands for part"),
    ("constants of rules that differ in the sign of zero", JAX_RULES, "key = op, tuple(map(str, numbers))", "key = op, tuple(map(hash, numbers))"),
    ("as many numbers as are read", JAX_RULES, 'and "args" not in form.words:', "and False:"),
    ("rules that cannot be written passed over", JAX_RULES, "if self._differentiate:", "if False:"),
    ("a sum of one product, once", JAX, "factor = f\"{float(scale)} * \" if scale > 1", "factor = f\"{float(scale)} * \" if False"),
    ("a bias without its weights", JAX, "grid[..., -1], others, known)", "grid[..., 0], others, known)"),
    ("sums where nothing is 1", JAX, "and self.are_all(self.factor(step.right.part(terms, count - 1, count)).places, 1.0)", ""),
    ("the loss of one row", JAX, 'return f"jnp.sum({text})" if site[0]', 'return f"{text}[0]" if site[0]'),
    ("a loss of all rows, once in their sum", JAX, '" / rows" if varies else " * rows"', '" / rows" if varies else ""'),
    ("copies read where they are written", ARRAYS, "self.cells(step.from_rows, step.places)", "step.out.places"),
    ("neighbours of every array", ARRAYS, "(np.diff(owner) != 0) | ((", "((owner[1:] >= 0) & ("),
    ("lines that run over", ARRAYS, "0 <= offset <= min(low, steps[0] - width)", "0 <= offset <= low"),
    ("slices that run over", ARRAYS, "0 <= last < length:", "0 <= last:"),
    ("axes in the order of the array", ARRAYS, "if order == sorted(order):", "if True:"),
    # the compiler of loops: reading
    ("operands in any order", SCALAR, "made.setdefault((what, a, b),", "made.setdefault((what, min(a, b), max(a, b)),"),
    ("guards before what they compare", SCALAR, "max(axis=1, initial=-1) + 0.5", "max(axis=1, initial=-1) - 0.5"),
    ("guards against numbers left out", SCALAR, "if any(x & _MOVES for x in pair)", "if all(x & _MOVES for x in pair)"),
    ("what reads an input from afar shared", SCALAR, "len(made) << 4 | (a | b) & _IN_ROWS | VALUE", "len(made) << 4 | VALUE"),
    ("outputs for all rows at once", SCALAR, "varies[len(self.made) : count] = True", "pass"),
    ("coefficients left out", SCALAR, "if coefficient != 1 or not factors else []", "if not factors else []"),
    ("labels where instructions were", SCALAR, "{int(new[k]): label for", "{int(k): label for"),
    ("rows begun at the first that reads an input", SCALAR, "int((~varies).sum())", "int(varies.argmax())"),
    # … finding loops
    ("operands that move unevenly", PERIODS, "holds &= step[:count] == step[period:]", "holds = step[:count] == step[period:]"),
    ("instructions that do something else", PERIODS, "np.column_stack([program.what, program.kinds])", "np.column_stack([program.what, program.kinds[:, :1]])"),
    ("a turn too many", PERIODS, "np.full_like(first, period), turns + 2, spare]", "np.full_like(first, period), turns + 3, spare]"),
    ("turns begun later for nothing", PERIODS, "run.turns - (shift > run.spare)", "run.turns"),
    ("inner loops alike in the first turn alone", ROLLING, "self.periods.inside(run, alike)", "alike"),
    ("loops that overlap", ROLLING, "if free[best.start - start : best.stop - start].all():", "if free[best.start - start]:"),
    ("tables in the order of the inner turns", ROLLING, "for axis in reversed(range(places.ndim)):", "for axis in range(places.ndim):"),
    ("constants of the first outer turn", ROLLING, "if not any(varies):", "if not varies or not varies[-1]:"),
    ("tables in order of size", ROLLING, "self.tables.get(key := tuple(kept.ravel().tolist()))", "self.tables.get(key := tuple(sorted(kept.ravel().tolist())))"),
    ("tables of all turns", ROLLING, "step *= places.shape[axis]", "step *= places.shape[0]"),
    ("places affine at both ends", NEST, "== places)[exist].all() else None", "== places)[exist][[0, -1]].all() else None"),
    ("indices that only grow", NEST, "enumerate(place.strides) if stride]", "enumerate(place.strides) if stride > 0]"),
    # … names, carried values, lists
    ("the first turn for the last", DATAFLOW, "if loops[:-1] == around and len(loops) > len(around) and self._last(writer) == x:", "if loops[:-1] == around and len(loops) > len(around):"),
    ("carried from any turn", DATAFLOW, "goes_on = self.loops[carried] == around and self.at(carried) == replace(x, base=x.base + x.strides[-1])", "goes_on = self.loops[carried] == around"),
    ("no number before the first turn", DATAFLOW, "self.carried[read.writers[0]] = read.writers[1]", "self.carried[read.writers[0]] = None"),
    ("names of a turn that is over", FORWARD, "if (read.way, depth) in ((\"turn\", 0), (\"after\", 1)):", "if read.way == \"turn\" or (read.way, depth) == (\"after\", 1):"),
    ("names of a loop that is over", FORWARD, "if (read.way, depth) in ((\"turn\", 0), (\"after\", 1)):", "if read.way == \"after\" or (read.way, depth) == (\"turn\", 0):"),
    ("the start of what is carried kept nowhere", FORWARD, "self.kept.update(read.writers)", "self.kept.add(read.writers[0])"),
    ("outputs by the instruction, not the turn", DATAFLOW, "return replace(at, base=at.base - self.first_output)", "return replace(at, base=at.base - self.first_output, strides=at.strides[:-1] + at.strides[-1:] * 0)"),
    # … the sweep backwards
    ("loops swept forwards", REVERSE, "block.append(For(TURNS[depth], loop.count, True, turn, loop.turns))", "block.append(For(TURNS[depth], loop.count, False, turn, loop.turns))"),
    ("bodies swept forwards", REVERSE, "for each in reversed(body):", "for each in body:"),
    ("adjoints carried twice", REVERSE, "            turn.append(Set(f\"{around}{do.at}\", _CLEARED))\n", ""),
    ("nothing for what was before the first turn", REVERSE, "if first is None or first not in self.activity.active:", "if True:"),
    ("adjoints of rows that stay", REVERSE, "                block.append(Store(element, _CLEARED))\n", ""),
    ("parameters that advance taken for one", REVERSE, "if x.base in self.named and not any(x.strides):", "if x.base in self.named:"),
    ("totals of what is shared left out", REVERSE, "split, totals = len(self.around), self.sums.of(self.around)", "split, totals = len(self.around), []"),
    ("varied at the first glance", ACTIVITY, "    while before < len(found):\n", "    while before < 0:\n"),
    ("each sum cleared", REVERSE, "gone.add(cleared.pop(each.target))", "gone.add(cleared[each.target])"),
    # … what is known already
    ("known by the wrong operands", REVERSE, "(None, None, *do.operands, None), self.flow", "(*do.operands, None, None, None), self.flow"),
    ("known whatever the numbers", SLOPES, "else (form.word, form.leaf, *parts)", "else (form.word, *parts)"),
    ("calls computed ahead of what they read", REVERSE, "if arriving.isdisjoint(read := form.operands):", "if read := form.operands:"),
    ("what floats need not compute computed ahead", REVERSE, "if form.word == \"where\":", "if False:"),
    ("garbage that waits for ever", RECORDING, "        if was:\n            gc.enable()\n", "        pass\n"),
    ("garbage collected where it was not to be", RECORDING, "        if was:\n            gc.enable()\n", "        gc.enable()\n"),
    ("known from other loops", REVERSE, "lambda what, loops=loops: self.known.get((loops, what)), found)", "lambda what: next((same for (_, other), same in self.known.items() if other == what), None), found)"),
    ("slopes of matrices that recall nothing", RECALLING, "made.get, found", "{}.get, found"),
    ("known and not kept", FORWARD, "        self.kept.add(do)\n", ""),
    # … branches that are not taken
    ("no flags", ACTIVITY, "return needed & _closed(", "return set() and _closed("),
    ("numbers that are infinite", ACTIVITY, "return not slope.is_safe or any(", "return not slope.is_safe or False and any("),
    ("only the nearest slope", ACTIVITY, "(do for do in self.active if any(x in found for x in self._below(do)))", "()"),
    ("gates always open", REVERSE, "Form(\">\", (flag, _ZERO))", "Form(\">=\", (flag, _ZERO))"),
    ("the first turn always reached", REVERSE, "if holder in self._holders(do) else 1.0", "if holder is _ADJOINT else 1.0"),
    ("a gate behind a gate", REVERSE, "for each in (flag, flows) if each is not None]", "for each in (flows,) if each is not None]"),
    ("the last gate alone", REVERSE, "for each in (flag, flows) if each", "for each in (flag,) if each"),
    ("sums that flow where all terms do", SLOPES, "else self._folded(\"maximum\", ", "else self._folded(\"minimum\", "),
    ("sums that flow where one term may", SLOPES, "return None if None in flows else self._folded(", "return self._folded("),
    ("products that always flow", SLOPES, "return _ZERO if _ZERO in kept else self._folded(\"*\", kept)", "return _ZERO if _ZERO in kept else None"),
    ("branches that always flow", SLOPES, "return self.builder.form(\"where\", (parts[0], *(_ONE if each is None else each for each in flows[1:])))", "return None"),
    ("safe because it is a function", SLOPES, "(op.form is not None and range_of(op.form).finite)", "op.form is not None"),
    ("one over a number", SLOPES, "if word == \"*\" and parts[0].leaf in", "if word in \"*/\" and parts[0].leaf in"),
    # … lists without gaps
    ("places of an inner loop alone", PACKING, "_mapped(body, (*loops, each), change), turns)", "_mapped(body, (*loops, each), change))"),
    ("what is shared as long as with gaps", PACKING, "shared = new[\"A\"].place(code.shared)", "shared = 0"),
    ("room for what is carried into a loop, and none for what comes out", PACKING, "loop.count + 2 for loop", "loop.count + 1 for loop"),
    ("room in turns that nobody reads", PACKING, "turns[(turns >= read.min()) & (turns <= read.max())]", "turns[(turns >= 0) & (turns < len(self.used))]"),
    # … C
    ("constants of C with 15 digits", C_PRINTER, "else repr(float(x))", "else f\"{x:.15g}\""),
    ("the number of a guard off by one", C_PRINTER, "sides[1] = {right}; return {guard + 1};", "sides[1] = {right}; return {guard + 2};"),
    ("nan lets guards hold in C", BRACES, "test = f\"!({holds})\" if check.outcome else holds", "test = f\"!({holds})\" if not check.outcome else holds"),
    ("rows of C as long as the outputs", C_PRINTER, "inputs + row * {self.code.inputs};", "inputs + row * {self.code.outputs};"),
    ("the row of a guard never told", C_PRINTER, "*broken = row; ", ""),
    ("the sides of a guard turned", C_PRINTER, "sides[0] = {left}; sides[1] = {right};", "sides[0] = {right}; sides[1] = {left};"),
    ("nan lost by maximum in C", C_PRINTER, "\"return a > b || a != a ? a : b;\"", "\"return a > b ? a : b;\""),
    ("C's remainder", C_PRINTER, "return r != 0 && (r < 0) != (b < 0) ? r + b :", "return"),
    ("sums of logarithms of infinite numbers", C_PRINTER, "\"return a == b ? a + log(2) : a > b", "\"return a > b"),
    ("words that C lacks", C_PRINTER, "if op.form is None or unknown:", "if unknown:"),
    # … Python
    ("arrays changed in place", PYTHON_PRINTER, "yield f\"{target} = {target} + {text}\"", "yield f\"{target} += {text}\""),
    ("nan lost by maximum in floats", PYTHON_PRINTER, "({a} if {a} {sign} {b} or {a} != {a} else {b})", "({a} if {a} {sign} {b} else {b})"),
    ("the gradient of one row", PYTHON_PRINTER, "return float(x.sum()) if np.ndim(x) else x * rows", "return float(x.sum()) if np.ndim(x) else x"),
    ("totals of the list left out", PYTHON_PRINTER, "(\"A\", self.code.shared), (\"E\", self.code.shared),", ""),
    ("guards of arrays that hold in one row", PYTHON_PRINTER, "if np.any(found != outcome):", "if np.all(found != outcome):"),
    ("what is used twice computed once, of other operands", EXPRESSIONS, "text = self.called(_WORDS.get(form.word, form.word), parts, form)", "text = self.called(_WORDS.get(form.word, form.word), parts[::-1], form)"),
    # … blocks of rows, and what stays between calls
    ("rows counted from their block", ROLLED, "branch_changed(self.code.checks[number], left, right, start + row)", "branch_changed(self.code.checks[number], left, right, row)"),
    ("the first block twice", ROLLED, "for start in range(self.block, columns, self.block):", "for start in range(0, columns, self.block):"),
    ("the last block alone", ROLLED, "loss, gradient = loss + more, gradient + added", "loss, gradient = loss + more, added"),
    ("a row that raises counted twice", ROLLED, "            g[:] = before\n", ""),
    ("gradients of one call in the next", C_PRINTER, "  for (size_t k = 0; k < {code.parameters}; k++) g[k] = 0;\\n", ""),
    ("arguments of a bound program that nobody holds", ROLLED, "def run(_held: Array = self._table)", "def run()"),
    ("adjoints left where a guard gave up", ROLLED, "scratch.adjoints[...] = scratch.flags[...] = 0.0", "pass"),
    ("lists of a call that gave up used again", ROLLED, "            raise scratch.broken(status)\n        return", "            self._idle.append(scratch)\n            raise scratch.broken(status)\n        return"),
    ("results that the next call changes", ROLLED, "scratch.gradient.copy()", "scratch.gradient"),
    ("lists that threads share", ROLLED, "scratch = self._idle.pop()\n", "scratch = self._idle[-1]\n"),
    ("the operands of a message from the first row", ROLLED, "explain(self.rolled.scalars, theta, x[row], row)", "explain(self.rolled.scalars, theta, x[0], row)"),
    ("every row the first in floats", ROLLED, "raise Broken(broken.args[0], row, *broken.args[2:]) from None", "raise"),
    # … choosing
    ("strict programs of loops", CHOOSING, "if strict or dtype not in", "if dtype not in"),
    ("every deep program wide", CHOOSING, "(not deep and operations >= (", "(not deep and operations <= ("),
    ("sums that wait for each other", CHOOSING, "return op.terms is not None or (op.form is not None and op.form.word in (\"+\", \"-\"))", "return op.terms is not None"),
    ("branches left to matrices", CHOOSING, "if wide and not (gradient and _may_lose(program)):", "if wide:"),
    ("branches in what does not move", CHOOSING, "if behind[k] and moving[k] and infinite[k]:", "if behind[k] and infinite[k]:"),
    ("steep slopes before the branch", CHOOSING, "if behind[k] or gates[k]:", "if True:"),
    ("long programs without loops", CHOOSING, "if rolled.nest.length > max(_LONGEST, operations / _SHORTER):", "if False:"),
    ("wide programs in C", CHOOSING, "in_c and not wide and _has_words", "in_c and _has_words"),
    ("quotients that are the same for all rows behind a branch", CHOOSING, "    unsafe &= in_rows\n", ""),
    ("roots that are the same for all rows left to matrices", CHOOSING, "[any(is_steep(op, slope) for slope in passed), not", "[False, not"),
    ("the slopes of roots as those of quotients", SLOPES, "if slope.is_safe or divisor is None or divisor", "if divisor is not None and divisor"),
    ("roots that are the same for all rows without a flag", ACTIVITY, "            return is_steep(do.what, slope)\n", "            return False\n"),
    ("flags for quotients that are the same for all rows", ACTIVITY, "numbers = writers - self._shared", "numbers = writers"),
    # the house of the compiler of loops
    ("something from the next turn alone", ACTIVITY, "and not {\"before\", \"after\"} <= ways", "and \"before\" not in ways"),
    ("a sum cleared behind an inner loop", REVERSE, "cleared.pop(inner.target, None)", "pass"),
    ("truth values of NumPy added", PYTHON_PRINTER, "return f\"({text} * 1.0)\" if word in TRUTHS else text", "return text"),
    ("flags of rows added nowhere", PYTHON_PRINTER, "(\"E\", self.code.shared), ", ""),
    ("the last turn of a triangle as of its first", DATAFLOW, "[a + step * b for a, b in zip", "[a for a, b in zip"),
    ("the first row of an array told", PYTHON_PRINTER, "float(x[row]) if np.ndim(x)", "float(x[0]) if np.ndim(x)"),
    ("an exponential counts as bounded", SLOPES, "finite and not (word in (\"exp\", \"expm1\") and high == math.inf)", "finite"),
    ("divisors are never 0", SLOPES, "or condition != Form(\"!=\", (value, _ZERO))", "and False"),
    ("products of numbers alike in range squared", SLOPES, "form.parts[0] == form.parts[1]", "parts[0] is parts[1]"),
    ("all powers count as bounded", SLOPES, " and exponent.low % 1 == 0", ""),
    ("negative powers count as bounded", SLOPES, "exponent.high >= 0.0 and", "exponent.high and"),
    ("a program in its own globals", PYTHON_PRINTER, "space.pop(\"program\")", "space[\"program\"]"),
    ("quotients of C rounded down", C_PRINTER, "return q - floor(q) > 0.5 ? floor(q) + 1 : floor(q);", "return floor(q);"),
    # Solutions of equations
    ("the sign of the implicit function theorem", SYSTEM, "return [[-each for each in row] for row in self._solved(matrix, right, x)]", "return self._solved(matrix, right, x)"),
    ("slopes of programs with another sign", SYSTEM, "[[-each for each in row[1:]] for row in found]", "[row[1:] for row in found]"),
    ("total derivatives for partial ones", SYSTEM, "return identity(x) if isinstance(x, Value) else Value(float(x))", "return x if isinstance(x, Value) else Value(float(x))"),
    ("a solution that is a constant to the second derivative", SOLUTIONS, "if j in wanted else y for j in range(self.count)]", "if j in wanted else y.detach() for j in range(self.count)]"),
    ("siblings that are constants", SOLUTIONS, "[record(self.op(j), x) if j in wanted else y", "[Value(solution[j]).detach() if j in wanted else y"),
    ("convergence never looked at", SYSTEM, "if not max(map(abs, correction)) <=", "if not min(map(abs, correction)) <="),
    ("the residual for Newton's correction", SYSTEM, "correction = [row[0] for row in self._solved(matrix, [[each] for each in residual], x)]", "correction = residual"),
    ("the tolerance not relative", SYSTEM, "self.equation.tol * max(1.0, *map(abs, x))", "self.equation.tol"),
    ("captured Values let pass", SYSTEM, "if node.is_leaf and node.op is not constant:", "if node.is_leaf and node.op is constant:"),
    ("rows of the elimination that were not swapped", SYSTEM, "[where(swap, x, y) for x, y in pairs]", "[y for x, y in pairs]"),
    ("the pivot of the example", SYSTEM, "swap = greater(abs(b[k]), abs(a[k]))", "swap = 1.0 * (abs(b[k]) > abs(a[k]))"),
    ("no pivot", SYSTEM, "            rows[k], rows[i] = _larger_first(rows[k], rows[i], k)\n", "            pass\n"),
    ("elimination downwards only", SYSTEM, "if i != k and not _is_zero(factor := rows[i][k]):", "if i > k and not _is_zero(factor := rows[i][k]):"),
    ("a solution given again though it was solved anew", SOLUTIONS, "if x is None or i not in left:", "if x is None:"),
    ("a system solved for each of its numbers", SOLUTIONS, "        if left:\n            self._untaken[numbers] = left\n", "        if False:\n            pass\n"),
    ("the solution of other arguments in the sweep", SOLUTIONS, "if x is None or x[i] != y:", "if x is None:"),
    ("slopes of other arguments", SOLUTIONS, "if found[0] != key:", "if found[0] is None:"),
    ("the slopes of another unknown", SOLUTIONS, "return found[1][i]", "return found[1][0]"),
    ("all operands asked for, one wanted", SOLUTIONS, "self.rules.slopes(self.i, y, x, [self.k])", "self.rules.slopes(self.i, y, x, self.rules.asked)[:1]"),
    ("a replay that is not checked", SOLUTIONS, "            self.system.check(x, numbers)\n        self._keep", "        self._keep"),
    ("an operation that holds itself", SOLUTIONS, "WeakValueDictionary[int, Operation] = WeakValueDictionary()", "dict[int, Operation] = {}"),
    ("mpmath's function of a solver's name", SOLUTIONS, "return self.forward  # mpmath may have a function of this name", "return getattr(mp, self.name, self.forward)"),
    ("slopes of programs of the next unknown", IN_PROGRAMS, "self._first + i * len(self.asked) + self.asked.index(k)", "self._first + self.asked.index(k)"),
    ("slopes of programs that are constants to the next derivative", IN_PROGRAMS, "if not any(isinstance(each, Value) for each in (y, *x)):\n            return", "if True:\n            return"),
    ("a program whose rows need not converge", IN_PROGRAMS, "if not functools.reduce(maximum, map(abs, correction)) <= bound:", "if not functools.reduce(maximum, map(abs, correction)).data <= getattr(bound, 'data', bound):"),
    ("new rules for each turn of a loop", IN_PROGRAMS, "        solution.in_programs = ref(rules)\n", ""),
    ("solvers recorded against the user's wish", IN_PROGRAMS, "if not equation.recorded:", "if False:"),
    ("derivatives to where the solver starts", CALL, "if kinds[i] is Value and i >= inits]", "if kinds[i] is Value]"),
    ("texts of the first call for all", CALL, "return (*self.kinds, *others, *structure(self.tree))", "return (*self.kinds, *structure(self.tree))"),
    ("static fields of the first call for all", CALL, "yield from ((name, getattr(part.tree, name, None)) for name in sorted(names))", "yield from sorted(names)"),
    ("an int that becomes a float", CALL, "return int(number_of(x)) if kind is int else float(number_of(x))", "return float(number_of(x))"),
    ("guards of a solver that failed", RECORDING, "            del notes.guards[start:]\n", "            pass\n"),
    # words, names and rounding
    ("the environment before the program", LANGUAGES, "return _chosen or _of_environment()", "return _of_environment() or _chosen"),
    ("labels before the program", LANGUAGES, 'return language() or ("ja" if any(map(is_japanese, labels)) else "en")', 'return "ja" if any(map(is_japanese, labels)) else language() or "en"'),
    ("a choice that cannot be taken back", LANGUAGES, "        if name is not None:\n            check(", "        if name is None:\n            return _chosen\n        if name is not None:\n            check("),
    ("a wrong variable said at each call", LANGUAGES, "if name and name not in _warned:", "if name:"),
    ("emoji in Japanese", LANGUAGES, "\\U00020000-", "\\U0001f000-"),
    ("a tooltip without its number", WORDS, "{number} 回目の使用（全 {uses} 回）", "全 {uses} 回の使用"),
    ("an English word in Japanese", WORDS, 'columns=("番号", "名前", "計算", "順伝播の値", "勾配"),', 'columns=("番号", "名前", "計算", "順伝播の値"),'),
    ("errors that do not look at labels", ERRORS, '(getattr(operand, "label", None) for operand in operands))', "())"),
    ("two names told apart alike", NAMES, "way.told_apart(name, i) for i, node", "way.told_apart(name, 1) for i, node"),
    ("labels that are alike in LaTeX only", NAMES, "alike.setdefault(way.name(shown).text, [])", "alike.setdefault(shown, [])"),
    ("formulas of several nodes", EXPLAIN, "self._formulas if len(nodes) == 1 else self._numbered", "self._formulas"),
    ("what is what left out for formulas", EXPLAIN, "sorted({*self._names.told_apart, *self._numbered}", "sorted({*self._names.told_apart}"),
    ("rounding measured by what is left", EXPLAIN, "self.sizes.get(x, 0.0) + size * _magnitude(slope)", "self.sizes.get(x, 0.0) + size * float(slope)"),
    ("rounding of one operation", EXPLAIN, "len(self.consumers[node]) + _PER_STEP\n", "0\n"),
    ("a bound that hides derivatives", EXPLAIN, "* unit(total)\n", "* unit(total) * 10**9\n"),
    ("rounding of exact numbers", REALS, "return 2.0**-53 if isinstance(number, float) else 0.0", "return 2.0**-53"),
    ("a power read as a name", NOTATION, "if found[4] and not lowered:", "if False:"),
    ("a command that is no letter", NOTATION, "if not found or not letter or letter.startswith(", "if not found or not letter or letter.endswith("),
    ("a use without its mark", SYMBOLS, '    if use is None:\n        return ""', '    if True:\n        return ""'),
    ("the mark of the first use for all", SYMBOLS, "return _MARKS[use] if", "return _MARKS[0] if"),
    ("the derivative of the operand by the result", SYMBOLS, 'f"∂{self.name(target)}/∂{self.name(source)}{_mark(use)}"', 'f"∂{self.name(source)}/∂{self.name(target)}{_mark(use)}"'),
    ("names that labels have", SYMBOLS, "yield from (name for name in names if name not in taken)", "yield from names"),
    ("a letter that is a label", SYMBOLS, "if wanted == 1 and letter not in taken:", "if wanted == 1:"),
    ("symbols of seeds that are not 1", SYMBOLS, "gradient_of(self._roots[0]) != 1", "not gradient_of(self._roots[0])"),
    ("symbols of what is inside a box", "autograd/render/dot/text.py", "if arrow.target is not None and self.snapshot.box(arrow.target) is None:", "if arrow.target is not None:"),
    ("a label that collides kept in a picture with symbols", SYMBOLS, "return node in self._given or self._names.has_others(node)", "return node in self._given"),
    ("a notebook without a word", "autograd/render/picture.py", "return None if failure is None else f", "return None if failure else f"),
    ("a layout tried twice", "autograd/render/picture.py", "                self._too_slow = error\n", "                return error\n"),
    ("a large graph in a notebook", "autograd/notebooks.py", "<= MOST_SHOWN:", "<= 10**6:"),
    ("a sum whose terms have an order", REPEATS, "return self.nodes[i].op is add or len(self.terms[i]) >= _UNORDERED", "return False"),
    ("parts of two in one box", REPEATS, "return all(len({self.instance[j] for j in self.graph.users[i]}) == 1 for i in members)", "return True"),
    ("a box for what leads elsewhere too", REPEATS, "box = boxes.pop() if len(boxes) == 1 else None", "box = boxes.pop() if boxes else None"),
    ("what a loop begins with in its box", REPEATS, "return alone and each not in self._begins", "return alone"),
    ("the last turn counted twice", REPEATS, "self._turn_text(region), region.run.turns - 1)", "self._turn_text(region), region.run.turns)"),
    ("an opened one left in the count", REPEATS, "count = len(members) - (name in expand)", "count = len(members)"),
    ("a zero that can change", OPERANDS, "return node.op is constant and node.label is None and not node.data", "return node.label is None and not node.data"),
    ("a label lost with a zero", OPERANDS, "while node.op is add and node.label is None and", "while node.op is add and"),
    ("boxes beyond what was searched", "autograd/render/graph/nearest.py", "is_out = within is not None and node not in within", "is_out = False"),
    ("a wrong sum blamed on one arrow", ADOPTED, "return None if self._uses[node] == 1 else self._right_gradients.get(node)", "return None"),
    ("blame passed on", ADOPTED, "self._gradients[node] = total if theirs is None else theirs", "self._gradients[node] = theirs if total is None else total"),
    ("kinks judged", ADOPTED, "arrived[x].append((shares[i], kept is not None or not is_kink))", "arrived[x].append((shares[i], True))"),
    ("slopes of the engine not compared", ADOPTED, "not agree(kept[i], ours[i])", "False"),
    ("stale leaves taken for a backward that has run", ADOPTED, "return all(gradient is None for gradient in inner) and any(leaves)", "return any(leaves)"),
    ("a wrong page that can be changed", ADOPTED, "differs = bool(self.faults) or self._has_own_conventions", "differs = False"),
    ("a cycle not seen", ADOPTED, "if id(x) in above:", "if False:"),
    ("an operand once", MATCHING, "yield places * 2", "yield places"),
    ("one order alone", MATCHING, "yield places[::-1]", "yield places"),
    ("what has no name by its value alone", MATCHING, "all(s is not None and agree(t, s) for s, t in", "all(True for s, t in"),
    ("a fault of the sweep that is blamed on an operation", DERIVED, "_unless_another_law(subject, list(broken))", "pass"),
    ("a gradient that is kept is called lost", SHARED, '"kept" if theirs > right else "lost"', '"lost" if theirs > right else "kept"'),
    ("no way of different length in the order of the sweep", SHARED, "    for operands in ((1, 2), (2, 1)):\n", "    for operands in ():\n"),
    ("a graph that stays after the sweep is not looked for", GROWTH, '((False, "closures"), (True, "sweep held"))', '((False, "closures"),)'),
    ("somebody else's timer is lost", TRYING, "signal.setitimer(signal.ITIMER_REAL, rest, interval)", "pass"),
    ("an interval that is passed over", DRAWING, "drawn[each.name] = _interval(caller, each.name, domain[each.name])", "drawn[each.name] = within(*ANYWHERE)"),
    ("a wrong gradient that is a point without a value", JUDGED, "    except GradientMismatch as wrong:\n        return wrong", "    except GradientMismatch:\n        return None"),
    ("the order of the closure not read", FOREIGN, "inputs, ordered = operands or inputs, None if operands else False", "inputs, ordered = inputs, False"),
    ("the only arrow without what the engine has", ADOPTED, "self._gradients[x] if alone[i] else shares[i]", "shares[i]"),
    ("rounding added as a path", EXPLAIN, "[x for x in self.sums[1:] if self.shown(x) is not None]", "self.sums[1:]"),
    # the exercises
    ("a student's file is overwritten", EXERCISE, "if path.exists() or path.is_symlink():", "if path.is_symlink():"),
    ("the largest case is told", ANSWER, "different = different or difference", "different = difference or different"),
    ("the first slip's hint is told", ANSWER, "if all(_close(got", "if any(_close(got"),
    ("a part is judged with what the student wrote", ANSWER, "        vars(self.module).update(functions)\n", ""),
    ("what was put in place stays", ANSWER, "            vars(self.module).update(before)", "            pass"),
    ("modules of a student stay", ANSWER, "                del sys.modules[name]", "                pass"),
    ("there is a keyboard", ANSWER, "sys.stdin = sys.stdin, io.StringIO()", "sys.stdin = sys.stdin, sys.stdin"),
    ("a TODO is an error", ANSWER, 'if raised.kind == "NotImplementedError":', 'if raised.kind == "TODO":'),
    ("a wrong shape is broadcast", ANSWER, "    if numbers.shape != np.shape(right):", "    if False:"),
    ("a part waits for no other", CHECKING, "if part.after is not None and part.after not in passed:", "if False:"),
    ("praise comes too early", CHECKING, 'if verdict.outcome != "passes":\n            break', 'if False:\n            break'),
    ("what is wrong has status 0", EXERCISES_COMMAND, "return int(passed < len(verdicts))", "return 0"),
    ("names that are far are offered", FAMILIAR, "<= (len(text) + 1) // 4", "<= len(text)"),
    ("letters that are swapped are two slips", FAMILIAR, "cost = min(cost, further[j - 2] + 1)", "pass"),
    ("Tab shows what is not there", FAMILIAR, "name not in table or hasattr(self, name)", "True"),
    ("Python guesses at a name, too", FAMILIAR, "raise AttributeError(said, obj=thing)", "raise AttributeError(said)"),
    ("the order is taken for repetition", OWN_VALUE, "if came[MOST] > 1", "if came[MOST] > 0"),
    ("a sum is wanted of the perceptron", OWN_PERCEPTRON, "share = len(case[\"g\"]) if takes_means(answer) else 1", "share = 1"),
)  # fmt: skip


GLANCE, THOROUGH = "glance", "ci"  # profiles of Hypothesis: five examples, and as many as the workflow tries
NO_BUG: Mutant = ("no bug at all", ENGINE, "", "")
CPU_SECONDS = 600  # a bug that makes a loop endless is caught too
MISPLACED = 70


class Run(NamedTuple):
    """The laws that are tried on a mutant, and how hard."""

    mutant: Mutant
    laws: Sequence[str]
    profile: str


class Experience:
    """What earlier runs have shown: how long each test takes, and how often each law has killed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.kills: Counter[str] = Counter()

    def learn(self, report: dict[str, Any]) -> None:
        self.seconds = report["seconds"] | self.seconds
        self.kills.update(map(_law, report["killers"]))

    def rank(self, test: str) -> tuple[float, float]:
        return -self.kills[_law(test)], self.seconds.get(test, 0.0)


class Watch:
    """The plugin of pytest that puts tests in their order, and notes what they take and which of them fail."""

    def __init__(self, about: set[str], experience: Experience) -> None:
        self.about, self.experience = about, experience
        self.report: dict[str, Any] = {"seconds": {}, "killers": []}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: (not self._is_near(item), *self.experience.rank(item.nodeid)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.report["seconds"][report.nodeid] = report.duration
        if report.failed:
            self.report["killers"].append(report.nodeid)

    def _is_near(self, item: pytest.Item) -> bool:
        return not self.about.isdisjoint(_words(item.nodeid.partition("[")[2]))


def _law(test: str) -> str:
    return test.partition("[")[0]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]\w+", text))


LAWS_OF: tuple[tuple[Sequence[str], Sequence[str]], ...] = (
    *(((file,), (f"lessons/test_{Path(file).stem}.py",)) for file in OF_DOCUMENT_002),
    (COMPILED, OF_ENGINES),
    (("autograd/check/",), OF_CHECKS),
    ((TREES, CONTAINERS, CALLS), OF_TREES),
    ((ESTIMATORS, NETWORKS, PERCEPTRONS), OF_ESTIMATORS),
    ((TRAINING, BACKENDS), (*OF_TRAINING, *OF_ESTIMATORS)),
    ((CURVES, HISTORY), OF_CURVES),
    ((*DRAWN, NN_NAMES), OF_NETWORKS),
    ((MODULE,), (*OF_TRAINING, *OF_NETWORKS)),
    ((CROSSCHECK, CHECKPOINT, FILES, OPTIMIZERS), OF_TRAINING),
    (COMPILER_OF_LOOPS, OF_LOOPS),
    (COMPILER_OF_MATRICES, OF_MATRICES),
    ((C_STEPS, LANES), OF_STEPS),
    ((TOOLCHAIN,), OF_TOOLCHAIN),
    ((WAY, WAYS, REPLAY), OF_WAYS),
    ((*FILES_OF_EXPORT, WHOLE), OF_EXPORT),
    ((UFUNCS, CALLERS), OF_NUMPY),
    ((SYSTEM, SOLUTIONS, IN_PROGRAMS, CALL), OF_SOLUTIONS),
    (("autograd/render/picture.py", "autograd/notebooks.py"), ("render/test_pictures.py",)),
    (
        (REPEATS, OPERANDS, "autograd/render/graph/nearest.py"),
        ("render/test_repeats.py", "render/test_pictures.py", "render/test_parts.py"),
    ),
    (("autograd/render/dot/text.py",), (*OF_SYMBOLS, *LAWS)),
    ((SYMBOLS,), OF_SYMBOLS),
    (JUDGING, OF_JUDGING),
    ((FOREIGN, ADOPTED, MATCHING), ("render/test_foreign.py",)),
    ((EXPLAIN, NAMES), OF_EXPLANATIONS),
    ((FAMILIAR,), ("engine/test_familiar.py",)),
    ((LANGUAGES, WORDS, ERRORS), OF_LANGUAGES),
    ((JAVASCRIPT, HOLES, TAPE, RECORDED, STORY, NUMBERS, TAPE_JS, LIVE), OF_PAGES),
    ((JAVASCRIPT_PRINTER,), OF_JAVASCRIPT),
    ((GUESSED, GUESS, CANVAS), OF_GUESSES),
    ((STEEPEST, SLOPES_LESSON, GENERALISATION, REPRESENTATION), OF_LESSONS),
    (("demos/_exercises/",), OF_EXERCISES),
    ((LEARNING, PLAYED, PLAYGROUND), OF_PLAYGROUND),
    ((NOTATION,), (*OF_FORMULAS, *OF_EXPLANATIONS)),
    ((LOOP_TEXT, LOOP_PICTURE, PICTURE, DIAGRAM, WRITING), OF_PICTURES),
    ((JAX_LOOPS,), OF_LOOPS_IN_JAX),
    ((JAX, JAX_RULES, ARRAYS), OF_MATRICES_IN_JAX),
    ((EAGER,), (*OF_PROGRAMS, *OF_TRAINING)),
    ((RECORDING,), (*OF_PROGRAMS, *OF_SOLUTIONS)),
    (("autograd/compiler/",), OF_PROGRAMS),
)
"""Files, or folders, and the laws about what stands in them: the first that fit."""


def laws_of(file: str) -> Sequence[str]:
    return next((laws for places, laws in LAWS_OF if file.startswith(tuple(places))), LAWS)


def plant(mutant: Mutant, copy: Path) -> set[str]:
    """Make a copy of the library with this bug in it; the words about the place where it is."""
    name, file, old, new = mutant
    package = Path(file).parts[0]
    copy.mkdir()
    for path in ROOT.iterdir():
        if path.name == package:
            shutil.copytree(path, copy / package)
        elif not path.name.startswith(".") and path.name != "outputs":
            (copy / path.name).symlink_to(path)
    text = (copy / file).read_text(encoding="utf-8")
    if (count := text.count(old)) != 1 and mutant is not NO_BUG:
        raise SystemExit(f"mutant {name!r}: its text stands {count} times in {file}; wanted once")
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    if file in COMPILED:
        folders = "--build-lib", str(copy), "--build-temp", str(copy / "objects")
        subprocess.run(
            [sys.executable, "setup.py", "-q", "build_ext", *folders], cwd=copy, capture_output=True, check=False
        )
    place = text.find(old)
    return _words(text[max(place - 200, 0) : place + len(old)])


def start(run: Run, folder: Path, experience: Experience) -> int:
    """Try the laws in a process of their own; its number."""
    about = plant(run.mutant, folder / "library")
    if process := os.fork():
        return process
    status = MISPLACED
    try:
        status = _try_laws(run, folder, Watch(about, experience))
    finally:
        os._exit(status)


def _try_laws(run: Run, folder: Path, watch: Watch) -> int:
    copy = folder / "library"
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    os.chdir(copy)
    engine = "compiled" if run.mutant[1] in COMPILED else "python"  # a bug in a closure is none where a kernel computes
    os.environ |= {"PYTHONPATH": str(copy), "HYPOTHESIS_PROFILE": run.profile, "AUTOGRAD_ENGINE": engine}
    sys.path[:] = [str(copy), *(path for path in sys.path if Path(path) != ROOT)]
    options = ["-x", "-q", "-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is loaded already
    with (folder / "said").open("w", encoding="utf-8") as said, redirect_stdout(said), redirect_stderr(said):
        status = pytest.main([*options, *(f"tests/{law}" for law in run.laws)], plugins=[watch])
    (folder / "report").write_text(json.dumps(watch.report), encoding="utf-8")
    library = sys.modules.get("autograd")
    misplaced = library is not None and not str(library.__file__).startswith(str(copy))
    return MISPLACED if misplaced or status == pytest.ExitCode.NO_TESTS_COLLECTED else int(status)


def survivors(runs: Sequence[Run], jobs: int, experience: Experience) -> Iterator[tuple[Run, bool, str]]:
    """Of each run, as it ends, whether the laws passed, and which of them did not."""
    waiting, running = list(reversed(runs)), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            folder = tempfile.TemporaryDirectory()
            run = waiting.pop()
            running[start(run, Path(folder.name), experience)] = run, folder
        process, status = os.wait()
        run, folder = running.pop(process)
        if os.waitstatus_to_exitcode(status) == MISPLACED:
            said = Path(folder.name, "said")
            raise SystemExit(f"mutant {run.mutant[0]!r}: the laws were not tried.\n{said.read_text(encoding='utf-8')}")
        report = Path(folder.name, "report")
        noted = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"seconds": {}, "killers": []}
        experience.learn(noted)
        folder.cleanup()
        yield run, not status, ", ".join(noted["killers"])


def main() -> NoReturn:
    """Run every mutant, or those whose name or file contains a word, and exit with 1 if one survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("word", nargs="?", default="", help="only mutants whose name or file contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    sys.dont_write_bytecode = False  # the runs read what the first of them has compiled
    begin, experience = time.perf_counter(), Experience()
    alive = [mutant for mutant in MUTANTS if options.word in mutant[0] or options.word in mutant[1]]
    chosen = len(alive)
    for profile in (GLANCE, THOROUGH):
        needed = dict.fromkeys(laws_of(mutant[1]) for mutant in alive)
        for _, passed, killers in survivors([Run(NO_BUG, laws, profile) for laws in needed], options.jobs, experience):
            if not passed:
                raise SystemExit(f"the laws fail on the library as it is; no mutant can tell anything: {killers}")
        runs, alive = [Run(mutant, laws_of(mutant[1]), profile) for mutant in alive], []
        for run, passed, killers in survivors(runs, options.jobs, experience):
            alive += [run.mutant] * passed
            verdict = "killed  " if not passed else "SURVIVES" if profile == THOROUGH else "waits   "
            print(f"{verdict}  {run.mutant[1]:<24} {run.mutant[0]}  {killers}", flush=True)
    print(f"{chosen - len(alive)} of {chosen} killed in {time.perf_counter() - begin:.0f} s")
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
