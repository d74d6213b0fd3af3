"""Rights per Landlock ABI: a kernel is asked for all it knows and for nothing it does not."""

from __future__ import annotations

import pytest

from yesman.sandbox import landlock
from yesman.sandbox.landlock import IOCTL_DEV, REFER, TRUNCATE, handled

# ABI: how many file rights, network rights and scopes the kernel documents (man 7 landlock).
DOCUMENTED = {
    1: (13, 0, 0, 8),
    2: (14, 0, 0, 8),
    3: (15, 0, 0, 8),
    4: (15, 2, 0, 16),
    5: (16, 2, 0, 16),
    6: (16, 2, 2, 24),
}


@pytest.mark.parametrize("abi", DOCUMENTED)
def test_each_abi_is_asked_for_all_it_can_handle(abi):
    fs, net, scoped, size = handled(abi)
    assert (fs.bit_count(), net.bit_count(), scoped.bit_count(), size) == DOCUMENTED[abi]


def test_a_newer_abi_is_asked_for_no_more_than_the_newest_we_know():
    assert handled(99) == handled(6)


def test_a_granted_folder_gives_no_devices_sockets_or_execution():
    never = (
        landlock.EXECUTE | landlock.MAKE_CHAR | landlock.MAKE_BLOCK | landlock.MAKE_SOCK | landlock.MAKE_FIFO
    )
    assert not (landlock.READ | landlock.WRITE) & (never | IOCTL_DEV)


def test_reading_includes_no_way_to_change_anything():
    assert landlock.READ == landlock.READ_FILE | landlock.READ_DIR
    assert not landlock.READ & (landlock.WRITE_FILE | REFER | TRUNCATE)
