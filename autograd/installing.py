"""What to type where a package is missing. The project's own metadata say which, so pyproject.toml is the one source.

The command names the packages themselves, not an extra of this project: so it works wherever this project came from.
"""

import re

PROJECT = "scalar-autograd"
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where the name to import is another one


def pip_install(*names: str) -> str:
    """The command that installs these packages, as new as this project needs them.

    Args:
        names: to import (`sklearn`) or of the distribution (`scikit-learn`).
    """
    wanted = _wanted()
    named = [_DISTRIBUTIONS.get(name, name) for name in names]
    found = [wanted.get(_plain(name), name) for name in named]
    return " ".join(["pip install", *(each if each.isidentifier() else f"'{each}'" for each in found)])


def _wanted() -> dict[str, str]:
    """Of each package that an extra needs: `{"scipy": "scipy>=1.12"}`; empty in a clone that nobody installed."""
    from importlib import metadata

    try:
        requirements = metadata.requires(PROJECT) or []
    except metadata.PackageNotFoundError:
        return {}
    needs = [re.sub(r"\s", "", each.partition(";")[0]) for each in requirements]
    return {_plain(re.split(r"[^\w.-]", each)[0]): each for each in needs if "[" not in each}


def _plain(name: str) -> str:
    """The name by which an index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()
