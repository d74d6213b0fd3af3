"""What can be wrong with the tar: its structure, the kinds of its entries, the fields of their headers."""

from __future__ import annotations

from hostile.making import END, GOOD, Hostile, entry, gz, tarred

AT = len(GOOD)
ONLY_FILES = "a package holds only files"
FORM = "The tar header of 'src/x' is not in the form that yesman writes"
EARLY = "The package's tar ends too early"


def kind(letter, what, *, link=b"", name="src/x", data=b"", then=b""):
    """Return the row of an entry of another kind; ``then`` comes after it."""
    made = tarred(entry(name, data, kind=letter, link=link), then)
    return Hostile(what, made, f"'{name}' is {what}; {ONLY_FILES}")


def field(what, error, **fields):
    return Hostile(what, tarred(entry(b"", b"x", **{"name": b"src/x", **fields})), error)


def pax(key, value):
    line = f" {key}={value}\n"
    return f"{len(line) + 2}{line}".encode()


def linked(outside):
    """A link that leads out, and a file that is written through it."""
    return gz(
        GOOD + entry("src/x", kind=b"2", link=str(outside).encode()) + entry("src/x/evil", b"evil") + END
    )


def hard_linked(outside):
    return gz(GOOD + entry("src/x", kind=b"1", link=f"{outside}/victim".encode()) + END)


STRUCTURE = (
    Hostile("nothing at all", tarred(before=b"", end=b""), EARLY),
    Hostile("half a header", tarred(end=entry()[:100]), EARLY),
    Hostile("no end", tarred(end=b""), EARLY),
    Hostile("half an end", tarred(end=bytes(512)), EARLY),
    Hostile("a size beyond the end", tarred(entry(size=b"00000010000\0"), end=b""), EARLY),
    Hostile("content cut short", tarred(end=entry("src/x", b"x" * 900)[:1000]), EARLY),
    Hostile(
        "an entry behind the end",
        tarred(end=END + entry("../evil") + END),
        "The package's tar goes on after its end",
    ),
    Hostile(
        "the padding that other programs add",
        tarred(end=bytes(10240)),
        "The package's tar goes on after its end",
    ),
    Hostile(
        "an entry behind half an end",
        tarred(end=bytes(512) + entry("../evil") + END),
        "The package's tar goes on after an empty block",
    ),
    Hostile(
        "something in the padding",
        tarred(entry("src/x", b"x")[:-4] + b"evil"),
        "Something is hidden behind 'src/x'",
    ),
    Hostile("noise", tarred(b"evil" * 128), f"The package's tar header at byte {AT} has a wrong checksum"),
    Hostile(
        "a wrong checksum",
        tarred(entry(checksum=b"001234\0 ")),
        f"The package's tar header at byte {AT} has a wrong checksum",
    ),
    Hostile(
        "GNU's dialect",
        tarred(entry(magic=b"ustar  \0")),
        f"The package's tar header at byte {AT} is in GNU's dialect",
    ),
    Hostile(
        "a tar of before POSIX",
        tarred(entry(magic=b"")),
        f"The package's tar header at byte {AT} is not of POSIX's ustar",
    ),
)

