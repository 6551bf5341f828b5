"""Formulas read back as numbers: by the ordinary rules of mathematics, and by nothing of what wrote them."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from autograd.operation import OPS, Family, Op

NUMBER = r"\d+(?:\.\d+)?(?:e[+−-]?\d+)?|∞"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾"
PLAIN = str.maketrans(RAISED, "0123456789-()")
TOKEN = re.compile(
    rf"“[^”]*”|\"[^\"]*\"|\[\d+\]|{NUMBER}|//|[{RAISED}]+"  # in quotation marks; the third line; signs; powers
    rf"|(?:(?![{RAISED}])[^\W\d_])(?:(?![{RAISED}])[\w .'′…🌀-🫿]|\[\d+\])*|\S"  # a name; any other sign
)
BINDING = {"%": 10, "//": 10, "→": 10, ">": 20, "<": 20, "+": 30, "−": 30, "×": 40, "÷": 40, "/": 40, "^": 60}
NAMES = {
    "+": "add",
    "−": "sub",
    "×": "mul",
    "÷": "div",
    "/": "div",
    "^": "pow",
    ">": "greater",
    "%": "mod",
    "//": "floor_divide",
    "→": "cast",
    "√": "sqrt",
    "∛": "cbrt",
    "|": "abs",
    "⌋": "floor",
    "⌉": "ceil",
}
GAMMA = Op("Γ", math.gamma, lambda g, y, x: (g,), truth=lambda mp, x: mp.gamma(x))


class Reader:
    """The number that a formula says.

    − before an operand binds less than a power and more than ×; × and ÷ go from left to right; functions and roots
    have one operand, in brackets unless it is a single thing. A sign never stands after a sign. What mathematics has no
    rank for (%, //) stands beside no other sign.

    Args:
        values: the numbers of names, and of places like [3].
        apply: computes an operation.
        real: the number of which these are the digits.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        apply: Callable[[Op, tuple[Any, ...]], Any] = lambda op, x: op(*x),
        real: Callable[[str], Any] = float,
    ) -> None:
        self.values, self.apply, self.real = values, apply, real

    def text(self, formula: str) -> Any:
        self.tokens = [token.strip() for token in TOKEN.findall(formula)]
        y = self.formula()
        assert not self.tokens, f"{formula}: {self.tokens} is left over"
        return y

    def next(self, *wanted: str) -> str:
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, f"{token} came where {wanted} was wanted"
        return token

    def comes(self, *tokens: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in tokens

    def compute(self, name: str, *numbers: Any) -> Any:
        return self.apply(OPS[name], numbers)  # pyright: ignore[reportArgumentType]

    def formula(self, weakest: int = 0) -> Any:
        """As far as signs bind at least so strongly."""
        if self.comes("−"):
            assert weakest <= 20, "a sign after a sign"
            self.next()
            y = self.compute("neg", self.formula(50))
            bare = False
        else:
            y, bare = self.operand(), True
        while self.tokens:
            if self.tokens[0][0] in RAISED:
                y = self.apply(OPS["power"](int(self.next().translate(PLAIN))), (y,))  # pyright: ignore
            elif BINDING.get(self.tokens[0], -1) > weakest:
                assert bare or BINDING[self.tokens[0]] > 10, f"{self.tokens} after another sign"
                bare = self.tokens[0] == "^"
                y = self.infix(self.next(), y)
            else:
                break
        return y

    def infix(self, sign: str, left: Any) -> Any:
        if sign in ("^", "→") and self.comes("⟨"):
            return self.compute(NAMES[sign], left, self.group("⟨", "⟩"))
        alone = BINDING[sign] == 10
        right = self.operand() if sign == "^" else self.formula(50 if alone else BINDING[sign])
        y = self.compute(NAMES[sign], left, right)
        assert not alone or not self.tokens or self.tokens[0] in tuple("),?:|⌋⌉⟩"), f"{self.tokens} beside {sign}"
        return y

    def group(self, opening: str, closing: str) -> Any:
        self.next(opening)
        y = self.formula()
        self.next(closing)
        return y

    def operand(self) -> Any:
        """One thing: a number, a name, a function, a root, or something in brackets."""
        token = self.next()
        assert token not in BINDING, f"{token} after a sign"
        if token in ("(", "[", "|", "⌊", "⌈"):
            return self.bracket(token)
        if token in ("√", "∛"):
            return self.compute(NAMES[token], self.operand())
        if re.fullmatch(NUMBER, token):
            return self.real(token.replace("−", "-").replace("∞", "inf"))
        raised = self.next() if token == "ψ" and self.tokens[0][0] == "⁽" else ""
        below = [self.group("‹", "›")] if self.comes("‹") else []
        if self.comes("(", "⟨"):
            return self.function(token, raised, below)
        return self.values["".join(chr(ord(each) - HIDDEN) if each > chr(HIDDEN) else each for each in token)]

    def bracket(self, opening: str) -> Any:
        y = self.formula(20 if opening == "[" else 0)
        if opening == "[":  # 1 where it holds, 0 where it does not
            numbers, signs = [y], ""
            while not self.comes("]"):
                signs += self.next("<", ">")
                numbers.append(self.formula(20))
            self.next()
            name, order = {">": ("greater", (0, 1)), "<<": ("inside", (1, 0, 2))}[signs]
            return self.called(name, [numbers[i] for i in order])
        closing = self.next(*{"(": ")?", "|": "|", "⌊": "⌋⌉", "⌈": "⌉"}[opening])
        if closing == "?":
            a, b = self.formula(), self.group(":", ")")
            return self.compute("where", y, a, b)
        return y if closing == ")" else self.compute("round" if opening + closing == "⌊⌉" else NAMES[closing], y)

    def function(self, name: str, raised: str, below: list[Any]) -> Any:
        numbers: list[Any] = []
        while self.comes("(", "⟨"):
            closing = {"(": ")", "⟨": "⟩"}[self.next()]
            numbers.append(self.formula())
            while self.next(",", closing) == ",":
                numbers.append(self.formula())
        if name[0] == "ψ" and name + raised != "ψ":
            return self.called("polygamma", [*numbers, name.count("′") or int(raised.translate(PLAIN).strip("()"))])
        return self.apply(GAMMA, tuple(numbers)) if name == "Γ" else self.called(name, numbers + below)

    def called(self, name: str, numbers: list[Any]) -> Any:
        """The operation of this name, or this sign, that takes so many operands and then constants."""
        for op in OPS.values():
            constants = len(op.samples[0]) if isinstance(op, Family) else 0
            sample = op(*op.samples[0]) if isinstance(op, Family) else op
            if name in (op.name, sample.symbol) and sample.arity in (None, len(numbers) - constants):
                split = len(numbers) - constants
                exact = [int(c) if c == int(c) else float(c) for c in numbers[split:]]
                return self.apply(op(*exact) if isinstance(op, Family) else op, tuple(numbers[:split]))
        raise AssertionError(f"there is no {name} of {len(numbers)}")

    def latex(self, formula: str) -> Any:
        """The same of LaTeX; braces group only where TeX shows it: as arguments, above and below."""
        for pattern, meant in LATEX.items():
            formula = re.sub(pattern, meant, formula)
        return self.text(formula)


def _label(found: re.Match[str]) -> str:
    """As letters that no rule below changes."""
    text = re.sub(r"\\(.)", r"\1", found[1].replace(r"$\backslash $", "\\\\"))
    text = text[1:-1] if (text[:1], text[-1:]) == ("“", "”") else text
    return "“" + "".join(chr(ord(each) + HIDDEN) for each in text) + "”"


HIDDEN = 0xE0000
WORDS = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "sigma": "σ",
    "psi": "ψ",
    "Gamma": "Γ",
    "sgn": "sign",
    "rest": "log_sum_rest",
    "frac": "div",
    "times": "×",
    "lvert": "|",
    "rvert": "|",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "bmod": "%",
    "infty": "∞",
    "cdots": "…",
    "leaky_relu": "leaky_relu",
}
LATEX: dict[str, Any] = {
    r"\\text\{((?:\\.|\$[^$]*\$|[^}$])*)\}": _label,
    r"\\left\(": "(",
    r"\\right\)": ")",
    r"\\;": "",
    r"-": "−",
    r"\\operatorname\{erf\}\^\{−1\}": "erfinv",
    r"\\operatorname\{sech\}\^2": "sech2",
    r"\\psi\^\{\((\d)\)\}": lambda found: f"ψ⁽{RAISED[int(found[1])]}⁾",
    r"\\log_(2|\{10\})": lambda found: f"log{found[1].strip('{}')}",
    r"\\sqrt\[3\]": "cbrt",
    r"\\operatorname\{([^}]*)\}": lambda found: WORDS.get(found[1], found[1].replace("\\_", "_")),
    r"(?<![A-Za-zα-ω\\])e\^\{": "exp{",
    r"(?<![A-Za-zα-ω}])([A-Za-zα-ω])_\{(\d+)\}": r"\1_\2",
    r"\\vert_": "→",
    r"_\{([^}]*)\}": r"‹\1›",
    r"\\([A-Za-z]+)": lambda found: WORDS.get(found[1], found[1]),
    r"\{": "⟨",
    r"\}": "⟩",
}
