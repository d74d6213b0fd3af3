"""Whatever a plugin without grants asks of the host, it is refused in the host's own words."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yesman.host.recorder import Recorder
from yesman.host.services import METHODS, PluginServices
from yesman.model.errors import YesmanError
from yesman.runtime.network import Networks

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ASKED = sorted(method for method in METHODS if not method.startswith("bus."))


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    method = draw(st.sampled_from(ASKED))
    fields = METHODS[method].shape.__struct_fields__
    params = {name: draw(st.text(max_size=300) | ANYTHING) for name in fields}
    return method, params | draw(st.just({}) | st.dictionaries(st.text(max_size=8), ANYTHING, max_size=1))


async def answered(method: str, params: dict[str, Any]) -> Any:
    absent: Any = None
    network = Networks().of("demo")
    services = PluginServices("demo", tuple, absent, absent, absent, network, Recorder())
    return (await services.serve(method, params, None))[0]


@given(calls() | st.tuples(st.text(max_size=40), st.dictionaries(st.text(max_size=8), ANYTHING, max_size=3)))
@example(("input.read", {"call": 0, "size": 0}))
@example(("panel.changed", {"name": ""}))
def test_any_call_is_refused_or_answers_with_nothing(call):
    method, params = call
    with contextlib.suppress(YesmanError):
        answer = asyncio.run(answered(method, params))
        assert method in {"net.port", "net.denial", "input.read", "panel.changed"}
        assert answer is None or isinstance(answer, (int, dict))


def test_the_calls_that_are_made_up_are_those_that_exist():
    assert {"session.get", "tmux.send", "net.resolve", "input.read"} <= set(ASKED)
    with pytest.raises(YesmanError):
        asyncio.run(answered("session.get", {"name": "mine"}))