KINDS = (
    Hostile("a link out and a file through it", linked, f"'src/x' is a symbolic link; {ONLY_FILES}"),
    Hostile("a hard link to a file outside", hard_linked, f"'src/x' is a hard link; {ONLY_FILES}"),
    kind(b"2", "a symbolic link", link=b"/etc/passwd"),
    kind(b"2", "a symbolic link", link=b"../../..", then=entry("src/x/evil", b"evil")),
    kind(b"1", "a hard link", link=b"plugin.yaml"),
    kind(b"3", "a device", name="src/char"),
    kind(b"4", "a device", name="src/block"),
    kind(b"5", "a folder of its own", name="src/folder"),
    kind(b"6", "a named pipe"),
    kind(b"7", "a contiguous file"),
    kind(b"x", "an extended header (pax)", data=pax("path", "../evil"), then=entry("src/y", b"evil")),
    kind(b"x", "an extended header (pax)", data=pax("size", "0"), then=entry("src/y", entry("../evil"))),
    kind(b"g", "a global extended header (pax)", data=pax("mode", "4755")),
    kind(b"L", "GNU's long name", data=b"../evil\0", then=entry("src/y", b"evil")),
    kind(b"K", "GNU's long link target", data=b"/etc/passwd\0", then=entry("src/y", kind=b"2")),
    kind(b"S", "a sparse file"),
    kind(b"D", "GNU's listing of a folder"),
    kind(b"M", "the rest of a file from another volume"),
    kind(b"V", "a volume's label"),
    kind(b"X", "an extended header (Solaris)"),
    kind(b"A", "an access control list"),
    kind(b"\0", "a file of before POSIX"),
    Hostile(
        "a kind that nobody knows",
        tarred(entry(kind=b"\x1b")),
        f"'src/x' is an entry of the unknown kind '\\u{{1b}}'; {ONLY_FILES}",
    ),
)

MODE = "'src/x' has the mode {}; a package knows 0644 and 0755"
NUMBER = "The {} of 'src/x' is not an octal number"
HEADERS = (
    field("set-uid", MODE.format("4755"), mode=b"0004755\0"),
    field("set-gid", MODE.format("2755"), mode=b"0002755\0"),
    field("sticky", MODE.format("1644"), mode=b"0001644\0"),
    field("writable by all", MODE.format("0666"), mode=b"0000666\0"),
    field("readable by nobody", MODE.format("0000"), mode=b"0000000\0"),
    field("the type of a device in the mode", MODE.format("20644"), mode=b"0020644\0"),
    field("a mode that is no number", NUMBER.format("mode"), mode=b"rw-r--r-"),
    field("no mode", NUMBER.format("mode"), mode=b""),
    field("a user", "'src/x' carries an owner", uid=b"0001750\0"),
    field("a group", "'src/x' carries an owner", gid=b"0000144\0"),
    field("a user as a binary number", "'src/x' carries an owner", uid=b"\x80\0\0\0\0\0\3\xe8"),
    field("a user's name", "'src/x' carries an owner's name", uname=b"root"),
    field("a group's name", "'src/x' carries an owner's name", gname=b"\x1b[2J"),
    field("a time", "'src/x' carries a time", mtime=b"14633467000\0"),
    field("a link's target", "'src/x' carries a link's target", link=b"/etc/passwd"),
    field("a size as a binary number", NUMBER.format("size"), size=b"\x80" + bytes(10) + b"\1"),
    field("a negative size", NUMBER.format("size"), size=b"\xff" * 12),
    field("a size with a sign", NUMBER.format("size"), size=b"-0000000001\0"),
    field("no size", NUMBER.format("size"), size=b""),
    field("a size with blanks", NUMBER.format("size"), size=b"          1\0"),
    field("a size in fewer digits", FORM, size=b"1\0"),
    field("a mode in fewer digits", FORM, mode=b"644\0"),
    field("an owner in fewer digits", FORM, uid=b"0\0"),
    field("a device's number", FORM, device=b"0000001\x000000001\0"),
    field("a name behind the name", FORM, name=b"src/x\0/../../evil"),
    field("a needless prefix", FORM, name=b"x", prefix=b"src"),
    field("a prefix behind the prefix", FORM, prefix=b"\0../.."),
    field("something in the unused rest", FORM, rest=b"evil"),
    field("a checksum in another form", FORM, checksum=b"%07o\0" % 0),
)


def _rechecked(row):
    """Give the last row its right sum, written in another way than ours."""
    block = entry("src/x", b"x")
    total = sum(block[:512]) - sum(block[148:156]) + 8 * 32
    return row._replace(make=tarred(block[:148] + (b"%o" % total).ljust(8, b" ") + block[156:]))


TAR_TRICKS = (*STRUCTURE, *KINDS, *HEADERS[:-1], _rechecked(HEADERS[-1]))
