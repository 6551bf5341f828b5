"""All that is said, in each language: one table for each thing that speaks. Which language it is, says `languages.py`.

An entry is a text, a tuple of texts, or texts by name. Both languages have the same entries, with the same `{places}`.
"""

from dataclasses import dataclass
from typing import Any

from autograd.languages import Language


@dataclass(frozen=True)
class PictureWords:
    """What pictures of graphs say in a language; `{root}` stands for the label of the output."""

    above: str
    below: str
    below_for: str
    local_below: str
    branch: str
    clones: str
    clone: str
    value: str
    gradient: str
    local: str
    output: str
    more: str
    many_more: str
    one_more: str
    fold: str
    alike: str
    several: str
    one_of: str
    last_turn: str
    theirs: dict[str, str]
    kinds: dict[str, str]
    columns: tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Contractions:
    """What contractions of matrices are called in a language."""

    affine: str
    product: str
    inner: str
    sum: str
    total: str


@dataclass(frozen=True)
class ProgramWords:
    """What pictures of programs say in a language; of two texts the first is for one."""

    program: tuple[str, str]
    program_of_loops: str
    contractions: Contractions
    rows: str
    sources: dict[str, str]
    loss: str
    output: str
    guard: str
    more: str
    work: str
    operations: tuple[str, str]
    loops: tuple[str, str]
    turns: str
    before: str
    first: str
    carried: str
    once: str
    columns: tuple[str, str, str, str]


def counted(texts: tuple[str, str], count: int, **said: object) -> str:
    """The first of two texts for one thing, the second for several."""
    return texts[count != 1].format(count=count, **said)


PICTURE: dict[Language, PictureWords] = {
    "ja": PictureWords(
        above="矢印の上：順伝播の値",
        below="矢印の下：勾配",
        below_for="矢印の下：勾配 ∂{root}/∂(その値)",
        local_below="その下：局所微分",
        branch="分岐 ● では足し合わせる",
        clones="何度も使う値は使うたびに描く：その勾配は足し合わせる",
        clone="{number} 回目の使用（全 {uses} 回）",
        value="順伝播の値",
        gradient="勾配",
        local="局所微分",
        output="出力",
        more="… あと {count:,} 個の値",
        many_more="… あと {count:,} 個以上の値",
        one_more="… あと 1 個の値",
        fold="n × ：同じ形のもの n 個を一つの箱に描く。a … b：最小と最大",
        alike="{fold}（同じ形 {count:,} 個、ノード {nodes:,} 個）",
        several="{count:,} 個の値とその勾配の、最小と最大",
        one_of="{name}：{count:,} 個のうちの 1 個",
        last_turn="{count:,} 回の繰り返しの最後",
        theirs={
            "differs": "≠：左はこのエンジンの数、右は規則による数（{count:,} か所）",
            "listed": "描かれていない所の ≠ も explain に出る",
            "unordered": "被演算子の順序は、集合からは分からない",
            "unsaid": "演算の名前は、数から読みとった",
            "computed": "途中の勾配はエンジンに残っていないので、規則で計算した",
        },
        kinds={"input": "入力", "parameter": "パラメータ", "constant": "定数"},
        columns=("番号", "名前", "計算", "順伝播の値", "勾配"),
    ),
    "en": PictureWords(
        above="above the arrow: value",
        below="below the arrow: gradient",
        below_for="below the arrow: gradient ∂{root}/∂(that value)",
        local_below="under it: local derivative",
        branch="at a branch ● gradients add up",
        clones="a value used several times is drawn at each use: its gradients add up",
        clone="use {number} of {uses}",
        value="value",
        gradient="gradient",
        local="local derivative",
        output="output",
        more="… {count:,} more values",
        many_more="… {count:,} or more values",
        one_more="… 1 more value",
        fold="n ×: n of the same form, in one box; a … b: the least and the greatest",
        alike="{fold} ({count:,} of the same form, {nodes:,} nodes)",
        several="the least and the greatest of {count:,} values and of their gradients",
        one_of="{name}: one of {count:,}",
        last_turn="the last of {count:,} turns",
        theirs={
            "differs": "≠: on the left what this engine has, on the right what the rule gives ({count:,} in all)",
            "listed": "explain lists those that are not drawn, too",
            "unordered": "a set does not tell the order of operands",
            "unsaid": "what made each node is read off its numbers",
            "computed": "the engine keeps no gradients in between: they are computed by the rules",
        },
        kinds={"input": "input", "parameter": "parameter", "constant": "constant"},
        columns=("no.", "name", "computed", "value", "gradient"),
    ),
}

