"""What is asked for is read from registers as the kernel reads them, and judged by the object alone."""

from __future__ import annotations

import os
import stat
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.runtime import metadata
from yesman.runtime.metadata import AT_FDCWD, Found, Kind, Place

UID = 1000
OWN = Place(b"/home/u/.yesman/data/demo", 1, 2, own=True)
GRANTED = Place(b"/home/u/project", 1, 3, own=False)
HIGH = 1 << 32
PATH = 0x7000
MINUS_100 = AT_FDCWD & 0xFFFFFFFF


def found(path: bytes, mode: int = stat.S_IFREG | 0o600, uid: int = UID, links: int = 1) -> Found:
    return Found(os.stat_result((mode, 7, 1, links, uid, uid, 0, 0, 0, 0)), path)


def wanted(name: str, *registers: int) -> metadata.Change:
    return metadata.change(name, (*registers, 0, 0, 0, 0, 0, 0)[:6])


@pytest.mark.parametrize(
    ("name", "registers", "directory", "path", "follow"),
    [
        ("chmod", (PATH, 0o600), AT_FDCWD, PATH, True),
        ("fchmod", (5 | HIGH, 0o600), 5, None, True),
        ("fchmodat", (MINUS_100, PATH, 0o600), AT_FDCWD, PATH, True),
        ("fchmodat", (5, PATH, 0o600, 0x100), 5, PATH, True),  # it has no flags
        ("fchmodat2", (5, PATH, 0o600, 0x100), 5, PATH, False),
        ("lchown", (PATH, 1, 1), AT_FDCWD, PATH, False),
        ("fchownat", (-1 & 0xFFFFFFFF, PATH, 1, 1, 0x100), -1, PATH, False),
        ("utimensat", (5, 0, 0, 0), 5, None, True),
        ("utimensat", (MINUS_100, 0, 0, 0), AT_FDCWD, 0, True),
        ("futimesat", (5, PATH, 0), 5, PATH, True),
        ("utime", (PATH, 0), AT_FDCWD, PATH, True),
    ],
)
def test_registers_say_what_is_meant(name, registers, directory, path, follow):
    change = wanted(name, *registers)
    assert (change.directory, change.path, change.follow) == (directory, path, follow)


def test_values_have_the_width_the_kernel_gives_them():
    assert wanted("chmod", PATH, HIGH | 0o170755).values == (0o755,)
    assert wanted("fchown", 3, HIGH | 0xFFFFFFFF, 5).values == (0xFFFFFFFF, 5)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("utime", struct.pack("=2q", 5, -6), (5, 0, -6, 0)),
        ("utimes", struct.pack("=4q", 5, 7, 6, 999_999), (5, 7000, 6, 999_999_000)),
        ("utimensat", struct.pack("=4q", 5, 0x3FFFFFFE, 6, 8), (5, 0x3FFFFFFE, 6, 8)),
    ],
)
def test_times_become_those_of_one_call(name, data, expected):
    change = wanted(name, PATH, PATH, PATH)
    assert metadata.times_length(change) == len(data)
    assert struct.unpack("=4q", metadata.times(change, data)) == expected


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_fraction_of_a_second_is_one_or_refused(first, second):
    data, change = struct.pack("=4q", 0, first, 0, second), wanted("utimes", PATH, PATH)
    if 0 <= first < 10**6 and 0 <= second < 10**6:
        assert struct.unpack("=4q", metadata.times(change, data))[1::2] == (first * 1000, second * 1000)
    else:
        with pytest.raises(OSError, match="Invalid"):
            metadata.times(change, data)


@pytest.mark.parametrize("path", [b"/home/u/projects", b"/home/u", b"project", b"/", b"pipe:[1]", b""])
def test_what_lies_beside_a_place_does_not_lie_in_it(path):
    assert metadata.holding(path, (OWN, GRANTED)) == []


def test_a_place_within_a_place_is_ordinary_there():
    inner = Place(b"/home/u/project/sub", 1, 4, own=False)
    assert metadata.holding(inner.path, (inner, GRANTED)) == [GRANTED, inner]


def test_a_place_that_was_replaced_stands_no_more(tmp_path):
    place = Place(os.fsencode(tmp_path), tmp_path.stat().st_dev, tmp_path.stat().st_ino, own=True)
    assert place.stands()
    assert not place._replace(inode=1).stands()
    assert not place._replace(path=b"/nonexistent").stands()


FILE = OWN.path + b"/file"


@pytest.mark.parametrize(
    ("mode", "object_", "allowed"),
    [
        (0o777, found(FILE), True),
        (0o777, found(FILE, uid=0), False),
        (0o777, found(FILE, links=2), False),
        (0o777, found(FILE + b" (deleted)"), False),
        (0o777, found(FILE + b" (deleted)", links=0), True),
        (0o777, found(FILE, stat.S_IFDIR | 0o700, links=9), True),
        (0o777, found(FILE, stat.S_IFIFO | 0o600), False),
        (0o777, found(FILE, stat.S_IFSOCK | 0o600), False),
        (0o4755, found(FILE, stat.S_IFREG | 0o4755), False),
        (0o2755, found(FILE, stat.S_IFDIR | 0o2700), True),
        (0o3755, found(FILE, stat.S_IFDIR | 0o2700), False),
        (0o0755, found(OWN.path, stat.S_IFDIR | 0o700), True),
        (0o0077, found(OWN.path, stat.S_IFDIR | 0o700), False),
    ],
)
def test_modes(mode, object_, allowed):
    assert bool(metadata.why_not(wanted("chmod", PATH, mode), object_, OWN, UID)) is not allowed


@pytest.mark.parametrize(("mode", "allowed"), [(0o700, True), (0o750, True), (0o755, False), (0o650, False)])
def test_a_granted_folder_is_opened_to_nobody_and_shut_to_nobody(mode, allowed):
    top = found(GRANTED.path, stat.S_IFDIR | 0o750)
    assert bool(metadata.why_not(wanted("chmod", PATH, mode), top, GRANTED, UID)) is not allowed


@pytest.mark.parametrize(
    ("owner", "group", "allowed"),
    [(-1, -1, True), (UID, UID, True), (UID, -1, True), (0, -1, False), (-1, 0, False)],
)
def test_owners_stay_what_they_are(owner, group, allowed):
    change = wanted("chown", PATH, owner & 0xFFFFFFFF, group & 0xFFFFFFFF)
    assert bool(metadata.why_not(change, found(FILE), OWN, UID)) is not allowed


def test_every_call_that_the_filter_asks_about_is_known():
    from yesman.sandbox.seccomp import METADATA  # noqa: PLC0415 - the one test that compares them

    assert {name: wanted(name).kind for name in METADATA}.keys() == set(metadata._SHAPES)
    assert wanted("utimes").kind is Kind.TIMES
