"""What git says when something is pushed over HTTP, as bytes. No I/O.

Lines begin with their length (gitprotocol-common: pkt-line). The server advertises its references, the client
answers with the change of one of them and a pack, the server reports (gitprotocol-pack, gitprotocol-http).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = "0" * 40
"""The id that stands for a branch which is not there."""
FLUSH = b"0000"
AGENT = "git/yesman-github-integration"
"""GitHub's git servers expect the name of a client to begin so."""
_LENGTH = 4


class TalkError(ValueError):
    """That is not what a git server says."""


def line(text: str) -> bytes:
    """Return one line as it is sent."""
    data = text.encode()
    return b"%04x" % (len(data) + _LENGTH) + data


def lines(data: bytes) -> Iterator[str]:
    """Yield the lines of an answer without their line ends, "" for each flush.

    Raises:
        TalkError: It is cut short, or no such answer at all.
    """
    start = 0
    while start < len(data):
        try:
            length = int(data[start : start + _LENGTH], 16)
        except ValueError:
            raise TalkError("the answer is not git's") from None
        end = start + max(length, _LENGTH)
        if end > len(data) or 0 < length < _LENGTH:
            raise TalkError("the answer is cut short")
        yield data[start + _LENGTH : end].decode(errors="replace").rstrip("\n")
        start = end


def read_references(data: bytes) -> dict[str, str]:
    """Return the ids of a repository's references by their full names, as the server advertises them.

    Raises:
        TalkError: That is no advertisement, or one of ids that are not SHA-1.
    """
    service, *rest = [*lines(data)] or [""]
    if service != "# service=git-receive-pack":
        raise TalkError("the answer is not of git's service for pushing")
    rows = [row.partition("\0")[0].split(" ", 1) for row in rest if row]
    if any(len(row) != len(("id", "name")) or len(row[0]) != len(NOTHING) for row in rows):
        raise TalkError("the server's references are of an unknown kind")
    return {name: sha for sha, name in rows if sha != NOTHING}


def change(reference: str, old: str, new: str) -> bytes:
    """Return what asks to move ``reference`` from ``old`` to ``new``; the pack follows."""
    return line(f"{old} {new} {reference}\0report-status agent={AGENT}") + FLUSH


def read_report(data: bytes, reference: str) -> str | None:
    """Return why the server did not move ``reference``; None if it did.

    Raises:
        TalkError: That is no report.
    """
    unpacked, *rest = [row for row in lines(data) if row] or [""]
    if not unpacked.startswith("unpack "):
        raise TalkError("the answer is no report of what was pushed")
    if unpacked != "unpack ok":
        return unpacked
    if f"ok {reference}" in rest:
        return None
    refused = f"ng {reference} "
    return next((row.removeprefix(refused) for row in rest if row.startswith(refused)), "it does not say why")
