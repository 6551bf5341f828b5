"""A picture as a page: one HTML file in which a reader steps through it, forward and backward.

The page asks the network for nothing and runs no script but its own: a content security policy names that one by its
hash. What comes from the graph is data: escaped in the picture, and JSON without a "<" beside it.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import cache
from importlib.resources import files
from typing import Any

from autograd.render.steps import Step, Story
from autograd.render.tape import Refused
from autograd.render.words import WORDS

_PLACE = re.compile("@@([a-z_]+)@@")
_SIZE = re.compile(r'viewBox="\S+ \S+ \S+ (\d+)')
_LOWEST, _HIGHEST, _CONTROLS = 420, 760, 190  # CSS pixels: of a notebook's frame, and of what is not the picture
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

_WORDS = {
    "ja": {
        "name": "計算グラフ",
        "controls": "ステップ",
        "view": "表示",
        "first": "最初",
        "previous": "前へ",
        "play": "再生",
        "pause": "一時停止",
        "next": "次へ",
        "last": "最後",
        "position": "位置",
        "zoom_in": "拡大",
        "zoom_out": "縮小",
        "fit": "全体",
        "forward": "順伝播",
        "backward": "逆伝播",
        "intro": "「次へ」か → キーで、一歩ずつ進みます。",
        "noscript": "JavaScript が使えないので、すべての数を一度に表示しています。",
        "live_intro": "葉（色のついた箱）をクリックするか Tab で選び、数を打ちこむか左右にドラッグすると、すべての数が変わります。",
        "edit": "変更",
        "changed": "変更",
        "problem": "注意",
        "field": "数を打ちこむか、左右にドラッグします（Shift で細かく、Esc で元の数）",
        "descend": "降下",
        "descend_title": "勾配降下：θ ← θ − η × ∂ を一歩（押し続けると繰り返します）",
        "rate": "学習率 η",
        "undo": "取り消す",
        "reset": "元の数に戻す",
        "descended": "降下：{names} から η × 勾配 を引く（η = {rate}）",
        "undone": "取り消しました",
        "restored": "元の数に戻しました",
        "domain": "{called}：計算できません。{name} が定義されるのは {defined} です。",
        "large": "{called}：結果が大きすぎて数で表せません。",
        "slope": "{called}：ここでは微分が有限の値になりません。",
        "branch": "{where}：比較 {comparison} の結果が、記録したとき（{was}）と変わりました。灰色の部分はもう成り立ちません。",
        "true": "真",
        "false": "偽",
        "input": "入力",
        "constant": "定数",
        "output": "出力",
        "why_operation": "演算 {what} は JavaScript で計算できないので、このページの数は変えられません。",
        "why_size": "値が {what} 個より多いので、このページの数は変えられません。",
        "why_exact": "{what} は float で正確に表せないので、このページの数は変えられません。",
        "why_stale": "記録のあとに数が変えられ、{what} の結果と合いません。forward() と backward() のあとに描けば、数を変えられます。",
    },
    "en": {
        "name": "computational graph",
        "controls": "steps",
        "view": "view",
        "first": "First",
        "previous": "Back",
        "play": "Play",
        "pause": "Pause",
        "next": "Next",
        "last": "Last",
        "position": "position",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "fit": "Fit",
        "forward": "forward",
        "backward": "backward",
        "intro": "Press “Next” or the → key to go one step at a time.",
        "noscript": "Without JavaScript all numbers are shown at once.",
        "live_intro": "Click a coloured box, or reach it with Tab: type a number or drag it, and everything follows.",
        "edit": "change",
        "changed": "changed",
        "problem": "problem",
        "field": "Type a number, or drag left and right (Shift for fine steps, Esc for the recorded number)",
        "descend": "Descend",
        "descend_title": "Gradient descent: one step θ ← θ − η × ∂ (hold to repeat)",
        "rate": "learning rate η",
        "undo": "Undo",
        "reset": "Reset",
        "descended": "Descended: η × gradient taken away from {names} (η = {rate})",
        "undone": "Undone",
        "restored": "All numbers as recorded",
        "domain": "{called}: {name} is defined for {defined}.",
        "large": "{called}: the result is too large for a float.",
        "slope": "{called}: the derivative has no finite value here.",
        "branch": "{where}: the comparison {comparison} comes out otherwise than when the graph was recorded ({was}). "
        "What is grey no longer holds.",
        "true": "true",
        "false": "false",
        "input": "input",
        "constant": "constant",
        "output": "output",
        "why_operation": "The numbers of this page cannot be changed: JavaScript has no words for the operation {what}.",
        "why_size": "The numbers of this page cannot be changed: there are more than {what} values.",
        "why_exact": "The numbers of this page cannot be changed: {what} is not exactly a float.",
        "why_stale": "The numbers of this page cannot be changed: some were changed after recording, and {what} no longer "
        "gives its result. Call forward() and backward(), and draw again.",
    },
}


_HEARD = (
    *("play", "pause", "forward", "backward", "intro", "live_intro", "value", "gradient", "changed", "problem", "field"),
    *("descended", "undone", "restored", "domain", "large", "slope", "branch", "true", "false"),
    *("input", "constant", "output"),
)
"""The words that the script says."""


def page(
    svg: str,
    title: str,
    story: Story | None,
    shown: Mapping[str, tuple[str, str, str]] | None = None,
    language: str = "en",
) -> str:
    """The whole file.

    Where the graph can be computed in a browser, its leaves are fields, and everything follows what is typed there.

    Args:
        svg: the picture, as `Picture.svg` gives it.
        title: of the page; the picture has its own.
        story: the steps; None for a picture without.
        shown: what stands at the arrows of the picture, by their names.
        language: of a picture without steps.
    """
    language = story.language if story else language
    words = {**_WORDS[language], "value": WORDS[language].value, "gradient": WORDS[language].gradient}
    data, code, why = _data(story, words, shown or {})
    style, script = _asset("page.css"), _script(code)
    texts = {f"word_{name}": html.escape(word) for name, word in words.items()}
    parts = {
        "language": language,
        "title": html.escape(title or words["name"]),
        "policy": f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "picture": svg.strip(),
        "why": html.escape(why),
        "data": embedded(data),
    }
    return _PLACE.sub(lambda place: {**texts, **parts}[place[1]], _asset("template.html"))


def embedded(data: Any) -> str:
    """`data` as JSON that ends no script element, opens no comment and is on one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_UNSAFE.get(character, character) for character in text)


