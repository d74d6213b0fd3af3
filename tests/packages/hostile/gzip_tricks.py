"""What can be wrong with the gzip member, or with there being one."""

from __future__ import annotations

from hostile.making import END, GOOD, HEADER, Hostile, entry, gz

TAR = GOOD + END
RIGHT = gz(TAR)
NOT_ONE = "This is not a package: it does not begin like one"
CARRIES = "The package's gzip header carries "
OTHERWISE = f"{CARRIES}a time, a system or another method"
DAMAGED = "The package's compressed data is damaged"


def flagged(flag, extra=b""):
    return lambda _: gz(TAR, header=HEADER[:3] + bytes([flag]) + HEADER[4:] + extra)


def data(text):
    return lambda _: text


def empty_blocks(count):
    return HEADER + b"\0\0\0\xff\xff" * count


GZIP_TRICKS = (
    Hostile("an empty file", data(b""), NOT_ONE),
    Hostile("a text", data(b"name: demo\n"), NOT_ONE),
    Hostile("a tar that is not compressed", data(TAR), NOT_ONE),
    Hostile("zstd data", data(b"\x28\xb5\x2f\xfd" + TAR), "This is zstd data, not a package"),
    Hostile("a zip archive", data(b"PK\x03\x04" + TAR), "This is a zip archive, not a package"),
    Hostile("bzip2 data", data(b"BZh91AY&SY" + TAR), "This is bzip2 data, not a package"),
    Hostile("xz data", data(b"\xfd7zXZ\0" + TAR), "This is xz data, not a package"),
    Hostile("only half a header", data(HEADER[:5]), "The package ends in its first bytes"),
    Hostile("the mark of a text", flagged(0x01), f"{CARRIES}the mark of a text file"),
    Hostile("a checksum of the header", flagged(0x02, b"\0\0"), f"{CARRIES}a checksum of its header"),
    Hostile("an extra field", flagged(0x04, b"\4\0evil"), f"{CARRIES}an extra field"),
    Hostile("a file name", flagged(0x08, b"../../evil\0"), f"{CARRIES}a file name"),
    Hostile("a comment", flagged(0x10, b"\x1b[2J\0"), f"{CARRIES}a comment"),
    Hostile("reserved flags", flagged(0x20), f"{CARRIES}reserved flags"),
    Hostile("a time", lambda _: gz(TAR, header=HEADER[:4] + b"\1\2\3\4\0\xff"), OTHERWISE),
    Hostile("a hint about effort", lambda _: gz(TAR, header=HEADER[:8] + b"\2\xff"), OTHERWISE),
    Hostile("the system it was made on", lambda _: gz(TAR, header=HEADER[:9] + b"\3"), OTHERWISE),
    Hostile("another method", lambda _: gz(TAR, header=b"\x1f\x8b\x07" + HEADER[3:]), OTHERWISE),
    Hostile("no data", data(HEADER), "The package ends in the middle of its compressed data"),
    Hostile("data cut short", data(RIGHT[:-20]), "The package ends in the middle of its compressed data"),
    Hostile("no checksum", data(RIGHT[:-8]), "The package ends in its checksum"),
    Hostile("half a checksum", data(RIGHT[:-3]), "The package ends in its checksum"),
    Hostile(
        "a wrong checksum",
        data(RIGHT[:-8] + b"evil" + RIGHT[-4:]),
        "The package's content does not have the checksum it should have",
    ),
    Hostile(
        "a wrong length",
        data(RIGHT[:-4] + b"\0\0\0\1"),
        "The package's content does not have the length it should have",
    ),
    Hostile("a second member", data(RIGHT + gz(entry("../evil"))), "The package holds a second gzip member"),
    Hostile("something behind the end", data(RIGHT + b"evil"), "The package goes on after its end"),
    Hostile("zeros behind the end", data(RIGHT + bytes(512)), "The package goes on after its end"),
    Hostile("a block of no kind", data(HEADER + b"\x07" + RIGHT[11:]), DAMAGED),
    Hostile("a stored block that contradicts itself", data(HEADER + b"\1\1\0\0\0x" + bytes(8)), DAMAGED),
    Hostile("a match before the beginning", data(HEADER + b"\x4b\x04\x12\0" + bytes(8)), DAMAGED),
    Hostile(
        "zeros that unpack to a thousand times their size",
        lambda _: gz(GOOD + entry("src/x", bytes(60 << 20)) + END),
        "The package unpacks to more than 200 times its size",
    ),
    Hostile(
        "more bytes than allowed, none of which says anything",
        lambda _: empty_blocks(14 << 20),
        "The package is larger than 64 MiB",
    ),
)
