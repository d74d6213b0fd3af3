"""The author's API and the host's table of services name the same calls and the same permissions."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from yesman.host.services import METHODS
from yesman.model.permissions import NAMES
from yesman.plugins import (
    EventBus,
    Notifications,
    Panels,
    PluginManager,
    Providers,
    SessionManager,
    TmuxManager,
    need_of,
)

NOT_IN_THE_API = {"input.read", "net.resolve", "net.port", "net.denial", "provider.call"}
"""Behind ``sys.stdin``, ``socket`` and the stand-ins for providers, not methods."""


def needs():
    """Return ``{call: (need, signature)}`` of every method of the author API that reaches the host."""
    found = {}
    for service in (SessionManager, TmuxManager, EventBus, PluginManager, Providers, Notifications, Panels):
        for name, method in vars(service).items():
            if not name.startswith("_") and name != "handlers_for":
                need = need_of(method)
                found[need.call] = (need, inspect.signature(method))
    return found


def test_both_sides_name_the_same_calls():
    assert set(needs()) | NOT_IN_THE_API == set(METHODS)
    assert not set(needs()) & NOT_IN_THE_API


@pytest.mark.parametrize("call", sorted(needs()))
def test_both_sides_need_the_same_permission(call):
    need, _ = needs()[call]
    assert need.permission == METHODS[call].permission
    assert need.permission in NAMES | {""}
    assert need.then in NAMES | {""}


@pytest.mark.parametrize("call", sorted(METHODS))
def test_every_shape_refuses_what_it_does_not_know(call):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"surprise": 1}, METHODS[call].shape)


def test_an_argument_that_changes_the_permission_is_one_the_host_reads():
    for call, (need, signature) in needs().items():
        if need.argument:
            assert need.argument in METHODS[call].shape.__struct_fields__
            assert need.argument in signature.parameters
