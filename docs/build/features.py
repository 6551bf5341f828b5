"""What the engine and its peers do with the same small tasks: `python -m docs.build.features`.

Every cell of the table is what a few lines of code print when a process of its own runs them, or the name of the error
that ends it: `✓`, `✗`, a number. No cell is written by hand, and where there is nothing to run there is a dash. The
file is long because it holds the code of some fifty cells.

HIPS autograd has our import name, so it has to be installed in another environment:

    python -m venv hips && hips/bin/pip install autograd
    python -m docs.build.features --hips hips/bin/python
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from textwrap import dedent, indent
from typing import NamedTuple

from tqdm import tqdm

from autograd.commands import run
from benchmarks.compiled import ONE_THREAD, clock
from docs.build import ROOT, readme

LIMIT = 300.0
"""Seconds that a cell may take."""
_RUNS = 3
"""Processes that time a cell; each number is the best of them."""

LIBRARIES = {
    "scalar-autograd": "scalar-autograd",
    "micrograd": "micrograd",
    "PyTorch": "torch",
    "JAX": "jax",
    "CasADi": "casadi",
    "HIPS autograd": "autograd",
}
"""The columns, and the name of each in the package index."""


class Feature(NamedTuple):
    """A row: what is asked, by language, and the code that answers, by library."""

    en: str
    ja: str
    code: dict[str, str]


_HEADS = {
    "scalar-autograd": "from autograd import *\nimport autograd as ag",
    "micrograd": "from micrograd.engine import Value",
    "PyTorch": "import torch\ntorch.set_default_dtype(torch.float64)",
    "JAX": "import jax\njax.config.update('jax_enable_x64', True)\nfrom jax import numpy as jnp",
    "CasADi": "import casadi as ca",
    "HIPS autograd": "import autograd\nfrom autograd import numpy as anp",
}
_MARK = "def mark(good):\n    print('✓' if good else '✗')\n"

_THIRD = Feature(
    "third derivative",
    "3 階の微分",
    {
        "scalar-autograd": """
            x = Value(0.5)
            (first,) = gradients(x**4, [x])
            (second,) = gradients(first, [x])
            mark(gradients(second, [x])[0].data == 12)""",
        "micrograd": """
            x = Value(0.5)
            (x**4).backward()
            mark(isinstance(x.grad, Value))  # what could be differentiated again""",
        "PyTorch": """
            x = torch.tensor(0.5, requires_grad=True)
            y = x**4
            for _ in range(3):
                (y,) = torch.autograd.grad(y, x, create_graph=True)
            mark(y.item() == 12)""",
        "JAX": "mark(jax.grad(jax.grad(jax.grad(lambda x: x**4)))(0.5) == 12)",
        "CasADi": """
            x = ca.SX.sym('x')
            y = x**4
            for _ in range(3):
                y = ca.gradient(y, x)
            mark(float(ca.Function('f', [x], [y])(0.5)) == 12)""",
        "HIPS autograd": """
            grad = autograd.grad
            mark(grad(grad(grad(lambda x: x**4)))(0.5) == 12)""",
    },
)

_DEEP = Feature(
    "backward through a chain of 100,000 operations",
    "10 万個の演算の鎖をさかのぼる",
    {
        "scalar-autograd": """
            y = x = Value(1.0)
            for _ in range(100_000):
                y = y * 1.0
            y.backward()
            mark(x.grad == 1)""",
        "micrograd": """
            y = x = Value(1.0)
            for _ in range(100_000):
                y = y * 1.0
            y.backward()
            mark(x.grad == 1)""",
        "PyTorch": """
            y = x = torch.tensor(1.0, requires_grad=True)
            for _ in range(100_000):
                y = y * 1.0
            y.backward()
            mark(x.grad == 1)""",
        "JAX": """
            def f(y):
                for _ in range(100_000):
                    y = y * 1.0
                return y
            mark(jax.grad(f)(1.0) == 1)""",
        "CasADi": """
            y = x = ca.SX.sym('x')
            for _ in range(100_000):
                y = ca.sin(y)  # y * 1 it would leave out
            f = ca.Function('f', [x], [ca.gradient(y, x)])
            mark(0 < float(f(1.0)) < 1)""",
        "HIPS autograd": """
            def f(y):
                for _ in range(100_000):
                    y = y * 1.0
                return y
            mark(autograd.grad(f)(1.0) == 1)""",
    },
)

