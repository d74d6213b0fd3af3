"""Git repositories made for tests, and what ``git log`` says about them.

``write_history`` makes the same repository for the same seed. ``git_log`` is the oracle: it
asks git itself, with no configuration of the user, and returns the shape that the plugin
returns. Needs ``git`` only.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Ident = tuple[bytes, bytes, bytes]

MAILMAP = b"""\
# All four forms, in the wrong case here and there, with lines that say nothing.
Proper Name <proper@example.org>
<new-address@example.org> <OLD-address@example.org>
  Both New   <both@example.org> <both-old@Example.ORG> # a comment only to the reader
Nick One <one@example.org> nick ONE <shared@example.org>
<two@example.org> Nick Two <SHARED@example.org>
Anyone Else <shared@example.org>
First Say <replaced@example.org>
Last Say <Replaced@example.org>
Partial Name <partial@example.org> <partial-old@example.org>
<partial-newer@example.org> <partial-old@example.org>
Gr\xc3\xb6\xc3\x9fe <latin@example.org> gr\xc3\xb6\xc3\x9fe <latin-old@example.org>
Wide \xe6\x9d\xb1\xe4\xba\xac <wide@example.org>
Filled In <filled@example.org> <>
<nobody@example.org> Only Name <only@example.org>
not a line of any form
Half <unclosed@example.org
 # not a comment, as it is not in the first column <column@example.org>
