"""A plugin that uses what is on its way out: its log says so, and so does the author's test run."""

from __future__ import annotations

import pytest

from yesman.plugins._deprecation import ApiDeprecationWarning
from yesman.testkit import load_plugin

TOP = """
from yesman.plugins._deprecation import Deprecation, deprecated

@deprecated(Deprecation("older()", "0.11.0", "1.0.0", "newer()"))
def older():
    return 1
"""
METHODS = """
def go(self):
    return [older() for _ in range(3)]
"""
SAID = "older() is deprecated since yesman 0.11.0 and goes away in 1.0.0; use newer()"


async def test_the_log_says_it_once_for_each_place_and_closing_tells_the_test_run(plugin_of):
    plugin = await load_plugin(plugin_of(METHODS, TOP))
    assert await plugin.go() == [1, 1, 1]
    assert len([line for line in plugin.log if SAID in line]) == 1
    with pytest.warns(ApiDeprecationWarning) as caught:
        await plugin.close()
    assert [(str(row.message), row.filename) for row in caught] == [(SAID, "src/main.py")]


async def test_where_warnings_are_errors_the_plugin_is_ended_all_the_same(plugin_of):
    plugin = await load_plugin(plugin_of(METHODS, TOP))
    await plugin.go()
    with pytest.raises(ApiDeprecationWarning, match="use newer"):
        await plugin.close()
    assert plugin._end.done()
