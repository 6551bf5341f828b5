"""What the tests of pictures and pages share: graphs to draw, labels to distrust, and what stands in a picture."""

import html
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import strategies as st

import lecture
from autograd import Value, sin, tanh
from autograd import sum as total
from autograd.render import Picture
from nn import MLP


def cpu_seconds() -> float:
    """Of this process and of those that it has waited for: what else the machine does makes no difference."""
    return sum(os.times()[:4])


def in_another_process(shown: str, seed: int) -> bytes:
    """What a fresh interpreter prints of two graphs `y`, with this seed of its hashes."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join(map(str, (root, Path(__file__).parent)))
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    code = "from autograd import draw\nfrom drawn import some_graph\nfrom lecture import price\n"
    code += f"for y in (price(), some_graph(7)): print({shown})"
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout


SVG = "{http://www.w3.org/2000/svg}"
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(
    "\\\"'<>&;bN\n\t\x00\u202e\ud800\u0301│価", max_size=30
)
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "]]>",
    "\u2028alert(1)\u2029",
    "</title></svg><img src=x onerror=alert(1)>",
    '" onload="alert(1)',
    "@@script@@",
    "{name}",
    "javascript:alert(1)",
    "&lt;b&gt;",
]


def fan_out() -> Value:
    y = lecture.fan_out()
    y.backward()
    return y


def network(*sizes: int, inputs: int = 2) -> Value:
    x = [Value(1.0 + i, f"x{i}") for i in range(inputs)]
    loss = (MLP(inputs, list(sizes), seed=0)(x) - 1) ** 2
    loss.label = "loss"
    loss.backward()
    return loss


def newton(turns: int) -> Value:
    """The square root of 2, after more turns than it takes."""
    a, x = Value(2.0, "a"), Value(1.0, "x₀")
    for _ in range(turns):
        x = x - (x * x - a) / (2 * x)
    x.backward()
    return x


def some_graph(seed: int) -> Value:
    """A graph in which nodes are shared."""
    pick = random.Random(seed)
    nodes = [Value(pick.uniform(0.5, 2), f"x{i}") for i in range(3)]
    for _ in range(pick.randint(2, 10)):
        left, right = pick.choice(nodes), pick.choice(nodes[-4:])
        nodes.append(pick.choice([left + right, right * left, left - right]))
    return nodes[-1]


def modular(seed: int) -> tuple[Value, dict[str, list[Value]], list[Value]]:
    """A random graph, its operations dealt out to modules at random or one part after the other; its parameters."""
    pick = random.Random(seed)
    operations: list[Value] = []
    parameters: list[Value] = []
    known = [Value(pick.uniform(0.5, 2), f"x{i}") for i in range(3)]

    def operand(among: list[Value]) -> Value:
        if pick.random() < 0.7:
            return pick.choice(among)
        parameters.append(Value(pick.uniform(0.5, 2), f"w{len(parameters)}"))
        return parameters[-1]

    for _ in range(pick.randint(3, 25)):
        left, right = operand(known[-6:]), operand(known[-2:])
        made = pick.choice([left + right, right * left, left - right, tanh(left) * right, sin(right)])
        known.append(made)
        operations.append(made)
    many = pick.randint(1, 3)
    whole = pick.random() < 0.3
    group: dict[str, list[Value]] = {f"m{i}": [] for i in range(many)}
    for i, made in enumerate(operations):
        if whole or pick.random() < 0.6:
            group[f"m{i * many // len(operations) if whole else pick.randrange(many)}"].append(made)
    return operations[-1], group, parameters if pick.random() < 0.8 else []


def hostile_graph(labels: list[str]) -> Value:
    inputs = [Value(i, text) for i, text in enumerate(labels)]
    y = total(*inputs) + inputs[0]
    y.label = labels[-1]
    y.backward()
    return y


def groups(picture: Picture, role: str) -> list[Element]:
    """The parts of a picture that are drawn as `role`."""
    root = ElementTree.fromstring(picture.svg())
    return [group for group in root.iter(f"{SVG}g") if role in group.get("class", "").split()]


def texts(group: Element) -> tuple[str, ...]:
    return tuple("".join(text.itertext()) for text in group.iter(f"{SVG}text"))


def pairs(picture: Picture) -> list[tuple[str, ...]]:
    """What stands above and below each arrow."""
    return sorted(texts(group) for group in groups(picture, "value"))


def in_dot(picture: Picture, role: str) -> list[tuple[str, ...]]:
    """The texts of the parts that are drawn as `role`, read off the DOT text: quicker than from the SVG."""
    found = re.findall(rf'label=<(.*?)> class="?(?:leaf )?{role}"? ', picture.dot)
    return [
        tuple(html.unescape(text).replace("\\\\", "\\") for text in re.findall(r">([^<>]+)<", f">{label}<"))
        for label in found
    ]
