"""Values that a service returns work with and without await."""

from __future__ import annotations

import asyncio
import json

import pytest

from yesman.plugins import Done, Items, Pane, Session, Text, Window

VALUES = [
    Items([1, 2]),
    Text("shown"),
    Done(),
    Session(name="work", id="$0", cwd="/src"),
    Window(id="@0"),
    Pane(id="%0"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
async def test_awaiting_a_value_gives_the_value_itself(value):
    assert await value is value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
async def test_a_value_may_be_awaited_twice_and_gathered(value):
    assert await value is await value
    assert await asyncio.gather(value, asyncio.sleep(0)) == [value, None]
    assert await asyncio.wait_for(value, 5) is value


def test_lists_and_texts_stay_ordinary_json_data():
    assert json.dumps({"lines": Items([Text("a")])}) == '{"lines": ["a"]}'
    assert Items([1]) == [1]
    assert Text("a") == "a"


def test_done_is_false_as_none_is():
    assert not Done()
    assert repr(Done()) == "Done"


def test_a_session_is_a_frozen_snapshot():
    session = Session(name="work", id="$0", cwd="/src", metadata={"branch": "main"})
    with pytest.raises(AttributeError):
        session.name = "other"
    assert {session: 1}[Session(name="work", id="$0", cwd="/src", metadata={"branch": "main"})] == 1
