"""The gallery in docs/ shows what the code draws today."""

from xml.etree import ElementTree

import pytest

from docs.build.gallery import FOLDER, PAGE, PICTURES, page


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_gallery_is_what_its_code_draws(name: str) -> None:
    """By its DOT text: Graphviz draws that a little differently from version to version."""
    _, make = PICTURES[name]
    committed = (FOLDER / f"{name}.dot").read_text(encoding="utf-8")
    assert make().dot == committed, "to draw the gallery anew: python -m docs.build.gallery"
    ElementTree.parse(FOLDER / f"{name}.svg")


def test_the_gallery_has_these_pictures_and_no_others() -> None:
    """The page names each, and no file is left over."""
    assert PAGE.read_text(encoding="utf-8") == page()
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}{end}" for name in PICTURES for end in (".svg", ".dot")}
