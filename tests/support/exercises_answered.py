"""Answers to the exercises, which are not shipped: what stands in place of each TODO, and mistakes in it.

`answered(file)` is a skeleton with its TODOs replaced. A mistake is an answer with one text changed.
"""

import re
from typing import NamedTuple

from demos._exercises.command import exercises

ANSWERS: dict[str, dict[str, str]] = {
    "ex1_derivative.py": {
        "numerical_derivative": "return (f(x + h) - f(x - h)) / (2 * h)",
        "derivative": "return 2 * x - 2",
        "gradient_descent": """\
for i in range(max_iteration):
    g_x = derivative(x)
    x = x - learning_rate * g_x
return x""",
    },
    "ex2_least_squares.py": {
        "mean_squared_error": "return np.mean((a * x + b - y) ** 2)",
        "least_squares": """\
a = np.sum((x - np.mean(x)) * (y - np.mean(y))) / np.sum((x - np.mean(x)) ** 2)
b = np.mean(y) - a * np.mean(x)
return a, b""",
    },
    "ex3_gradient_method.py": {
        "loss": "return np.mean((w * x + b - y) ** 2)",
        "gradients": """\
n = len(x)
g_w = 2 / n * np.sum(x * (w * x + b - y))
g_b = 2 / n * np.sum(w * x + b - y)
return g_w, g_b""",
        "gradient_method": """\
for i in range(max_iteration):
    g_w, g_b = gradients(x, y, w, b)
    w = w - learning_rate * g_w
    b = b - learning_rate * g_b
return w, b""",
    },
    "ex4_perceptron.py": {
        "Perceptron.__init__": """\
self.w = rng.standard_normal((n_inputs, n_outputs))
self.b = rng.standard_normal(n_outputs)
self.lr = learning_rate""",
        "Perceptron.forward": "return x @ self.w + self.b",
        "Perceptron.backward": """\
self.g_w = self.x.T @ g
self.g_b = np.sum(g, axis=0)
g_x = g @ self.w.T
self.w = self.w - self.lr * self.g_w
self.b = self.b - self.lr * self.g_b
return g_x""",
        "MeanSquaredError.forward": """\
self.loss = np.mean(self.diff ** 2)
return self.loss""",
        "MeanSquaredError.backward": "return 2 * self.diff",
    },
    "ex5_report.py": {
        "normalise": """\
shift, scale = np.min(x, axis=0), np.max(x, axis=0) - np.min(x, axis=0)
return (x - shift) / scale, shift, scale""",
        "standardise": """\
shift, scale = np.mean(x, axis=0), np.std(x, axis=0)
return (x - shift) / scale, shift, scale""",
        "original_units": """\
w_original = w / x_scale[:, None] * t_scale
b_original = t_shift + t_scale * b - x_shift @ w_original
return w_original, b_original""",
    },
    "ex6_mails.py": {
        "predict": "return 1 if np.dot(w, x) > 0 else -1",
        "update": "return w + learning_rate * y * x",
        "learn": """\
for x, y in zip(mails, labels):
    if predict(w, x) != y:
        w = update(w, x, y, learning_rate)
return w""",
    },
    "value.py": {
        "Value.__add__": """\
out = Value(self.data + other.data, (self, other), "+")
def _backward():
    self.grad += 1.0 * out.grad
    other.grad += 1.0 * out.grad
out._backward = _backward
return out""",
        "Value.__mul__": """\
out = Value(self.data * other.data, (self, other), "*")
def _backward():
    self.grad += other.data * out.grad
    other.grad += self.data * out.grad
out._backward = _backward
return out""",
        "Value.backward": """\
order, seen = [], set()
def visit(node):
    if node not in seen:
        seen.add(node)
        for each in node._prev:
            visit(each)
        order.append(node)
visit(self)
self.grad = 1.0
for node in reversed(order):
    node._backward()""",
        "Value.tanh": """\
out = Value(math.tanh(self.data), (self,), "tanh")
def _backward():
    self.grad += (1 - out.data ** 2) * out.grad
out._backward = _backward
return out""",
        "neuron": """\
total = b
for xi, wi in zip(x, w):
    total = total + wi * xi
return total.tanh()""",
    },
}
"""By file, by function: its body."""


class Mistake(NamedTuple):
    """One text of an answer, changed: which part is wrong then, and what it is told."""

    file: str
    function: str
    before: str
    after: str
    part: str
    sentence: str
    """In English; or a part of it."""
    hint: str
    """Its name; "" for none."""


