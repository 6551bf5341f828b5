"""What pictures say, in each language they speak."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one language; `{root}` stands for the label of the output."""

    above: str
    below: str
    below_for: str
    branch: str
    value: str
    gradient: str
    output: str
    kinds: dict[str, str]


WORDS = {
    "ja": Words(
        above="矢印の上：順伝播の値",
        below="矢印の下：勾配",
        below_for="矢印の下：勾配 ∂{root}/∂(その値)",
        branch="分岐 ● では足し合わせる",
        value="順伝播の値",
        gradient="勾配",
        output="出力",
        kinds={"input": "入力", "constant": "定数"},
    ),
    "en": Words(
        above="above the arrow: value",
        below="below the arrow: gradient",
        below_for="below the arrow: gradient ∂{root}/∂(that value)",
        branch="at a branch ● gradients add up",
        value="value",
        gradient="gradient",
        output="output",
        kinds={"input": "input", "constant": "constant"},
    ),
}