STEPS: dict[Language, dict[str, str]] = {
    "ja": {
        "input": "入力 {name} = {number}",
        "parameter": "パラメータ {name} = {number}",
        "constant": "定数 {number}",
        "start": "出発点：∂{name}/∂{name} = {number}",
        "seed": "出発点：{name} の勾配は {number}",
        "arrow": "{op} から {name} へ：上流の勾配 {up} × 局所微分 {local} = {down}",
        "ways": "{op} から {name} へ：出力ごとの 上流の勾配 × 局所微分 の和 {sum} = {down}",
        "closed": "{op} から {name} へ：{down}",
        "nothing": "{op} から {name} へ：上流の勾配が 0 なので 0",
        "gradient": "。∂{root}/∂{name} = {down}",
        "together": "。合わせて ∂{root}/∂{name} = {down}",
        "sum": "分岐 ●：{name} に戻る勾配を足し合わせる。{summands} = {total}",
        "many": "{count} 本の和",
        "local": "局所微分 ∂({op})/∂(この値) = {local}",
        "locals": "局所微分（上の矢印から順に）{locals}",
        "value": "値 {number}",
        "wrong": "。このエンジンでは {theirs}、規則では {right}",
        "gradient of": "{name} に戻る勾配の和",
        "output": "出力",
    },
    "en": {
        "input": "input {name} = {number}",
        "parameter": "parameter {name} = {number}",
        "constant": "constant {number}",
        "start": "Start: ∂{name}/∂{name} = {number}",
        "seed": "Start: the gradient of {name} is {number}",
        "arrow": "From {op} to {name}: upstream gradient {up} × local derivative {local} = {down}",
        "ways": "From {op} to {name}: for each output upstream gradient × local derivative, added up: {sum} = {down}",
        "closed": "From {op} to {name}: {down}",
        "nothing": "From {op} to {name}: 0, because the upstream gradient is 0",
        "gradient": ". ∂{root}/∂{name} = {down}",
        "together": ". All uses together: ∂{root}/∂{name} = {down}",
        "sum": "Branch ●: the gradients that return to {name} add up. {summands} = {total}",
        "many": "sum of {count}",
        "local": "local derivative ∂({op})/∂(this value) = {local}",
        "locals": "local derivatives (arrows from top to bottom) {locals}",
        "value": "value {number}",
        "wrong": ". This engine has {theirs}, and the rule gives {right}",
        "gradient of": "the gradients that return to {name}, added up",
        "output": "output",
    },
}
"""What the steps of a page say."""