_E1, _E2, _E3, _E4, _E5, _E6, _V = ANSWERS
_PB, _MB = "Perceptron.backward", "MeanSquaredError.backward"
_GRADIENTS, _UPDATE, _RETURN = f"{_PB}: g_w, g_b", f"{_PB}: w, b", f"{_PB}: return"
_FORWARD_1 = "backward(g = [[1]]) with w = [[2]], b = [0], lr = 0.5"
_LOOP = ("    self.grad += ", "    self.grad = ")

MISTAKES = (
    Mistake(_E1, "numerical_derivative", "(f(x + h) - f(x - h)) / (2 * h)", "(f(x + h) - f(x)) / h", "numerical_derivative", "numerical_derivative(f = square, x = 1, h = 1): got 3; 2 is right", "one side"),
    Mistake(_E1, "numerical_derivative", "(2 * h)", "h", "numerical_derivative", "got 4; 2 is right", "width"),
    Mistake(_E1, "numerical_derivative", "f(x + h) - f(x - h)", "f(x - h) - f(x + h)", "numerical_derivative", "got -2; 2 is right", "sign"),
    Mistake(_E1, "derivative", "2 * x - 2", "x - 1", "derivative", "derivative(x = 2): got 1; 2 is right", "inner"),
    Mistake(_E1, "derivative", "2 * x - 2", "2 - 2 * x", "derivative", "derivative(x = 2): got -2; 2 is right", "sign"),
    Mistake(_E1, "derivative", "return 2", "2", "derivative", "derivative(x = 1): got None; is there a return?", ""),
    Mistake(_E1, "gradient_descent", "x - learning", "x + learning", "gradient_descent", "gradient_descent(x = 2, learning_rate = 0.1, max_iteration = 1): got 2.2; 1.8 is right", "ascent"),
    Mistake(_E1, "gradient_descent", "learning_rate * ", "", "gradient_descent", "got 0; 1.8 is right", "rate"),
    Mistake(_E1, "gradient_descent", "\nreturn", "\n    return", "gradient_descent", "max_iteration = 2): got 1.8; 1.64 is right", "once"),
    Mistake(_E1, "gradient_descent", "    x = x", "    y = x", "gradient_descent", "got 2; 1.8 is right", "start"),
    Mistake(_E1, "gradient_descent", "range(max_iteration)", "range(1, max_iteration)", "gradient_descent", "got 2; 1.8 is right", "count"),
    Mistake(_E1, "gradient_descent", "for i in range(max_iteration):", "while True: pass\nif True:", "gradient_descent", "has not ended after", ""),
    Mistake(_E2, "mean_squared_error", "np.mean", "np.sum", "mean_squared_error", "got 2; 1 is right", "sum"),
    Mistake(_E2, "mean_squared_error", "np.mean(", "0.5 * np.mean(", "mean_squared_error", "got 2; 4 is right", "half"),
    Mistake(_E2, "mean_squared_error", " ** 2", "", "mean_squared_error", "got 2; 4 is right", "signed"),
    Mistake(_E2, "least_squares", "return a, b", "return b, a", "least_squares", "got a = 1; 2 is right", "swapped"),
    Mistake(_E2, "least_squares", "return a, b", "return a", "least_squares", "what it returns is a, b", ""),
    Mistake(_E2, "least_squares", " - a * np.mean(x)", "", "least_squares", "got b = 2; 1 is right", "intercept"),
    Mistake(_E2, "least_squares", "a = np.sum((x - np.mean(x)) * (y - np.mean(y))) / np.sum((x - np.mean(x)) ** 2)", "a = np.sum(x * y) / np.sum(x * x)", "least_squares", "got a = 3; 2 is right", "origin"),
    Mistake(_E2, "least_squares", "np.sum((x - np.mean(x)) * (y - np.mean(y))) / np.sum((x - np.mean(x)) ** 2)", "np.cov(x, y)[0, 1] / np.var(x)", "least_squares", "got a = 4; 2 is right", "n"),
    Mistake(_E3, "loss", "np.mean", "np.sum", "loss", "got", "sum"),
    Mistake(_E3, "gradients", "2 / n * np.sum(x", "1 / n * np.sum(x", "gradients", "gradients(x = [1], y = [0], w = 1, b = 0): got g_w = 1; 2 is right", "general"),
    Mistake(_E3, "gradients", "2 / n", "1 / n", "gradients", "got g_w = 1; 2 is right", "half"),
    Mistake(_E3, "gradients", "2 / n", "2", "gradients", "got", "sum"),
    Mistake(_E3, "gradients", "2 / n", "1", "gradients", "got g_w = 1; 2 is right", "half sum"),
    Mistake(_E3, "gradients", "w * x + b - y", "y - (w * x + b)", "gradients", "got g_w = -2; 2 is right", "sign"),
    Mistake(_E3, "gradients", "np.sum(x * (w * x + b - y))", "np.sum(w * x + b - y)", "gradients", "got g_w = 4; 8 is right", "no x"),
    Mistake(_E3, "gradient_method", "    w = w - learning_rate * g_w", "    w = w - learning_rate * g_w\n    g_b = gradients(x, y, w, b)[1]", "gradient_method", "got b = 0; -1 is right", "new w"),
    Mistake(_E3, "gradient_method", " - learning", " + learning", "gradient_method", "got w = 2; 0 is right", "ascent"),
    Mistake(_E3, "gradient_method", "\nreturn", "\n    return", "gradient_method", "got", "once"),
    Mistake(_E4, "Perceptron.__init__", "(n_inputs, n_outputs)", "n_inputs", "Perceptron.__init__", "self.w: got an array of shape (1,); an array of shape (1, 1) is right", "dimensions"),
    Mistake(_E4, "Perceptron.__init__", "rng.standard_normal((n_inputs, n_outputs))", "np.zeros((n_inputs, n_outputs))", "Perceptron.__init__", "always self.w = [[0]]", "random"),
    Mistake(_E4, "Perceptron.__init__", "self.lr = learning_rate", "self.lr = 0.01", "Perceptron.__init__", "got self.lr = 0.01; 0.5 is right", "lr"),
    Mistake(_E4, "Perceptron.__init__", "self.b", "self.bias", "Perceptron.__init__", "there is no self.b", ""),
    Mistake(_E4, "Perceptron.forward", " + self.b", "", "Perceptron.forward", "forward(x = [[1]]) with w = [[0]], b = [3]: got [[0]]; [[3]] is right", "no b"),
    Mistake(_E4, "Perceptron.forward", "x @ self.w", "self.w @ x", "Perceptron.forward", "got an array of shape (2, 2); an array of shape (1, 1) is right", "dimensions"),
    Mistake(_E4, "MeanSquaredError.forward", "np.mean", "np.sum", "MeanSquaredError.forward", "got", "sum"),
    Mistake(_E4, "MeanSquaredError.backward", "2 * ", "", _MB, "forward(y = [[1]], t = [[0]]), backward(): got [[1]]; [[2]] is right", "inner"),
    Mistake(_E4, "MeanSquaredError.backward", "2 * self.diff", "2 * self.diff / len(self.diff)", _MB, "got", "mean"),
    Mistake(_E4, "MeanSquaredError.backward", "2 * self.diff", "-2 * self.diff", _MB, "got [[-2]]; [[2]] is right", "sign"),
    Mistake(_E4, _PB, "self.x.T @ g", "np.sum(g) + 0 * self.w", _GRADIENTS, "self.g_w = ", "no x"),
    Mistake(_E4, _PB, "self.x.T @ g", "self.x.T @ g / len(g)", _GRADIENTS, "got self.g_b = [3]; [1] is right", "mixed"),
    Mistake(_E4, _PB, "self.w - self.lr", "self.w + self.lr", _UPDATE, "self.w = ", "general"),
    Mistake(_E4, _PB, " - self.lr", " + self.lr", _UPDATE, "got self.w = [[2.5]]; [[1.5]] is right", "ascent"),
    Mistake(_E4, _PB, "self.lr * ", "", _UPDATE, "got self.w = [[1]]; [[1.5]] is right", "rate"),
    Mistake(_E4, _PB, "self.w = self.w", "w = self.w", _UPDATE, "got self.w = [[2]]; [[1.5]] is right", "general"),
    Mistake(_E4, _PB, "return g_x", "return g @ self.w.T", _RETURN, f"{_FORWARD_1}, return: got [[1.5]]; [[2]] is right", "new w"),
    Mistake(_E4, _PB, "return g_x", "return g", _RETURN, "got", "passed on"),
    Mistake(_E4, _PB, "return g_x", "pass", _RETURN, "got None; is there a return?", ""),
    Mistake(_E5, "normalise", ", axis=0", "", "normalise", "got", "all"),
    Mistake(_E5, "normalise", "(x - shift) / scale", "x / np.max(x, axis=0)", "normalise", "got", "max"),
    Mistake(_E5, "normalise", ", shift, scale", "", "normalise", "what it returns is x_n, shift, scale", ""),
    Mistake(_E5, "standardise", ", axis=0", "", "standardise", "got", "all"),
    Mistake(_E5, "standardise", "np.std", "np.var", "standardise", "got", "variance"),
    Mistake(_E5, "standardise", "(x, axis=0)\n", "(x, axis=0, ddof=1)\n", "standardise", "got", "n"),
    Mistake(_E5, "standardise", "scale, shift, scale", "scale, scale, shift", "standardise", "(x - shift) / scale = ", "shift"),
    Mistake(_E5, "original_units", "w / x_scale[:, None] * t_scale", "w * x_scale[:, None] * t_scale", "original_units", "got", "units"),
    Mistake(_E5, "original_units", " - x_shift @ w_original", "", "original_units", "got", "units"),
    Mistake(_E6, "predict", "> 0", ">= 0", "predict", "predict(w = [0], x = [1]): got 1; -1 is right", "zero"),
    Mistake(_E6, "predict", "else -1", "else 0", "predict", "got 0; -1 is right", "labels"),
    Mistake(_E6, "predict", "1 if np.dot(w, x) > 0 else -1", "np.dot(w, x)", "predict", "got", "score"),
    Mistake(_E6, "update", " * y", "", "update", "update(w = [1], x = [1], y = -1, learning_rate = 1): got [2]; [0] is right", "no y"),
    Mistake(_E6, "update", "w + learning", "w - learning", "update", "got [-1]; [1] is right", "sign"),
    Mistake(_E6, "update", "learning_rate * ", "", "update", "got", "rate"),
    Mistake(_E6, "learn", "if predict(w, x) != y:", "if True:", "learn", "got", "always"),
    Mistake(_E6, "learn", "\nreturn", "\n    return", "learn", "got", "once"),
    Mistake(_V, "Value.__add__", "1.0 * out.grad", "1.0", "1 a + b", "a = Value(2); b = Value(3); y = a + b; y.grad = 5; y._backward(): got a.grad = 1; 5 is right", "no upstream"),
    Mistake(_V, "Value.__add__", "    other.grad += 1.0 * out.grad\n", "", "1 a + b", "got b.grad = 0; 1 is right", "operand"),
    Mistake(_V, "Value.__add__", "(self, other)", "()", "1 a + b", "got len(y._prev) = 0; 2 is right", "prev"),
    Mistake(_V, "Value.__add__", "self.data + other.data", "self.data - other.data", "1 a + b", "got y.data = -1; 5 is right", "data"),
    Mistake(_V, "Value.__add__", "return out", "pass", "1 a + b", "got None; is there a return?", ""),
    Mistake(_V, "Value.__mul__", "    self.grad += other.data * out.grad\n    other.grad += self.data * out.grad", "    self.grad += self.data * out.grad\n    other.grad += other.data * out.grad", "2 a * b", "got a.grad = 2; 3 is right", "same"),
    Mistake(_V, "Value.backward", "self.grad = 1.0", "pass", "3 backward()", "a = Value(2); b = Value(3); y = a * b; y.backward(): got a.grad = 0; 3 is right", "one"),
    Mistake(_V, "Value.backward", "for node in reversed(order):\n    node._backward()", "self._backward()", "3 backward()", "got", "all nodes"),
    Mistake(_V, "Value.__add__", " += ", " = ", "4 a + a", "a = Value(3); y = a + a; y.backward(): got a.grad = 1; 2 is right", "twice"),
    Mistake(_V, "Value.__mul__", " += ", " = ", "4 a + a", "a = Value(3); y = a * a; y.backward(): got a.grad = 3; 6 is right", "twice"),
    Mistake(_V, "Value.backward", ANSWERS[_V]["Value.backward"], "self.grad = 1.0\nwaiting, seen = [self], {self}\nwhile waiting:\n    node = waiting.pop(0)\n    node._backward()\n    for each in node._prev:\n        if each not in seen:\n            seen.add(each)\n            waiting.append(each)", "5 b + b * 2", "a = Value(2); b = a * 3; y = b + b * 2; y.backward(): got a.grad = 3; 9 is right", "order"),
    Mistake(_V, "Value.backward", "for node in reversed(order)", "for node in [self, *order[:-1]]", "3 backward()", "got", "all nodes"),
    Mistake(_V, "Value.tanh", "1 - out.data ** 2", "1 - self.data ** 2", "6 tanh", "a = Value(1); y = a.tanh(); y.grad = 1; y._backward(): got a.grad = 0; 0.419974 is right", "tanh"),
    Mistake(_V, "neuron", "total = b\n", "total = 0 * b\n", "7 neuron", "got", "bias"),
    Mistake(_V, "neuron", "total.tanh()", "total", "7 neuron", "got y.data = 1; 0.761594 is right", "activation"),
    Mistake(_E1, "numerical_derivative", "(f(x + h) - f(x - h)) / (2 * h)", "0", "numerical_derivative", "got 0; 2 is right", "general"),
    Mistake(_E2, "mean_squared_error", "np.mean((a * x + b - y) ** 2)", "np.mean((a * x + b - y) ** 2) ** 0.5", "mean_squared_error", "got 2; 4 is right", "root"),
    Mistake(_E2, "mean_squared_error", "a * x + b", "b * x + a", "mean_squared_error", "got 0.5; 1 is right", "general"),
    Mistake(_E3, "loss", "return ", "return 0.5 * ", "loss", "got 0.5; 1 is right", "loss half"),
    Mistake(_E3, "loss", " ** 2", "", "loss", "got", "signed"),
    Mistake(_E3, "gradients", "return g_w, g_b", "return g_b, g_w", "gradients", "got g_w = 4; 8 is right", "swapped"),
    Mistake(_E3, "gradient_method", "learning_rate * ", "", "gradient_method", "got w = -1; 0 is right", "rate"),
    Mistake(_E3, "gradient_method", "range(max_iteration)", "range(0)", "gradient_method", "got w = 1; 0 is right", "start"),
    Mistake(_E4, "MeanSquaredError.forward", "np.mean(", "0.5 * np.mean(", "MeanSquaredError.forward", "got 0.5; 1 is right", "half"),
    Mistake(_E4, "MeanSquaredError.forward", " ** 2", "", "MeanSquaredError.forward", "got", "signed"),
    Mistake(_E4, _PB, "self.x.T @ g\nself.g_b = np.sum(g, axis=0)", "self.x * g\nself.g_b = g", _GRADIENTS, "self.g_w: got an array of shape (1, 2); an array of shape (2, 1) is right", "one"),
    Mistake(_E4, _PB, "self.w = self.w - self.lr * self.g_w\nself.b = self.b", "w = self.w - self.lr * self.g_w\nb = self.b", _UPDATE, "got self.w = [[2]]; [[1.5]] is right", "still"),
    Mistake(_E5, "normalise", "(x - shift) / scale, ", "x - shift, ", "normalise", "got", "no scale"),
    Mistake(_E5, "standardise", "(x - shift) / scale, ", "x / scale, ", "standardise", "got", "general"),
    Mistake(_E6, "predict", "> 0", "< 0", "predict", "predict(w = [1], x = [1]): got -1; 1 is right", "general"),
    Mistake(_E6, "update", "w + learning_rate * y * x", "w", "update", "got [0]; [1] is right", "start"),
    Mistake(_V, "Value.backward", "    node._backward()", "    node._backward()\n    node._backward()", "3 backward()", "got", "general"),
    Mistake(_V, "Value.backward", "    if node not in seen:", "    if True:", "5 b + b * 2", "y.backward(): got a.grad = 12; 6 is right", "repeated"),
)  # fmt: skip


