"""The plan's three security tests, word for word."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from yesman.plugins.testing import load_plugin

ABUSE = Path(__file__).resolve().parents[1] / "plugins" / "abuse.py"
HEADING = "### Security Testing"
TESTS = ["test_sandbox_memory_limit", "test_sandbox_cpu_limit", "test_filesystem_isolation"]


@pytest.fixture
def planned(plan_text):
    """The plan's test functions, in a module that has what they use: our plugins, and functions of ours."""
    spec = importlib.util.spec_from_file_location("abuse_of_the_plan", ABUSE)
    sys.modules[spec.name] = abuse = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(abuse)
    (source,) = re.findall(
        r"```python\n(.*?)```", plan_text.partition(HEADING + "\n")[2].partition("\n## ")[0], re.DOTALL
    )
    names = {"__file__": __file__, "pytest": pytest, "load_plugin": load_plugin}
    names |= {"allocate_memory": abuse.allocate_memory, "infinite_loop": abuse.infinite_loop}
    exec(compile(source, "plan.md", "exec"), names)  # noqa: S102 - what is tested
    return names


def test_there_are_three(planned):
    assert [name for name in planned if name.startswith("test_")] == TESTS


@pytest.mark.parametrize("name", TESTS)
async def test_it_passes_as_written(planned, name):
    await planned[name]()