_EXACT = Feature(
    "exact derivatives of a `Fraction`",
    "`Fraction` のまま厳密に微分",
    {
        "scalar-autograd": """
            x = Value(Fraction(1, 3))
            (x**2 / (1 + x)).backward()
            mark(x.grad == Fraction(7, 16))""",
        "micrograd": """
            x = Value(Fraction(1, 3))
            (x**2 / (1 + x)).backward()
            mark(x.grad == Fraction(7, 16))""",
        "PyTorch": "torch.tensor(Fraction(1, 3), requires_grad=True)",
        "JAX": "mark(jax.grad(lambda x: x**2 / (1 + x))(Fraction(1, 3)) == Fraction(7, 16))",
        "CasADi": "ca.SX(Fraction(1, 3))",
        "HIPS autograd": "mark(autograd.grad(lambda x: x**2 / (1 + x))(Fraction(1, 3)) == Fraction(7, 16))",
    },
)

_LOG = Feature(
    "log(−1) gives",
    "log(−1) の結果",
    {
        "scalar-autograd": "log(Value(-1.0))",
        "PyTorch": "print(torch.log(torch.tensor(-1.0)).item())",
        "JAX": "print(float(jnp.log(-1.0)))",
        "CasADi": "print(float(ca.log(ca.DM(-1.0))))",
        "HIPS autograd": "print(anp.log(-1.0))",
    },
)

_CHECK = Feature(
    "gradient checker finds a wrong rule inside a formula: ✓ names it, (✓) does not",
    "勾配の検査が、式の中の誤った微分規則を見つける（✓ は名指しする、(✓) は名指ししない）",
    {
        "scalar-autograd": """
            bad = primitive('bad', lambda x: x * x, lambda g, y, x: (g * x,))
            try:
                check_gradient(lambda x: tanh(bad(x)) * x, 0.7)
            except GradientMismatch as error:
                mark('`bad`' in str(error) or 'bad(' in str(error))""",
        "PyTorch": """
            class Bad(torch.autograd.Function):
                @staticmethod
                def forward(context, x):
                    context.save_for_backward(x)
                    return x * x
                @staticmethod
                def backward(context, g):
                    return g * context.saved_tensors[0]
            try:
                torch.autograd.gradcheck(lambda x: torch.tanh(Bad.apply(x)) * x, torch.tensor(0.7, requires_grad=True))
            except Exception as error:
                print('✓' if 'Bad' in str(error) else '(✓)')""",
        "JAX": """
            from jax.test_util import check_grads
            @jax.custom_vjp
            def bad(x):
                return x * x
            bad.defvjp(lambda x: (x * x, x), lambda x, g: (g * x,))
            try:
                check_grads(lambda x: jnp.tanh(bad(x)) * x, (0.7,), order=1, modes=['rev'])
            except AssertionError as error:
                print('✓' if 'bad' in str(error) else '(✓)')""",
        "HIPS autograd": """
            from autograd.extend import primitive, defvjp
            from autograd.test_util import check_grads
            @primitive
            def bad(x):
                return x * x
            defvjp(bad, lambda y, x: lambda g: g * x)
            try:
                check_grads(lambda x: anp.tanh(bad(x)) * x, modes=['rev'], order=1)(0.7)
            except AssertionError as error:
                print('✓' if 'bad' in str(error) else '(✓)')""",
    },
)

