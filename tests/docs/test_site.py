"""The site: its pages are gathered whole, and every link in them leads somewhere. Sphinx itself runs in `make docs`."""

import importlib
import math
import re
from pathlib import Path

import pytest

import autograd
import demos
from autograd import OPS
from docs.build import curves, docstrings, operations, reference, site
from docs.build.accuracy import described
from docs.build.conventions import row
from docs.build.pages import anchors

ENTRIES = operations.entries()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, without curves and the lines of code."""
    folder = tmp_path_factory.mktemp("site")
    site.gather(folder, is_whole=False)
    return folder


def entries(page: Path) -> list[str]:
    """What a page puts into the sidebar."""
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    listed = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    names = [re.sub(r".*<(.*)>", r"\1", line).removesuffix(".md") for line in listed]
    return [f"{name}.md" for name in names]


def targets(page: Path) -> list[str]:
    """Where links, pictures and the sidebar of a page lead; code and what is quoted from elsewhere are left out."""
    text = page.read_text(encoding="utf-8")
    pictures = re.findall(r"^```\{image\} (\S+)", text, re.MULTILINE)
    prose = re.sub(r"(^```.*?^```$|^`````.*?^`````$|`[^`\n]*`)", "", text, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'href="([^"]+)"', prose)
    return [*entries(page), *pictures, *(link for link in links if "://" not in link)]


def leads(page: Path, target: str) -> bool:
    """Whether there is such a page, picture or heading; of a line of code, whether the file is as long."""
    file, _, anchor = target.partition("#")
    path = (page.parent / file).resolve() if file else page
    if path.suffix == ".html":
        code = site.ROOT / file.removeprefix("../source/").removesuffix(".html")
        return path.with_suffix(".md").exists() and int(anchor[2:]) <= len(
            code.read_text(encoding="utf-8").splitlines()
        )
    if path.parent.name == "curves":
        return True  # test_every_operation_has_its_curve
    return path.exists() and (not anchor or anchor in anchors(path))


def test_no_link_is_broken(folder: Path) -> None:
    """Each leads to a page of the site, to a picture in it, or to another server."""
    dead = [
        f"{page.relative_to(folder)}: {target}"
        for page in sorted(folder.rglob("*.md"))
        for target in targets(page)
        if not leads(page, target)
    ]
    assert not dead


def test_every_page_and_notebook_is_in_the_sidebar(folder: Path) -> None:
    """But for those that show a file of the project."""
    listed = {(page.parent / target).resolve() for page in folder.rglob("index.md") for target in entries(page)}
    pages = {page.resolve() for page in folder.rglob("*.md") if "orphan: true" not in page.read_text(encoding="utf-8")}
    assert pages - listed == {(folder / "index.md").resolve()}
    for language in ("ja", "en"):
        index = (folder / "notebooks" / language / "index.md").read_text(encoding="utf-8")
        found = re.findall(r"^\d+\. \[(\w+)\]", index, re.MULTILINE)
        assert found == [name for name in demos.ORDER if name in found]


@pytest.mark.parametrize(
    ("front", "purposes"), [("index.md", "Learn Teach Use Extend"), ("index.ja.md", "学ぶ 教える 使う 拡張する")]
)
def test_the_front_pages_find_the_reader(front: str, purposes: str) -> None:
    """Four purposes, each with a sentence and pages; the other language; the picture of the price."""
    text = (site.ROOT / "docs" / front).read_text(encoding="utf-8")
    assert list(site.linked(front)) == purposes.split()
    assert all(len(group) > 2 for group in site.linked(front).values())
    assert all(
        re.search(rf"^## {purpose}\n\n\w.*[.。]\n\n- ", text, re.MULTILINE | re.DOTALL) for purpose in purposes.split()
    )
    assert {"index.md": "](index.ja.md)", "index.ja.md": "](index.md)"}[front] in text
    assert "](gallery/price-" in text


# --- Names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", reference.MODULES)
def test_no_public_name_is_missing(name: str, folder: Path) -> None:
    """Each is described once in the site, and every module that has it leads there."""
    page = (folder / "reference" / f"{name}.md").read_text(encoding="utf-8")
    for each in reference.names(importlib.import_module(name)):
        assert re.search(rf"\{{py:\w+\}} {each}\b|\[`{each}`\]|`{each} <", page), each


def test_every_module_with_public_names_has_a_page() -> None:
    """Packages that say what is public by `__all__`."""
    files = [path for name in ("autograd", "nn") for path in (site.ROOT / name).rglob("__init__.py")]
    public = {
        path.parent.relative_to(site.ROOT).as_posix().replace("/", ".")
        for path in files
        if "\n__all__ = " in path.read_text(encoding="utf-8")
    }
    assert public <= set(reference.MODULES)
    assert {"abs", "pow", "round", "sum", "compile"} <= set(reference.names(autograd))


def test_a_docstring_keeps_its_code_and_loses_no_sign() -> None:
    """What Markdown would take for markup is escaped, code and examples are not touched, and sections are lists."""
    text = (
        "One *x*.\n\n    a <b>\n\n>>> f(2)\n4\n\n"
        "Args:\n    x, y: numbers `a*b`\n        and more.\n\nReturns:\n    A [list]."
    )
    assert docstrings.markdown(text).split("\n\n") == [
        "One \\*x\\*.",
        "```text\na <b>\n```",
        "```pycon\n>>> f(2)\n4\n```",
        "**Arguments**",
        "- `x, y`: numbers `a*b`\n  and more.",
        "**Returns**",
        "A \\[list\\].",
    ]


# --- Operations -----------------------------------------------------------------------------------------------


def test_every_operation_of_the_library_has_a_page(folder: Path) -> None:
    """With its name as its title, its bound, and its kinks where its record states some."""
    assert {each.key for each in ENTRIES} == {name for name, op in OPS.items() if operations.is_ours(op)}
    for each in ENTRIES:
        page = (folder / "operations" / f"{each.key}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {each.key}\n")
        assert f"{curves.file(each.key)}\n" in page
        assert all(described(op) in page for op in each.ops), each.key
        assert all(row(op, x, slopes, []) in page for op in each.ops for x, slopes in op.edges), each.key


@pytest.mark.parametrize("each", ENTRIES, ids=lambda each: each.key)
def test_every_operation_has_its_curve(each: operations.Entry) -> None:
    """Its value is seen within the frame nearly everywhere that is drawn, and so is its derivative."""
    for panel in curves.panels(each.entry):
        for line in panel.lines:
            assert len(line.xs) == len(line.ys)
            assert sum(math.isfinite(y) for y in line.ys) > 0.9 * len(line.ys), (panel.title, line.label)


def test_the_rule_on_a_page_is_the_derivative() -> None:
    """It is recorded from the table, of a cotangent and a value that have names."""
    found = {each.key: operations.rules(each.ops[0]) for each in ENTRIES}
    assert found["tanh"] == [("x", "g × sech2(x)")]
    assert found["sqrt"] == [("x", "g ÷ (2 × y)")]
    assert found["mul"] == [("a", "g × b"), ("b", "g × a")]


def test_a_picture_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    """So two builds give the same site."""
    for name in ("a.svg", "b.svg"):
        curves.draw(autograd.tanh, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_signatures_are_those_of_the_source() -> None:
    """Without modules and addresses in memory, which change from run to run."""
    for full in reference.homes():
        thing = reference.thing_named(full)
        shown = reference.signature(thing) if callable(thing) else ""
        assert " at 0x" not in shown
        assert "autograd." not in shown
    assert (
        reference.signature(autograd.gradients)
        == "(output: Value, inputs: Sequence[Value], gradient: Value | float | Fraction | Decimal = 1) -> list[Value]"
    )
