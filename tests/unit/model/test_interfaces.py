"""Interfaces are what the author API's classes say, and hold at the border."""

from __future__ import annotations

import json

import pytest

from yesman import plugins
from yesman.model.errors import AuthorError, UsageError
from yesman.model.interfaces import INTERFACES, MAX_ARGUMENTS, operation
from yesman.model.manifest import parse_manifest
from yesman.plugins import INotificationProvider, IProvider, IVersionControlProvider
from yesman.plugins._others import _awaitable
from yesman.plugins._proxies import stand_in

GIT = "IVersionControlProvider"


def test_every_provider_interface_of_the_author_api_is_known():
    classes = (getattr(plugins, name) for name in plugins.__all__)
    interfaces = {c.__name__ for c in classes if isinstance(c, type) and issubclass(c, IProvider)}
    assert set(INTERFACES) == interfaces


def test_operations_are_the_abstract_methods():
    assert sorted(INTERFACES[GIT]) == ["commit", "create_branch", "create_pull_request", "push"]
    assert INTERFACES["IProvider"] == {}
    assert operation("INotificationProvider", "send").described() == {
        "name": "send",
        "parameters": [
            {"name": "title", "type": "str", "required": True},
            {"name": "body", "type": "str", "required": True},
            {"name": "urgency", "type": "str", "required": False},
        ],
        "result": "nothing",
    }


def test_every_result_can_be_awaited_where_plugins_get_it():
    for interface in INTERFACES.values():
        for each in interface.values():
            sample = {"str": "x", "nothing": None, "list[str]": ["x"]}[each.described()["result"]]
            assert hasattr(_awaitable(each.read(sample)), "__await__")


@pytest.mark.parametrize("method", ["connect", "disconnect", "__class__", "_x", "", "comit"])
def test_other_methods_are_refused(method):
    with pytest.raises(UsageError, match="unknown method of IVersionControlProvider"):
        operation(GIT, method)


def test_arguments_are_checked_and_completed():
    send = operation("INotificationProvider", "send")
    assert send.checked({"title": "t", "body": ""}) == {"title": "t", "body": "", "urgency": "normal"}
    for wrong in ({}, {"title": "t"}, {"title": "t", "body": 1}, {"title": "t", "body": "", "x": 1}):
        with pytest.raises(UsageError, match="'send' was called wrongly"):
            send.checked(wrong)
    with pytest.raises(UsageError, match=f"more than {MAX_ARGUMENTS}"):
        send.checked({"title": "t", "body": "x" * MAX_ARGUMENTS})


@pytest.mark.parametrize("value", [None, 1, ["x"], {}, True])
def test_results_of_other_types_are_refused(value):
    commit = operation(GIT, "commit")
    assert commit.read("c0ffee") == "c0ffee"
    with pytest.raises(ValueError, match="Expected `str`"):
        commit.read(value)


def test_a_stand_in_is_of_the_interface_and_binds_arguments_as_it_does():
    made = stand_in(INotificationProvider, lambda name, arguments: (name, arguments))
    assert isinstance(made, INotificationProvider)
    assert made.send("t", urgency="low", body="b") == (
        "send",
        {"title": "t", "body": "b", "urgency": "low"},
    )
    with pytest.raises(TypeError, match="missing a required argument: 'body'"):
        made.send("t")
    assert not isinstance(made, IVersionControlProvider)


def test_a_manifest_that_names_an_unknown_interface_is_refused_with_the_near_miss():
    provider = {"name": "git", "interface": "IVersionControl"}
    data = {"name": "x", "version": "1.0", "provides": [{"providers": [provider]}]}
    with pytest.raises(AuthorError, match="did you mean 'IVersionControlProvider'"):
        parse_manifest(json.dumps(data).encode())
