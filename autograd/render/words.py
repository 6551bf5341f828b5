"""What pictures say, in each language they speak."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one language; `{root}` stands for the label of the output."""

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
    kinds: dict[str, str]
    columns: tuple[str, str, str, str, str]


WORDS = {
    "ja": Words(
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
        kinds={"input": "入力", "parameter": "パラメータ", "constant": "定数"},
        columns=("番号", "名前", "計算", "順伝播の値", "勾配"),
    ),
    "en": Words(
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
        kinds={"input": "input", "parameter": "parameter", "constant": "constant"},
        columns=("no.", "name", "computed", "value", "gradient"),
    ),
}

TOLD = {
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
        "output": "output",
    },
}
"""What the steps of a page say."""

NETWORK = {
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