Nobody <>
"""

# Name, address, and what an "encoding" header would say (empty: no header).
PEOPLE: tuple[Ident, ...] = (
    (b"proper name", b"PROPER@example.org", b""),
    (b"Proper", b"proper@example.org", b""),
    (b"Moved", b"old-address@example.org", b""),
    (b"Both Old", b"both-old@example.org", b""),
    (b"Nick One", b"shared@example.org", b""),
    (b"NICK TWO", b"Shared@example.org", b""),
    (b"Nick Three", b"shared@example.org", b""),
    (b"Somebody", b"replaced@example.org", b""),
    (b"Somebody", b"partial-old@example.org", b""),
    (b"Gr\xf6\xdfe", b"latin-old@example.org", b"ISO-8859-1"),
    (b"GR\xc3\xb6\xc3\x9fe", b"latin-old@example.org", b""),
    (b"Gr\xf6\xdfe", b"latin-old@example.org", b""),
    (b"Pr\xfcfung", b"latin@example.net", b"latin1"),
    (b"Pr\xc3\xbcfung", b"latin@example.net", b"UTF-8"),
    (b"Pr\xfcfung", b"latin@example.net", b""),
    (b"Pr\xfcfung", b"latin@example.net", b"no-such-encoding"),
    (b"Pr\xfcfung", b"latin@example.net", b"hex"),
    (b"Pr\\xfcfung", b"latin@example.net", b"unicode_escape"),
    (b"\xcf\xf0\xee\xe2\xe5\xf0\xea\xe0", b"cyrillic@example.net", b"windows-1251"),
    (b"\x93\x8c\x8b\x9e", b"WIDE@example.org", b"Shift_JIS"),
    (b"\xe6\x9d\xb1\xe4\xba\xac", b"wide@example.net", b""),
    (b"\xff\xfe broken \xc3", b"broken\xff@example.net", b""),
    (b"Control \x1b[31m\x07", b"control@example.net", b""),
    (b"", b"unnamed@example.net", b""),
    (b"Without Address", b"", b""),
    (b"Only Name", b"only@example.org", b""),
    (b"Spaced  Out", b"spaced out@example.net", b""),
    (b"Column", b"column@example.org", b""),
)
ZONES = (b"+0000", b"-0000", b"+0530", b"-0330", b"+1400", b"-1200", b"+0545", b"-0930", b"+0100")
_HOUR = 3600


def write_history(folder: Path, *, commits: int = 1200, seed: int = 20240229) -> None:
    """Make a repository in ``folder`` with ``commits`` commits that HEAD reaches, and some it does not.

    It has merges of two and three parents, a ``.mailmap``, names in several encodings and in
    none, time zones on both sides of UTC, author dates at the edges of ISO years, packed and
    loose objects, and packed refs.
    """
    rng = random.Random(seed)
    loose = min(60, commits // 10)
    git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    _import(folder, _stream(rng, commits - loose, first=True))
    git(folder, "repack", "-adfq")
    git(folder, "pack-refs", "--all")
    _import(folder, _stream(rng, loose, first=False))
    git(folder, "reset", "--quiet", "--hard", "main")


def git_log(folder: Path, *options: str) -> dict[str, Any]:
    """Return what ``git log`` says: ``commits``, ``authors`` and ``weeks`` as the plugin returns them.

    The weeks are computed by git (``%G-W%V`` of the author date, in UTC), not by Python.
    """
    form = "--format=%aN%x00%aE%x00%ad"
    week = "--date=format-local:%G-W%V"
    lines = git(folder, "log", "--use-mailmap", form, week, *options, "HEAD").split(b"\n")[:-1]
    rows = [line.decode(errors="replace").split("\0") for line in lines]
    # Where an identity cannot be read, git prints the placeholders themselves.
    people = Counter(("", "") if name == "%aN" else (name, email) for name, email, _ in rows)
    weeks = Counter("unknown" if week in ("", "%ad") else week for _, _, week in rows)
    authors = [{"name": n, "email": e, "commits": count} for (n, e), count in people.items()]
    return {
        "commits": len(rows),
        "authors": sorted(authors, key=lambda row: (-row["commits"], row["name"], row["email"])),
        "weeks": [{"week": week, "commits": weeks[week]} for week in sorted(weeks)],
    }


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in ``folder``, away from every configuration of the user, and return what it prints."""
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "TZ": "UTC",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Author",
        "GIT_AUTHOR_EMAIL": "author@example.org",
        "GIT_COMMITTER_NAME": "Committer",
        "GIT_COMMITTER_EMAIL": "committer@example.org",
    }
    fixed = ("-c", "i18n.logOutputEncoding=UTF-8", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *fixed, *arguments], cwd=folder, env=env, input=stdin, capture_output=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def write_commit(folder: Path, author: bytes, *, parent: str = "", headers: bytes = b"") -> str:
    """Store a commit with any ``author`` line, however broken, make it HEAD's, and return its id."""
    tree = git(folder, "write-tree").strip()
    lines = [b"tree " + tree]
    if parent:
        lines.append(b"parent " + parent.encode())
    lines += [author, b"committer C <c@example.org> 1700000000 +0000"]
    raw = b"\n".join(lines) + b"\n" + headers + b"\nmessage \xe9\n"
    name = git(folder, "hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=raw)
    git(folder, "update-ref", "HEAD", name.decode().strip())
    return name.decode().strip()


def _import(folder: Path, stream: Iterable[bytes]) -> None:
    # Small imports stay loose objects, which is wanted for the second one.
    options = ("-c", "fastimport.unpackLimit=100", "fast-import", "--quiet", "--date-format=raw", "--force")
    git(folder, *options, stdin=b"".join(stream))


def _stream(rng: random.Random, commits: int, *, first: bool) -> Iterator[bytes]:
    yield b"blob\nmark :1\ndata %d\n%s\n" % (len(MAILMAP), MAILMAP)
    tip: bytes | None = None if first else b"refs/heads/main^0"
    clock, done, mark = (1_350_000_000 if first else 1_720_000_000), 0, 10
    while done < commits:
        clock += rng.randrange(10 * _HOUR)
        # Sides of a merge: so many that the total comes out as asked for.
        sides = rng.choice((0, 0, 0, 1, 1, 2)) if tip and commits - done > 3 else 0
        bases = [tip] if tip else []
        for _ in range(sides):
            yield _commit(rng, mark, clock, bases[:1])
            bases.append(b":%d" % mark)
            mark, done = mark + 1, done + 1
        yield _commit(rng, mark, clock, bases)
        tip = b":%d" % mark
        mark, done = mark + 1, done + 1
    yield b"reset refs/heads/main\nfrom %s\n\n" % (tip or b":0")
    for _ in range(7):
        yield _commit(rng, mark, clock, [tip] if tip else [])
        tip, mark = b":%d" % mark, mark + 1
    yield b"reset refs/heads/unmerged\nfrom %s\n\n" % (tip or b":0")


def _commit(rng: random.Random, mark: int, clock: int, parents: list[bytes]) -> bytes:
    name, email, encoding = rng.choice(PEOPLE)
    person = (name + b" " if name else b"") + b"<" + email + b">"
    # Ties and steps back in the committer's clock decide the order of git log.
    committed = clock - rng.choice((0, 0, 0, 0, 40 * _HOUR))
    message = b"change %d\n" % mark
    lines = [
        b"commit refs/heads/work",
        b"mark :%d" % mark,
        b"author %s %d %s" % (person, _author_seconds(rng, clock), rng.choice(ZONES)),
        b"committer Committer <committer@example.org> %d %s" % (committed, rng.choice(ZONES)),
        *([b"encoding " + encoding] if encoding else []),
        b"data %d\n%s" % (len(message), message),
        *[(b"from " if not place else b"merge ") + parent for place, parent in enumerate(parents)],
        *([] if parents else [b"M 100644 :1 .mailmap"]),
        b"\n",
    ]
    return b"\n".join(lines)


def _author_seconds(rng: random.Random, clock: int) -> int:
    if rng.random() < 0.6:
        return clock - rng.randrange(200 * _HOUR)
    # Within two seconds of a UTC midnight around New Year: ISO years begin and end there.
    year, day = rng.randrange(1971, 2037), rng.randrange(-4, 5)
    new_year = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    return new_year + day * 24 * _HOUR + rng.randrange(-2, 2)
