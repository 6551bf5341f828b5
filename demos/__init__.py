"""The lessons: `python -m demos` lists them, `python -m demos price` tells one.

A lesson is one file here, found by its name. It has:

    TEACHES     what one learns, in a line, by language
    SOURCE      the lecture it comes from: the document, and the page or section
    numbers()   what it computes, as {name: number}; changes nothing
    main(language, output)   tells its story, and writes its pictures into the folder `output`
    NOTEBOOK    which code belongs to which paragraph of the story, and questions: `_cells.py`

and, if it needs them:

    main(language, output, seed=0)   of the random numbers: the option --seed
    add_arguments(parser)            options of its own, for argparse; `main` gets them by name

The language is --language, else what `autograd.language` says, else English. `_pictures.py` draws. What the reader can
put right (a missing file, a wrong cell) is an `InputError`.
"""

from demos._cells import Part, Try, picture

__all__ = ["ORDER", "InputError", "Part", "Try", "picture"]

ORDER = (
    "price",
    "chain_rule",
    "derivative",
    "steepest",
    "bowl",
    "basins",
    "guess",
    "slopes",
    "line",
    "coefficients",
    "chain",
    "spam",
    "dividing",
    "batch",
    "advertising",
    "scaling",
    "activations",
    "network",
    "backprop",
    "xor",
    "features",
    "moons",
    "playground",
    "generalisation",
    "representation",
    "logistic",
    "digits",
    "optimisers",
    "saddle",
    "matrices",
    "greeks",
    "microgpt",
    "make_your_own",
)
"""The order of teaching; a lesson that is not named here comes after these."""


class InputError(ValueError):
    """What the reader gave to a lesson cannot be used; the message says what was got and what was wanted."""