def answered(file: str, language: str = "en", functions: dict[str, str] | None = None) -> str:
    """A skeleton whose TODOs are replaced.

    Args:
        functions: the bodies, in place of the answers; one that is missing stays a TODO.
    """
    exercise = next(each for each in exercises() if each.file == file)
    text = exercise.skeleton(language)
    for function, body in (ANSWERS[file] if functions is None else functions).items():
        text = _put(text, function, body)
    return re.sub('REPORT = """TODO[^"]*"""', 'REPORT = "Fewer steps, larger rates."', text)


def mistaken(mistake: Mistake) -> str:
    """The file, right but for one mistake."""
    body = ANSWERS[mistake.file][mistake.function]
    assert mistake.before in body, mistake
    changed = body.replace(mistake.before, mistake.after)
    return answered(mistake.file, functions={**ANSWERS[mistake.file], mistake.function: changed})


def _put(text: str, function: str, body: str) -> str:
    """The body in place of the function's `raise`; the comments above it stay."""
    class_, _, name = function.rpartition(".")
    begin = text.index(f"class {class_}") if class_ else 0
    begin = text.index(f"def {name}(", begin)
    found = re.compile(r"^( +)raise NotImplementedError\(.*\)$", re.MULTILINE).search(text, begin)
    assert found
    indented = "\n".join(found[1] + line for line in body.splitlines())
    return text[: found.start()] + indented + text[found.end() :]
