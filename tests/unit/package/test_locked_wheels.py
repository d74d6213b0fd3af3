"""What a package index calls its files: only a plain file name, of a file that was locked, is one."""

from __future__ import annotations

import pytest

from yesman.model.errors import VerificationError
from yesman.package.uv import wheels_in

DIGEST = "a" * 64
LOCK = f"thing==1.0 --hash=sha256:{DIGEST}"


def pylock(file):
    wheel = f'{{url = "https://index.example/{file}", hashes = {{sha256 = "{DIGEST}"}}}}'
    return f'lock-version = "1.0"\n[[packages]]\nname = "thing"\nwheels = [{wheel}]\n'


def test_a_file_of_the_lock_is_taken():
    (wheel,) = wheels_in(pylock("thing-1.0-py3-none-any.whl"), LOCK)
    assert wheel.name == "thing-1.0-py3-none-any.whl"


@pytest.mark.parametrize("build", ["1%00x", "1%1b[2J", "1%e2%80%ae", "1%2f..%2fx"])
def test_a_name_that_is_no_plain_file_name_is_refused(build):
    with pytest.raises(VerificationError):
        wheels_in(pylock(f"thing-1.0-{build}-py3-none-any.whl"), LOCK)