PAGE: dict[Language, dict[str, Any]] = {
    "ja": {
        "name": "計算グラフ",
        "controls": "ステップ",
        "view": "表示",
        "first": "最初",
        "previous": "前へ",
        "play": "再生",
        "next": "次へ",
        "last": "最後",
        "position": "位置",
        "zoom_in": "拡大",
        "zoom_out": "縮小",
        "fit": "全体",
        "noscript": "JavaScript が使えないので、すべての数を一度に表示しています。",
        "edit": "変更",
        "descend": "降下",
        "descend_title": "勾配降下：θ ← θ − η × ∂ を一歩（押し続けると繰り返します）",
        "rate": "学習率 η",
        "undo": "取り消す",
        "reset": "元の数に戻す",
        "heard": {
            "play": "再生",
            "pause": "一時停止",
            "forward": "順伝播",
            "backward": "逆伝播",
            "intro": "「次へ」か → キーで、一歩ずつ進みます。",
            "live": "色のついた箱をクリックするか Tab で選び、数を打ちこむか左右にドラッグすると、"
            "すべての数が変わります。",
            "field": "数を打ちこむか、左右にドラッグします（Shift で細かく、Esc で元の数）",
            "changed": "変更",
            "problem": "注意",
            "descended": "降下：{names} から η × 勾配 を引く（η = {rate}）",
            "undone": "取り消しました",
            "restored": "元の数に戻しました",
            "branch": "{where}：比較 {comparison} が、記録したとき（{was}）と変わりました。"
            "灰色の部分はもう成り立ちません。",
            "true": "真",
            "false": "偽",
        },
        "network": {
            "live": "入力の円をクリックするか Tab で選び、数を打ちこむか左右にドラッグします。"
            "線をクリックすると重みを変えられ、ニューロンをクリックするとその計算グラフが開きます。",
            "weights": "重み（矢印キーで選び、Enter で変更）",
            "close": "閉じる",
        },
        "refused": {
            "compared": "このモデルは値を比べて計算を変えるので、このページの数は変えられません。",
            "operation": "演算 {what} は JavaScript で計算できないので、このページの数は変えられません。",
            "size": "値が {what} 個より多いので、このページの数は変えられません。",
            "exact": "{what} は float で正確に表せないので、このページの数は変えられません。",
            "theirs": "これは別のエンジンの数で、ここの規則による数とは違うので、このページの数は変えられません。",
            "stale": "記録のあとに数が変えられ、{what} の結果と合いません。"
            "forward() と backward() のあとに描けば、数を変えられます。",
        },
    },
    "en": {
        "name": "computational graph",
        "controls": "steps",
        "view": "view",
        "first": "First",
        "previous": "Back",
        "play": "Play",
        "next": "Next",
        "last": "Last",
        "position": "position",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "fit": "Fit",
        "noscript": "Without JavaScript all numbers are shown at once.",
        "edit": "change",
        "descend": "Descend",
        "descend_title": "Gradient descent: one step θ ← θ − η × ∂ (hold to repeat)",
        "rate": "learning rate η",
        "undo": "Undo",
        "reset": "Reset",
        "heard": {
            "play": "Play",
            "pause": "Pause",
            "forward": "forward",
            "backward": "backward",
            "intro": "Press “Next” or the → key to go one step at a time.",
            "live": "Click a coloured box, or reach it with Tab: type a number or drag it, and everything follows.",
            "field": "Type a number, or drag left and right (Shift for fine steps, Esc for the recorded number)",
            "changed": "changed",
            "problem": "problem",
            "descended": "Descended: η × gradient taken away from {names} (η = {rate})",
            "undone": "Undone",
            "restored": "All numbers as recorded",
            "branch": "{where}: the comparison {comparison} comes out otherwise than when the graph was recorded "
            "({was}). What is grey no longer holds.",
            "true": "true",
            "false": "false",
        },
        "network": {
            "live": "Click an input or reach it with Tab: type a number or drag it. Click a line to change its "
            "weight, a neuron to see its graph.",
            "weights": "weights (choose with the arrow keys, change with Enter)",
            "close": "Close",
        },
        "refused": {
            "compared": "The numbers of this page cannot be changed: the model compares values on its way.",
            "operation": "The numbers of this page cannot be changed: JavaScript cannot compute the operation {what}.",
            "size": "The numbers of this page cannot be changed: there are more than {what} values.",
            "exact": "The numbers of this page cannot be changed: {what} is not exactly a float.",
            "theirs": "The numbers of this page cannot be changed: they are those of another engine, and are not what "
            "the rules here give.",
            "stale": "The numbers of this page cannot be changed: some were changed after recording, and {what} no "
            "longer gives its result. Call forward() and backward(), and draw again.",
        },
    },
}
"""What the controls of a page say."""

