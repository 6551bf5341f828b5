"""The price of a purchase: a computational graph, forward and backward, with every step of the chain rule in numbers.

価格 = 単価 × 個数 × 消費税 is the first graph of the lecture; "2.2" in red under 単価 is its point: the price rises
by 2.2 when the unit price rises by 1.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from autograd import Value
from autograd.render import draw
from autograd.sweep import slopes
from demos import Part, Try
from demos._pictures import show, show_page

TEACHES = {
    "ja": "計算グラフ：価格への影響（勾配）を、連鎖律で出力から入力へたどる",
    "en": "The computational graph: what moves a price, traced from output to inputs by the chain rule",
}
SOURCE = "情報システム実験実習II 第2回 計算グラフ (document 002)"

_NAMES = {
    "ja": ("単価", "個数", "消費税", "価格", "単価 × 個数"),
    "en": ("unit price", "quantity", "tax", "price", "unit price × quantity"),
}
_STORY = {
    "ja": """\
価格 = 単価 × 個数 × 消費税

順伝播：入力から出力へ、値を計算する
{forward}

逆伝播：出力から入力へ、上流の勾配 × 局所微分
{backward}

{unit_price}が 1 増えると、{price}は {slope} 増える。
""",
    "en": """\
price = unit price × quantity × tax

Forward: from the inputs to the output, values
{forward}

Backward: from the output to the inputs, upstream gradient × local derivative
{backward}

When the {unit_price} rises by 1, the {price} rises by {slope}.
""",
}


class Purchase(NamedTuple):
    """The graph: three inputs, the product of the first two, and the price."""

    unit_price: Value
    quantity: Value
    tax: Value
    price: Value
    subtotal: Value


def purchase(language: str) -> Purchase:
    """The lecture's purchase, with gradients."""
    names = _NAMES[language]
    unit_price, quantity, tax = Value(100, names[0]), Value(2, names[1]), Value(1.1, names[2])
    subtotal = unit_price * quantity
    price = subtotal * tax
    price.label = names[3]
    price.backward()
    return Purchase(unit_price, quantity, tax, price, subtotal)


def numbers() -> dict[str, float]:
    """The price, and its derivative with respect to each input."""
    graph = purchase("en")
    return {
        "price": graph.price.data,
        "∂price/∂unit price": graph.unit_price.grad,
        "∂price/∂quantity": graph.quantity.grad,
        "∂price/∂tax": graph.tax.grad,
    }


def story(language: str) -> str:
    """The lesson as text; all its numbers are read off the graph."""
    graph = purchase(language)
    names = dict(zip(graph, _NAMES[language], strict=True))
    return _STORY[language].format(
        forward="\n".join(_forward(graph, names)),
        backward="\n".join(_backward(graph, names)),
        unit_price=names[graph.unit_price],
        price=names[graph.price],
        slope=f"{graph.unit_price.grad:.4g}",
    )


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, then draw the graph: the numbers do not wait for Graphviz."""
    print(story(language))
    output.mkdir(parents=True, exist_ok=True)
    picture = draw(purchase(language).price, language=language)
    show(language, *(picture.save(output / f"price.{suffix}") for suffix in ("svg", "png")))
    show_page(language, picture.save(output / "price.html"))


def _forward(graph: Purchase, names: dict[Value, str]) -> Iterator[str]:
    for node in (graph.subtotal, graph.price):
        product = " × ".join(f"{x.data:.4g}" for x in node.inputs)
        yield f"  {names[node]} = {product} = {node.data:.4g}"


def _backward(graph: Purchase, names: dict[Value, str]) -> Iterator[str]:
    yield f"  {names[graph.price]}: {graph.price.grad:.4g}"
    for node in (graph.price, graph.subtotal):
        assert node.op is not None
        locals_ = slopes(node.op, node.data, [x.data for x in node.inputs])
        for x, local in zip(node.inputs, locals_, strict=True):
            yield f"  {names[x]}: {node.grad:.4g} × {local:.4g} = {x.grad:.4g}"


NOTEBOOK = (
    Part("purchase", "price = purchase(language).price\nprice"),
    Part(show="price.data", paragraphs=1),
    Part(show="draw(price, language=language)"),
    Part("numbers", "numbers()"),
    Try(
        "個数を 3 にすると、三つの勾配のうちどれが変わるだろうか。先に考えてから確かめよ。",
        "With a quantity of 3, which of the three gradients change? Think first, then look.",
    ),
    Try(
        '送料 `Value(30, "送料")` を最後に足すと、図と勾配はどうなるだろうか。',
        'Add `Value(30, "postage")` at the end. What becomes of the picture and the gradients?',
    ),
)
