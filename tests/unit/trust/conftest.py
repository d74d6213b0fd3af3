"""A small registry with one plugin, and a client that has seen it."""

from __future__ import annotations

import pytest
from registered.making import Operator, index
from registered.thief import Thief


@pytest.fixture
def operator(tmp_path):
    operator = Operator(tmp_path)
    operator.repository.publish(index())
    return operator


@pytest.fixture
def client(operator):
    client = operator.client()
    client.refresh()
    return client


@pytest.fixture
def thief(operator):
    return Thief(operator, operator.stolen())


@pytest.fixture
def thief_of():
    return lambda operator: Thief(operator, operator.stolen())