NETWORK: dict[Language, dict[str, Any]] = {
    "ja": {
        "inputs": "入力層",
        "hidden": "{number} 層目（隠れ層）",
        "last": "{number} 層目（出力層）",
        "only": "出力層",
        "width": "{count:,} 個",
        "weights": "重み {count:,} 個",
        "positive": "実線：正の重み",
        "negative": "破線：負の重み",
        "thickness": "太さ：|重み|（最大 {largest}）",
        "bias": "短い矢印：バイアス",
        "value": "円の中：値",
        "curve": "曲線：活性化関数",
        "numbers": "線の上：重み",
        "gradients": "下の赤：勾配",
        "beads": "点：勾配（塗り：正、白抜き：負、面積：大きさ、最大 {largest}）",
        "gradient": "勾配 {number}",
        "before": "活性化前 {number}",
        "block": "{source}個の入力から {target}個のニューロンへ：重み {count:,} 個、バイアス {biases:,} 個",
        "of": "{name}（{start} から {end} へ）",
        "columns": ("層", "形", "活性化関数", "パラメータ"),
        "listed": ("名前", "値", "勾配"),
        "valued": ("ニューロン", "活性化前", "値"),
    },
    "en": {
        "inputs": "inputs",
        "hidden": "layer {number} (hidden)",
        "last": "layer {number} (output)",
        "only": "output",
        "width": "{count:,} neurons",
        "weights": "{count:,} weights",
        "positive": "solid: positive weight",
        "negative": "dashed: negative weight",
        "thickness": "thickness: |weight|, {largest} at most",
        "bias": "short arrow: bias",
        "value": "in the circle: value",
        "curve": "curve: activation",
        "numbers": "on the line: weight",
        "gradients": "red below: gradient",
        "beads": "dot: gradient (filled: positive, hollow: negative; area: its size, {largest} at most)",
        "gradient": "gradient {number}",
        "before": "before the activation {number}",
        "block": "from {source} inputs to {target} neurons: {count:,} weights and {biases:,} biases",
        "of": "{name} (from {start} to {end})",
        "columns": ("layer", "shape", "activation", "parameters"),
        "listed": ("name", "value", "gradient"),
        "valued": ("neuron", "before the activation", "value"),
    },
}
"""What pictures of networks say."""

EXPLANATION: dict[Language, dict[str, Any]] = {
    "ja": {
        "rest": "他の {count} 本の経路",
        "one": "他の 1 本の経路",
        "total": "合計",
        "output": "出力",
        "rounding": "{mark} 丸め誤差を除けば 0：残った数は、打ち消し合う数の丸め誤差より小さい。",
        "which": "どれがどれか（番号は draw(…).text() と同じ）：",
        "differs": "規則と違うところ（≠ の左はこのエンジンの数、右は規則による数。番号は draw(…).text() と同じ）：",
        "value": "順伝播の値",
        "from": "{op} から戻る勾配",
        "uses": "すべての使用から戻る勾配の和",
        "heads": ("微分", "経路", "局所微分の積", "値"),
    },
    "en": {
        "rest": "the other {count} paths",
        "one": "the other path",
        "total": "sum",
        "output": "output",
        "rounding": "{mark} 0 but for rounding: what is left is less than the rounding of the numbers that cancel.",
        "which": "Which is which (numbers as in draw(…).text()):",
        "differs": "Where this engine differs from the rules (left of ≠ this engine, right the rule; numbers as in "
        "draw(…).text()):",
        "value": "value",
        "from": "gradient from {op}",
        "uses": "gradient from all its uses",
        "heads": ("derivative", "path", "product of local derivatives", "value"),
    },
}


