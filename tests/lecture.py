"""The lecture's graphs, for the tests of pictures."""

from autograd import Value


def price(language: str = "ja") -> Value:
    """The graph of document 002, with gradients."""
    names = {"ja": ("単価", "個数", "消費税", "価格"), "en": ("unit price", "quantity", "tax", "price")}[language]
    y = Value(100, names[0]) * Value(2, names[1]) * Value(1.1, names[2])
    y.label = names[3]
    y.backward()
    return y


def fan_out() -> Value:
    """x × x + x at 3, where three gradients add up to 7; before backward."""
    x = Value(3, "x")
    y = x * x + x
    y.label = "y"
    return y
