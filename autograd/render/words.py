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
    fold: str
    alike: str
    several: str
    one_of: str
    last_turn: str
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
        fold="n × ：同じ形のもの n 個を一つの箱に描く。a … b：最小と最大",
        alike="{fold}（同じ形 {count:,} 個、ノード {nodes:,} 個）",
        several="{count:,} 個の値とその勾配の、最小と最大",
        one_of="{name}：{count:,} 個のうちの 1 個",
        last_turn="{count:,} 回の繰り返しの最後",
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
        fold="n ×: n of the same form, in one box; a … b: the least and the greatest",
        alike="{fold} ({count:,} of the same form, {nodes:,} nodes)",
        several="the least and the greatest of {count:,} values and of their gradients",
        one_of="{name}: one of {count:,}",
        last_turn="the last of {count:,} turns",
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