PROGRAM: dict[Language, ProgramWords] = {
    "ja": ProgramWords(
        program=("{names} のプログラム：1 ステップ", "{names} のプログラム：{count:,} ステップ"),
        program_of_loops="{names} のプログラム：{operations}、{loops}",
        contractions=Contractions("アフィン", "行列積", "内積", "和", "バッチの和"),
        rows="矢印の上：行列の形、n はバッチの行数",
        sources={"input": "引数", "parameter": "パラメータ θ", "output": "結果"},
        loss="損失",
        output="出力",
        guard="分岐の検査",
        more="… あと {count:,} 個",
        work="1 行あたり {count:,} 演算",
        operations=("{count:,} 演算", "{count:,} 演算"),
        loops=("ループ {count:,} 個", "ループ {count:,} 個"),
        turns="{count:,} 回",
        before="前の回の {name}",
        first="最初の回では {first}",
        carried="破線：次の回へ渡す値",
        once="全行に共通",
        columns=("番号", "ステップ", "入力", "形"),
    ),
    "en": ProgramWords(
        program=("program of {names}: 1 step", "program of {names}: {count:,} steps"),
        program_of_loops="program of {names}: {operations}, {loops}",
        contractions=Contractions("affine", "matrix product", "inner product", "sum", "sum over the batch"),
        rows="above the arrow: shape, with n the rows of the batch",
        sources={"input": "argument", "parameter": "parameters θ", "output": "result"},
        loss="loss",
        output="output",
        guard="guard",
        more="… {count:,} more",
        work="{count:,} operations per row",
        operations=("1 operation", "{count:,} operations"),
        loops=("1 loop", "{count:,} loops"),
        turns="× {count:,}",
        before="{name} of the turn before",
        first="in the first turn {first}",
        carried="dashed: carried to the next turn",
        once="once for all rows",
        columns=("no.", "step", "of", "shape"),
    ),
}

GRAPHVIZ: dict[Language, dict[str, str]] = {
    "ja": {
        "none": "図を描くには Graphviz が必要です：{command} で入ります（または、"
        "Graphviz を入れて `dot` を PATH に通してください）。DOT のテキスト .dot だけなら、なくても使えます。",
        "slow": "Graphviz は {seconds} 秒たってもこのグラフを配置できませんでした：draw(node) のように、"
        "入力に近いノードを選んで一部だけを描くか、.dot を保存して別のプログラムで配置してください。",
        "unstarted": "Graphviz を起動できませんでした：{error}",
        "failed": "Graphviz は終了ステータス {status} で失敗しました。出力：{said}",
        "nothing": "なし",
        "fonts": "日本語フォントが見つからないので、{form} では日本語が四角になります："
        "{command} か、Debian のパッケージ fonts-noto-cjk を入れてください。"
        "SVG ならどちらもいりません。",
    },
    "en": {
        "none": "Drawing needs Graphviz: {command} brings one (or install Graphviz so that "
        "`dot` is on the PATH). The DOT text, .dot, needs none.",
        "slow": "Graphviz had not laid out this graph after {seconds} s: draw a part of it, as in draw(node) for a "
        "node nearer the inputs; or save the .dot and lay it out with another program.",
        "unstarted": "Graphviz could not be started: {error}.",
        "failed": "Graphviz failed with exit status {status}, and said: {said}",
        "nothing": "nothing",
        "fonts": "No Japanese font was found, so the {form} will show boxes for Japanese text: "
        "{command}, or install the Debian package fonts-noto-cjk. The SVG needs neither.",
    },
}
"""What is said where Graphviz draws nothing, or lacks a font."""