class Page:
    """A page in a notebook: it shows itself in a frame that may run its own script and nothing else.

    Args:
        make: gives the file.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def _repr_html_(self) -> str | None:
        """For notebooks, which show the text of `repr` if this gives None."""
        try:
            text = self._make()
        except (RuntimeError, OSError):  # a notebook must go on, whatever is wrong with the machine
            return None
        size = _SIZE.search(text)
        high = min(_HIGHEST, max(_LOWEST, _CONTROLS + int(size[1]))) if size else _LOWEST
        return (
            f'<iframe sandbox="allow-scripts" width="100%" height="{high}" frameborder="0" '
            f'srcdoc="{html.escape(text)}"></iframe>'
        )

    def __repr__(self) -> str:
        return "<Page: shown in a notebook; elsewhere use Picture.save('name.html')>"


def _data(
    story: Story | None, words: Mapping[str, str], shown: Mapping[str, tuple[str, str, str]]
) -> tuple[dict[str, Any], str, str]:
    """What the page reads; the functions that it calls, empty where it computes nothing; and why that is so."""
    data: dict[str, Any] = {"steps": [], "hints": {}, "words": {name: words[name] for name in _HEARD}, "digits": 4}
    if story is None:
        return data, "", ""
    code, why, told = "", "", story
    try:
        live = story.tape.data() if story.tape else None
    except Refused as refusal:
        live, why = None, words[f"why_{refusal.reason}"].format(what=refusal.what)
    if live:
        code, told = live.pop("script"), story.template()
        live |= {"pairs": told.pairs(shown), "fields": told.fields(), "drawn": told.drawn(), "modules": told.boxes}
        data["live"] = live
    data |= {
        "digits": story.digits,
        "steps": [_shown(step) for step in told.steps()],
        "hints": {name: asdict(hint) for name, hint in told.hints().items()},
    }
    return data, code, why


def _shown(step: Step) -> dict[str, Any]:
    """A step without what only Python needs, or what it has not."""
    found = asdict(replace(step, gradient=None))
    del found["gradient"]
    return found if step.upstream else {name: x for name, x in found.items() if name not in ("upstream", "otherwise")}


def _script(code: str) -> str:
    """One script, with what computes the graph if there is a `code` for its operations."""
    parts = [_asset("page.js")]
    if code:
        parts = [_asset("numbers.js"), code, _asset("tape.js"), *parts, _asset("live.js")]
    else:
        parts = [_asset("numbers.js"), *parts]
    return "\n".join(['"use strict";', "{", *parts, "}\n"])


@cache
def _asset(name: str) -> str:
    return files("autograd.render").joinpath("page_assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As browsers compute it of what stands between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