_FREE = Feature(
    "a dropped graph is freed at once, without the garbage collector",
    "捨てたグラフは、ガベージコレクタなしですぐ消える",
    {
        name: f"""
            import gc
            def once():
                {work}
            once()
            gc.collect()
            gc.disable()
            for _ in range(100):
                once()
            mark(gc.collect() < 100)"""
        for name, work in {
            "scalar-autograd": "x = Value(0.5); (x * x + x).backward()",
            "micrograd": "x = Value(0.5); (x * x + x).backward()",
            "PyTorch": "x = torch.tensor(0.5, requires_grad=True); (x * x + x).backward()",
            "JAX": "jax.grad(lambda x: x * x + x)(0.5)",
            "CasADi": "x = ca.SX.sym('x'); ca.gradient(x * x + x, x)",
            "HIPS autograd": "autograd.grad(lambda x: x * x + x)(0.5)",
        }.items()
    },
)

_MATRICES = Feature(
    "matrices as values",
    "行列を値にできる",
    {
        "scalar-autograd": "import numpy as np\nValue(np.ones((2, 2)))",
        "micrograd": "import numpy as np\ny = Value(np.ones((2, 2))) @ Value(np.ones((2, 2)))",
        "PyTorch": """
            A = torch.ones(2, 2, requires_grad=True)
            (A @ A).sum().backward()
            mark(A.grad.sum() == 16)""",
        "JAX": "mark(jax.grad(lambda A: (A @ A).sum())(jnp.ones((2, 2))).sum() == 16)",
        "CasADi": """
            A = ca.MX.sym('A', 2, 2)
            f = ca.Function('f', [A], [ca.gradient(ca.sum1(ca.sum2(A @ A)), A)])
            mark(float(ca.sum1(ca.sum2(f(ca.DM.ones(2, 2))))) == 16)""",
        "HIPS autograd": "mark(autograd.grad(lambda A: (A @ A).sum())(anp.ones((2, 2))).sum() == 16)",
    },
)

_BRANCH = Feature(
    "`x * x if x > 0 else -x` for one, run on a batch that needs both branches",
    "同じく `x * x if x > 0 else -x` を、両方の枝が要るバッチで",
    {
        "scalar-autograd": "mark(ag.compile(branch, 1.0, branches='follow')([1.0, -2.0]).tolist() == [1, 2])",
        "micrograd": "mark([branch(Value(x)).data for x in (1.0, -2.0)] == [1, 2])",
        "PyTorch": "mark(torch.func.vmap(branch)(torch.tensor([1.0, -2.0])).tolist() == [1, 2])",
        "JAX": "mark(jax.jit(jax.vmap(branch))(jnp.array([1.0, -2.0])).tolist() == [1, 2])",
        "CasADi": "branch(ca.SX.sym('x'))",
        "HIPS autograd": "mark(branch(anp.array([1.0, -2.0])).tolist() == [1, 2])",
    },
)

_SCALARS = '''
import gc, random, time
random.seed(0)
theta = [random.uniform(-1, 1) for _ in range(337)]
X = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(100)]
T = [random.choice([-1.0, 1.0]) for _ in X]

def loss(theta, x, t, relu):
    """Hinge loss of one sample by MLP 2-16-16-1, in scalars."""
    p = iter(theta)
    for wide, out in ((2, 16), (16, 16), (16, 1)):
        rows = [[next(p) for _ in range(wide + 1)] for _ in range(out)]
        x = [sum((w * xi for w, xi in zip(row, x)), row[-1]) for row in rows]
        x = [relu(each) for each in x] if out > 1 else x
    return relu(1 - t * x[0])

def timed(run, times=1):
    seconds = []
    for _ in range(times):
        if not seconds or seconds[-1] > 0.01:
            gc.collect()  # so that nobody pays for the garbage of the turn before
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result

def report(run):
    """`run` makes the step and gives it: a function to the gradient over all samples."""
    first, (step, gradient) = timed(lambda: (lambda step: (step, step()))(run()))
    often = 3 if timed(step)[0] > 0.1 else 200
    assert abs(sum(g * g for g in map(float, gradient)) - 1.16522797406) < 1e-9
    print(first, timed(step, often)[0])
'''