REFUSED: dict[Language, dict[str, str]] = {
    "ja": {
        "undefined": "{called}：{name} の定義域は「{domain}」です。",
        "too large": "{called}：結果が大きすぎて、float では表せません。",
        "no number": "{called}：結果が数になりません。",
        "no derivative": "{called}：ここでは微分の値がありません（上流の勾配 {up}）。",
        "large on the way": "{called}：微分の計算（上流 {up} × 局所 {local}）の途中の数が、float には大きすぎます。",
        "infinite gradient": "{called}：{to} に渡す勾配が、上流 {up} × 局所 {local} = {down} になります。",
        "infinite sum": "{at} に届く勾配の和が {total} になります。",
        "zero times infinity": "{called}：ここでは傾きが有限でなく、それに掛かる値は {maker} のせいで 0 です。"
        "どちらも同じ入力で変わるので、0 × ∞ の値は決まりません。"
        "二つをひとつの演算として書くか、この点を避けてください。",
    },
    "en": {
        "undefined": "{called}: {name} is defined for {domain}.",
        "too large": "{called}: the result is too large for a float.",
        "no number": "{called}: the result is not a number.",
        "no derivative": "{called}: the derivative has no value here (upstream gradient {up}).",
        "large on the way": "{called}: on the way to the derivative, upstream {up} × local {local}, a number is "
        "too large for a float.",
        "infinite gradient": "{called}: the gradient it passes to {to} is upstream {up} × local {local} = {down}.",
        "infinite sum": "the gradients that arrive at {at} add up to {total}.",
        "zero times infinity": "{called}: the slope is not finite here, and what it is multiplied with is 0 because "
        "of {maker}, which depends on the same inputs: 0 × ∞ may be anything. Write both "
        "as one operation, or stay away from this point.",
    },
}
"""What a `DomainError` says of an operation in a graph."""

SAFER: dict[Language, dict[str, str]] = {
    "ja": {
        "sigmoid": "sigmoid の対数は log_sigmoid(x) と書けば、どこでも正確です。",
        "1 - sigmoid": "1 - sigmoid(x) の対数は log_sigmoid(-x) と書けば、どこでも正確です。",
        "softmax": "softmax の対数は log_softmax(xs) と書けば、どこでも正確です。",
        "logsumexp": "exp の和の対数は logsumexp(xs) と書けば、どこでも正確です。",
        "exp": "exp(x) の対数は x そのものです。",
    },
    "en": {
        "sigmoid": " For the logarithm of a sigmoid write log_sigmoid(x), which is exact everywhere.",
        "1 - sigmoid": " For the logarithm of 1 - sigmoid(x) write log_sigmoid(-x), which is exact everywhere.",
        "softmax": " For the logarithm of a softmax write log_softmax(xs), which is exact everywhere.",
        "logsumexp": " For the logarithm of a sum of exponentials write logsumexp(xs), which is exact everywhere.",
        "exp": " The logarithm of exp(x) is x itself.",
    },
}
"""What it adds where a logarithm is asked of a number that has underflowed to 0."""

_DEFINED = {
    "every real number": "すべての実数",
    "a divisor other than 0": "除数が 0 でない",
    "at least one number": "数が一つ以上ある",
    "two sequences of one length": "同じ長さの列が二つある",
    "x other than 0": "x が 0 でない",
    "x other than 0, -1, -2, …": "x が 0, -1, -2, … でない",
    "a base above 0, or an integer exponent (not below 0 at base 0)": "底が正、または指数が整数（底が 0 なら 0 以上）",
    "a base above 0, or an integer exponent and no logarithm of the base": "底が正、または指数が整数で対数なし",
    "x ≥ 0, or an integer exponent (not below 0 at x = 0)": "x ≥ 0、または指数が整数（x = 0 なら 0 以上）",
}
DEFINED: dict[Language, dict[str, str]] = {"ja": _DEFINED, "en": {text: text for text in _DEFINED}}
"""Where an operation is defined; `x > 0` is said so in every language, and what a user writes as it is written."""

UNFINISHED: dict[Language, str] = {
    "ja": "{name} は中断されました。最後まで実行していないので、ここまでの出力は結果ではありません。",
    "en": "{name} was interrupted: it has not finished, and what it has printed so far is not a result.",
}
