"""What can be wrong with names, places, and how many there are."""

from __future__ import annotations

from hostile.making import END, GOOD, Hostile, entry, gz, holding, tarred

OUT = "The path '{}' leads out of the package"
PART = "The path '{}' has a part that is empty or '.'"
CONTROL = "The name '{}' holds invisible or invalid characters"
ENDS = "The name '{}' begins or ends with a space, or ends with a dot"
CACHE = "'{}' is history, an environment or a cache"
UNASKED = "'{}' is of a kind that Python runs unasked"
PACKED = "'{}' is a packed dependency"
NO_PLACE = "'{}' has no place in a package"
ALIKE = "The names '{}' and '{}' differ only in case or in the form of a letter"
NOT_UTF8 = f"The name at byte {len(GOOD)} of the package's tar is not UTF-8"


def named(path, error, what="", data=b"evil"):
    shown = path if isinstance(path, str) else ""
    return Hostile(what or shown, tarred(entry(path, data)), error.format(shown))


def both(one, other, error, what):
    return Hostile(what, tarred(entry(one), entry(other)), error)


def alike(one, other, error, what):
    return Hostile(what, holding({one: b"", other: b""}), error)


def absolute(outside):
    return gz(GOOD + entry(f"{outside}/evil", b"evil") + END)


REACH = (
    named("../evil", OUT),
    named("../outside/evil", OUT),
    named("src/../../outside/evil", OUT),
    named("src/..", OUT),
    Hostile("an absolute path", absolute, "The path '{outside}/evil' is absolute"),
    named("//evil", "The path '{}' is absolute"),
    named("C:/evil", "The path '{}' holds a colon, as those with a drive do"),
    named("C:evil", "The path '{}' holds a colon, as those with a drive do"),
    named("src/main.py:evil", "The path '{}' holds a colon, as those with a drive do"),
    named("src\\..\\..\\evil", "The path '{}' holds a backslash"),
    named("\\\\host\\share", "The path '{}' holds a backslash"),
    named("./src/x", PART),
    named("src/./x", PART),
    named("src//x", PART),
    named("src/x/", PART),
    named("", PART, "no name"),
)
SPELLING = (
    named("src/a\nb", CONTROL.replace("{}", "src/a\\u{{a}}b"), "a line break"),
    named("src/\x1b[2J", CONTROL.replace("{}", "src/\\u{{1b}}[2J"), "an escape sequence"),
    named("src/\x7f", CONTROL.replace("{}", "src/\\u{{7f}}"), "a control character"),
    named("src/a\u202egnp.py", CONTROL.replace("{}", "src/a\\u{{202e}}gnp.py"), "text that turns around"),
    named("src/ma\u200bin.py", CONTROL.replace("{}", "src/ma\\u{{200b}}in.py"), "a space without width"),
    named("src/\U000e0041", CONTROL.replace("{}", "src/\\u{{e0041}}"), "an invisible tag"),
    named("src/\u2028", CONTROL.replace("{}", "src/\\u{{2028}}"), "Unicode's line separator"),
    named(b"src/\xff", NOT_UTF8, "bytes that are no UTF-8"),
    named(b"src/..\xc0\xaf..\xc0\xafevil", NOT_UTF8, "slashes in two bytes"),
    named(b"src/\xed\xa0\x80", NOT_UTF8, "half a surrogate"),
    named("src/e\u0301", "The name '{}' is not in Unicode's form NFC", "a letter in two parts"),
    named("src/x.", ENDS),
    named("src/x ", ENDS, "a space at the end"),
    named("src/ x", ENDS, "a space at the beginning"),
    named("src./x", ENDS),
)
CLASHES = (
    both("src/x", "src/x", "The package holds 'src/x' twice", "a file twice"),
    both("src/y", "src/x", "The package holds 'src/x' out of order", "another order"),
    both("src/y", "docs/x", "The package holds 'docs/x' out of order", "another order of folders"),
    both("src/x", "src/x/y", "The package holds 'src/x' as a file and a folder", "a file that is a folder"),
    alike("src/X", "src/x", ALIKE.format("src/x", "X"), "names that differ in case"),
    alike("src/X/a", "src/x/b", ALIKE.format("src/x/b", "X"), "folders that differ in case"),
    both(
        "src/strasse", "src/stra\u00dfe", ALIKE.format("src/stra\u00dfe", "strasse"), "two ways to write ss"
    ),
    alike("src/Main.py", "src/z", ALIKE.format("src/main.py", "Main.py"), "the entry in another case"),
)
PLACES = (
    named("zlib/__init__.py", NO_PLACE),
    named("yesman/__init__.py", NO_PLACE),
    named("sitecustomize.py", UNASKED),
    named("src", "'{}' is a file and must be a folder"),
    named("zz.py", NO_PLACE),
    named("plugin.yaml/x", NO_PLACE),
    named("zz/.git/config", CACHE),
    named("src/.git/hooks/post-checkout", CACHE),
    named("src/__pycache__/main.cpython-311.pyc", CACHE),
    named("src/main.pyc", CACHE),
    named("src/.venv/bin/python", CACHE),
    named("src/node_modules/x.js", CACHE),
    named("src/other.yplug", CACHE),
    named("src/pyvenv.cfg", "'{}' marks a virtual environment"),
    named("src/evil.pth", UNASKED),
    named("src/site-packages/Evil.PTH", UNASKED),
    named("src/sitecustomize.py", UNASKED),
    named("src/usercustomize.py", UNASKED),
    named("src/evil-1.0-py3-none-any.whl", PACKED),
    named("src/evil-1.0-py3.11.egg", PACKED),
)
DEEP = "src/" + "z/" * 32 + "x"
LONG = b"src/" + b"z" * 151
AMOUNTS = (
    named(DEEP, f"The package is nested deeper than 32 folders at '{DEEP}'", "folders 33 deep"),
    Hostile(
        "a path longer than 255 bytes",
        tarred(entry(b"b" * 100, prefix=LONG)),
        f"The package has a path longer than 255 bytes: 'src/{'z' * 75}…'",
    ),
    Hostile(
        "a giant file that is not there",
        tarred(entry("src/x", size=b"77777777777\0")),
        "The package has a file larger than 64 MiB: 'src/x'",
    ),
    Hostile(
        "too much in many files",
        tarred(*(entry(f"src/{n}", b"x" * (1 << 20)) for n in "xyz")),
        "The package is larger than 2 MiB",
        {"total": 2 << 20, "ratio": 2000},
    ),
    Hostile(
        "too many files",
        holding({f"src/x{n:05}": b"" for n in range(2_000)}),
        "The package holds more than 2000 files and folders",
        {"entries": 2_000},
    ),
    Hostile(
        "few files in too many folders",
        holding({f"src/{n:04}" + "/d" * 29 + "/x": b"" for n in range(40)}),
        "The package holds more than 1000 files and folders",
        {"entries": 1_000},
    ),
)
NAMES = (*REACH, *SPELLING, *CLASHES, *PLACES, *AMOUNTS)
