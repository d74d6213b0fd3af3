"""Arguments of a provider's method, as they are typed."""

from __future__ import annotations

import pytest

from yesman.cli.provider import parsed
from yesman.model.errors import UsageError

COMMIT = [{"name": "message", "type": "str"}, {"name": "files", "type": "list[str]"}]


def test_a_list_is_given_item_by_item():
    assert parsed(["message=a=b", "files=x", "files=y"], COMMIT) == {"message": "a=b", "files": ["x", "y"]}
    assert parsed([], COMMIT) == {}


def test_what_is_not_known_is_left_to_the_server():
    assert parsed(["massage=x"], COMMIT) == {"massage": "x"}


@pytest.mark.parametrize("written", [["message"], ["=x"], ["message=a", "message=b"]])
def test_what_is_no_argument_is_refused(written):
    with pytest.raises(UsageError):
        parsed(written, COMMIT)
