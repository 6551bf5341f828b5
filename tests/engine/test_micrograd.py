"""micrograd's README example and its two tests, with only the import changed.

Source: Andrej Karpathy, micrograd 0.1.0 (2020), README.md and test/test_engine.py. Its tests compare with PyTorch; the
numbers here are what PyTorch gives, by hand where that is a line, and else by the recorded program on plain floats.
"""

import mpmath
import pytest

from autograd import Value


def test_the_readme_example() -> None:
    """24.7041, 138.8338 and 645.5773, as its README prints them."""
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert (f"{g.data:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_sanity_check() -> None:
    """Its first test: forward −20, and dy/dx = 46 at x = −4."""
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)


def test_more_ops() -> None:
    """Its second test is the README's program again; here to 12 digits against a difference quotient."""

    def program(a, b):
        c = a + b
        d = a * b + b**3
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + max(b + a, 0)
        d = d + 3 * d + max(b - a, 0)
        f = (c - d) ** 2
        return f / 2.0 + 10.0 / f

    a, b = Value(-4.0), Value(2.0)
    program(a, b).backward()
    with mpmath.workdps(40):
        assert a.grad == pytest.approx(float(mpmath.diff(program, (-4, 2), (1, 0))), rel=1e-12)
        assert b.grad == pytest.approx(float(mpmath.diff(program, (-4, 2), (0, 1))), rel=1e-12)