_NETWORK = Feature(
    "gradient over 100 samples, from scalar code for one: first, each further",
    "1 サンプル分のスカラーのコードから 100 サンプルの勾配：初回、2 回目以降",
    {
        "scalar-autograd": """
            import numpy as np
            A, b = np.array(X), np.array(T)
            def run():
                wrt = [Value(p) for p in theta]
                program = ag.compile(lambda x, t: loss(wrt, x, t, relu), X[0], T[0], wrt=wrt)
                return lambda: program.value_and_grad(A, b)[1]
            report(run)""",
        "micrograd": """
            def step():
                wrt = [Value(p) for p in theta]
                losses = [loss(wrt, x, t, Value.relu) for x, t in zip(X, T)]
                (sum(losses) / 100).backward()
                return [p.grad for p in wrt]
            report(lambda: step)""",
        "PyTorch": """
            A, b = torch.tensor(X), torch.tensor(T)
            wrt = torch.tensor(theta, requires_grad=True)
            def total():
                return torch.func.vmap(lambda x, t: loss(wrt.unbind(), x.unbind(), t, torch.relu))(A, b).mean()
            report(lambda: lambda: torch.autograd.grad(total(), wrt)[0])""",
        "JAX": """
            A, b = jnp.array(X), jnp.array(T)
            wrt = jnp.array(theta)
            def total(wrt):
                return jax.vmap(lambda x, t: loss(wrt, x, t, jax.nn.relu))(A, b).mean()
            def run():
                gradient = jax.jit(jax.grad(total))
                return lambda: gradient(wrt).block_until_ready()
            report(run)""",
        "CasADi": """
            import numpy as np
            A, b, numbers = ca.DM(X).T, ca.DM(T).T, ca.DM(theta)
            def run():
                w, x, t = ca.SX.sym('w', 337), ca.SX.sym('x', 2), ca.SX.sym('t')
                y = loss(ca.vertsplit(w), ca.vertsplit(x), t, lambda z: ca.fmax(z, 0))
                f = ca.Function('f', [w, x, t], [ca.gradient(y, w)]).map(100)
                return lambda: np.asarray(ca.sum2(f(numbers, A, b)) / 100).ravel()
            report(run)""",
        "HIPS autograd": """
            A, b, wrt = anp.array(X), anp.array(T), anp.array(theta)
            def total(wrt):
                return anp.mean(loss(wrt, [A[:, 0], A[:, 1]], b, lambda z: anp.maximum(z, 0)))
            report(lambda: lambda: autograd.grad(total)(wrt))""",
    },
)

_SIZE = """
import re
from importlib import metadata
from pathlib import Path

def with_needs(name, found):
    if name not in found:
        found.add(name)
        for need in metadata.requires(name) or []:
            if 'extra ==' not in need:
                try:
                    with_needs(re.match('[A-Za-z0-9._-]+', need)[0].lower().replace('_', '-'), found)
                except metadata.PackageNotFoundError:
                    pass  # for another platform
    return found

def report(names, folders=()):
    found = set()
    for name in names:
        with_needs(name, found)
    files = [Path(f.locate()) for name in found for f in metadata.files(name) or []]
    files += [f for folder in folders for f in Path(folder).rglob('*')]
    size = sum(f.stat().st_size for f in files if f.is_file() and f.suffix != '.pyc') / 1e6
    print(f'{size:.0f} MB' if size >= 0.95 else f'{size:.2f} MB')
"""

_INSTALLED = Feature(
    "size when installed, with what it needs",
    "インストール後の大きさ（依存を含む）",
    {name: f"report([{package!r}])" for name, package in LIBRARIES.items()}
    | {"scalar-autograd": "report(['numpy', 'graphviz'], ['autograd', 'nn'])"},
)

