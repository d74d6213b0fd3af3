"""A program that asks a registry one thing and ends: the only code that parses what a registry says.

What always holds: the question comes on standard input and one answer goes to standard output; it is a
process of its own because registries are strangers that may be slow for ever, and so that whoever asks
can end it and never holds their data, libraries or connections.

An answer is ``{"value": …}``, or ``{"failure": …}`` with what ``YesmanError.as_data`` gives.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import yesman
from yesman.market.choosing import choose, newest, revoked, runs_here
from yesman.market.opening import brought, opened
from yesman.market.questions import Look, Mirror, Question, Recognise, Revoked, Wheels
from yesman.market.sources import source
from yesman.model.errors import NotFoundError, YesmanError
from yesman.trust.fingerprint import fingerprint

if TYPE_CHECKING:
    from yesman.market.questions import Fetch
    from yesman.trust.fetching import Fetch as Source
    from yesman.trust.index import PluginIndex, Revocations
    from yesman.trust.registry import Registry


def main() -> None:
    """Answer the question on standard input."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        answer: dict[str, Any] = {
            "value": answered(msgspec.json.decode(sys.stdin.buffer.read(), type=Question))
        }
    except YesmanError as error:
        answer = {"failure": error.as_data()}
    with open(answers, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
        stream.write(msgspec.json.encode(answer))


def answered(question: Question) -> Any:
    """Return the answer to ``question``.

    Raises:
        YesmanError: The registry cannot be asked or believed.
    """
    if isinstance(question, Recognise):
        return fingerprint(question.root)
    if isinstance(question, Mirror | Wheels):
        return _copied(question)
    fetch = source(question.url)
    client = opened(question, fetch)
    revocations = client.revocations()
    if isinstance(question, Revoked):
        return msgspec.to_builtins(revocations)
    index = client.index_of(question.name)
    if index is None or not index.releases:
        raise NotFoundError(f"the registry has no plugin '{question.name}'", "Check the name")
    if isinstance(question, Look):
        return _look(index, revocations) | brought(question.url, client)
    return _fetched(client, fetch, question, index, revocations)


def _fetched(
    client: Registry, fetch: Source, question: Fetch, index: PluginIndex, revocations: Revocations
) -> dict[str, Any]:
    from yesman.market.fetching import fetch_release, package_path  # noqa: PLC0415 - what is asked most needs none

    release = choose(index, question.version, revocations, yesman.__version__)
    claim = client.claims_of(index.name)
    packages, owners = Path(question.packages), claim.keys if claim else ()
    signed = fetch_release(fetch, packages, index, release, owners, question.pin)
    warned = revoked(revocations, index.name, release, "soft")
    return {
        "path": str(package_path(packages, release.sha256)),
        "publisher": index.publisher,
        "signer": signed.signer,
        "successor_of": signed.successor_of,
        "claimed": claim is not None,
        "release": msgspec.to_builtins(release),
        "warning": warned.reason if warned else "",
        "revoked": msgspec.to_builtins(revocations.entries),
        **brought(question.url, client),
    }


def _copied(question: Mirror | Wheels) -> Any:
    from yesman.market.copying import mirrored  # noqa: PLC0415 - what is asked most needs none
    from yesman.market.wheels import wheels_fetched  # noqa: PLC0415 - same

    if isinstance(question, Mirror):
        return msgspec.to_builtins(mirrored(question, source(question.url)))
    return wheels_fetched(question)


def _look(index: PluginIndex, revocations: Revocations) -> dict[str, Any]:
    """Return what is published, with what keeps each release from being installed here."""
    releases = []
    for release in index.releases:
        hard, soft = (revoked(revocations, index.name, release, severity) for severity in ("hard", "soft"))
        row = msgspec.to_builtins(release) | {
            "revoked": hard.reason if hard else "",
            "warning": soft.reason if soft else "",
            "runs_here": runs_here(release, yesman.__version__),
        }
        releases.append(row)
    return {
        "name": index.name,
        "publisher": index.publisher,
        "keys": [key.keyid for key in index.keys],
        "newest": newest(index.releases).version,
        "releases": releases,
    }


if __name__ == "__main__":
    main()
