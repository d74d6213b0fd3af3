"""Commands of a marketplace's operator say what is not installed of all that the extra brings."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from yesman.cli.market_folder import _LIBRARIES

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_every_library_of_the_extra_is_looked_for():
    extra = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["marketplace"]
    wanted = {re.split(r"[\[><=]", requirement)[0] for requirement in extra}
    brings = packages_distributions()
    assert {brings[name][0].lower() for name in _LIBRARIES} == wanted