FEATURES = [_NETWORK, _BRANCH, _DEEP, _THIRD, _CHECK, _EXACT, _LOG, _FREE, _MATRICES, _INSTALLED]
_BEFORE = {
    id(_NETWORK): _SCALARS,
    id(_BRANCH): "def branch(x):\n    return x * x if x > 0 else -x\n",
    id(_EXACT): "from fractions import Fraction\n",
    id(_INSTALLED): _SIZE,
}


# --- Asking ---------------------------------------------------------------------------------------------------


def program(feature: Feature, library: str) -> str:
    """The code of a cell, complete."""
    head = "" if feature is _INSTALLED else _HEADS[library]
    return "\n".join([head, _MARK, _BEFORE.get(id(feature), ""), dedent(feature.code[library]).strip(), ""])


def cell(feature: Feature, library: str, python: str) -> str:
    """What the code prints, or the error it ends with; a dash where there is none. Times are the best of some runs."""
    if library not in feature.code:
        return "—"
    if feature is not _NETWORK:
        return answer(feature, library, python)
    answers = [answer(feature, library, python) for _ in range(_RUNS)]
    if not answers[0][0].isdigit():
        return answers[0]
    return ", ".join(clock(min(map(float, each))) for each in zip(*map(str.split, answers), strict=True))


def answer(feature: Feature, library: str, python: str) -> str:
    """What a process that runs the code prints, or the name of the error that ends it."""
    # -I: nothing but what is installed; ours is to be found in the current folder
    command = [python, *(["-I"] if library != "scalar-autograd" else []), "-W", "ignore", "-c"]
    ran = subprocess.run(
        [*command, program(feature, library)],
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if ran.returncode == 0:
        return ran.stdout.strip()
    *_, error = ["", *re.findall(r"^(?:\w+\.)*(\w+)(?:: |$)", ran.stderr, re.MULTILINE)]
    if error in ("", "AssertionError", "SyntaxError", "NameError"):
        raise RuntimeError(f"{feature.en}, {library}: the code is wrong\n{indent(ran.stderr, '    ')}")
    return "not installed" if error == "ModuleNotFoundError" else f"`{error}`"


def version(library: str, python: str) -> str:
    """Of the library that this interpreter has; "" if it has none."""
    code = f"from importlib import metadata; print(metadata.version({LIBRARIES[library]!r}))"
    if library == "scalar-autograd":
        code = "import autograd; print(autograd.__version__)"
    return subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def table(interpreters: dict[str, str], language: str, cells: dict[tuple[str, str], str]) -> str:
    """The Markdown."""
    names = [f"{library} {version(library, interpreters[library])}".strip() for library in LIBRARIES]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for feature in FEATURES:
        answers = [cells[feature.en, library] for library in LIBRARIES]
        lines.append(f"| {getattr(feature, language)} | " + " | ".join(answers) + " |")
    return "\n".join(lines)


def ask(interpreters: dict[str, str]) -> dict[tuple[str, str], str]:
    """All cells, by row and column."""
    pairs = [(feature, library) for feature in FEATURES for library in LIBRARIES]
    return {(f.en, library): cell(f, library, interpreters[library]) for f, library in tqdm(pairs, leave=False)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask everything, and print the table or write it into the READMEs."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.features", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--hips", default="", metavar="PYTHON", help="an interpreter that has HIPS autograd")
    parser.add_argument("--write", action="store_true", help="into README.md and README.ja.md")
    options = parser.parse_args(arguments)
    if not options.hips:
        del LIBRARIES["HIPS autograd"]
    interpreters = {library: options.hips if library == "HIPS autograd" else sys.executable for library in LIBRARIES}
    cells = ask(interpreters)
    for language in ("en", "ja"):
        made = table(interpreters, language, cells)
        print(made, end="\n\n")
        if options.write:
            readme.replace("features", language, made)


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.features"))
