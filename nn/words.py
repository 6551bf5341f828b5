"""All that `nn` says, in each language: one table for each thing that speaks, as in `autograd/words.py`."""

from typing import Any

from autograd.languages import Language

REPORT: dict[Language, dict[str, Any]] = {
    "ja": {
        "heads": ("層", "死んだ数", "飽和の数", "出力", "勾配"),
        "dead": (
            "{layer}：ニューロン {neurons} は死んでいる（{samples}すべてで傾きが 0）。",
            "{layer}：ニューロン {neurons} は死んでいる（{samples}すべてで傾きが 0）。",
        ),
        "saturated": (
            "{layer}：ニューロン {neurons} は飽和している（ほとんどのサンプルで傾きがほぼ 0）。",
            "{layer}：ニューロン {neurons} は飽和している（ほとんどのサンプルで傾きがほぼ 0）。",
        ),
        "more": "{neurons} ほか {count} 個",
        "vanishing": "{layer}：勾配消失。この層の勾配は最後の層の {ratio} 倍。",
        "exploding": "{layer}：勾配爆発。この層の勾配は最後の層の {ratio} 倍。",
        "none": "{samples}で、問題は見つからない。",
        "samples": ("{count} 個のサンプル", "{count} 個のサンプル"),
    },
    "en": {
        "heads": ("layer", "dead", "saturated", "output", "gradient"),
        "dead": (
            "{layer}: neuron {neurons} is dead: slope 0 on {samples}.",
            "{layer}: neurons {neurons} are dead: slope 0 on {samples}.",
        ),
        "saturated": (
            "{layer}: neuron {neurons} is saturated: flat for most samples.",
            "{layer}: neurons {neurons} are saturated: flat for most samples.",
        ),
        "more": "{neurons} and {count} more",
        "vanishing": "{layer}: vanishing: its gradient is {ratio} times the last layer's.",
        "exploding": "{layer}: exploding: its gradient is {ratio} times the last layer's.",
        "none": "No problem on {samples}.",
        "samples": ("{count} sample", "{count} samples"),
    },
}

HISTORY: dict[Language, dict[str, Any]] = {
    "ja": {
        "training": "訓練",
        "validation": "検証",
        "epoch": "エポック",
        "loss": "損失",
        "empty": "まだ 1 エポックも終わっていない",
        "title": ("{count} エポックの損失", "{count} エポックの損失"),
        "best": "、最小はエポック {epoch} のあと",
        "best_validation": "、検証の損失の最小はエポック {epoch} のあと",
        "done": ("{count} エポックを終えた", "全 {count} エポックを終えた"),
        "early": (
            "早期終了：エポック {epoch} のあと {count} エポック、損失が下がらなかった",
            "早期終了：エポック {epoch} のあと {count} エポック、損失が下がらなかった",
        ),
        "interrupted": (
            "エポック {epoch} で中断した（{count} ステップのあと）",
            "エポック {epoch} で中断した（{count} ステップのあと）",
        ),
        "kept": "fit：{stopped}。モデルはそれまでに学んだことを保っている。",
    },
    "en": {
        "training": "training",
        "validation": "validation",
        "epoch": "epoch",
        "loss": "loss",
        "empty": "No epoch yet",
        "title": ("Loss over {count} epoch", "Loss over {count} epochs"),
        "best": ", lowest loss after epoch {epoch}",
        "best_validation": ", lowest validation loss after epoch {epoch}",
        "done": ("{count} epoch done", "all {count} epochs done"),
        "early": (
            "stopped early: no lower loss in {count} epoch after epoch {epoch}",
            "stopped early: no lower loss in {count} epochs after epoch {epoch}",
        ),
        "interrupted": (
            "interrupted in epoch {epoch}, after {count} step",
            "interrupted in epoch {epoch}, after {count} steps",
        ),
        "kept": "fit was {stopped}; the model keeps what it has learned.",
    },
}
