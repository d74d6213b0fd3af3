"""A package becomes a release.

What always holds: nothing is accepted that was not read by the reader that installs, signed by a key of
the publisher's, and scanned; a version is published once, and never with other bytes; and whoever is
killed at any instruction leaves either nothing, or files that nothing names, or a release that the next
start finishes. So the order is: files by digest first, then one transaction, then the index.
Asking again for what was published is answered as the first time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from packaging.utils import canonicalize_version

from yesman.marketplace import clock, profiles
from yesman.marketplace.claims import check_owner, check_state, claim, raise_wanted, reserve
from yesman.marketplace.events import record
from yesman.marketplace.neighbours import Neighbours
from yesman.marketplace.plugin_index import index_of
from yesman.marketplace.publishers import chain_of
from yesman.marketplace.refusals import NotConfiguredError
from yesman.marketplace.releases import release_of, sealed
from yesman.marketplace.revoking import is_revoked_key
from yesman.marketplace.schema import decisions, releases
from yesman.marketplace.seams import Verdict
from yesman.marketplace.storage import digest_of, envelope_path, keep, package_path
from yesman.model.errors import AuthorError, UsageError, VerificationError
from yesman.model.plain_text import shown
from yesman.package.unpacking import read_package

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from yesman.marketplace.database import Database
    from yesman.marketplace.indexing import Indexing
    from yesman.marketplace.releases import Known
    from yesman.marketplace.seams import Scanner, Signatures
    from yesman.marketplace.storage import Objects
    from yesman.marketplace.tokens import Caller
    from yesman.package.unpacking import Package


class Submission(NamedTuple):
    """What somebody wants to publish.

    Attributes:
        caller: Whose token came with it.
        name: Of the plugin, as the request names it.
        version: Likewise.
        file: The package, all of it.
        envelope: The author's signature.
        category: Where it is listed; "" for where its type is.
    """

    caller: Caller
    name: str
    version: str
    file: Path
    envelope: bytes
    category: str = ""


class Published(NamedTuple):
    """What came of it.

    Attributes:
        sha256: Of the package.
        is_new: Whether it was not published before.
        quarantined: Why readers do not get it, or "".
    """

    sha256: str
    is_new: bool
    quarantined: str


class Judged(NamedTuple):
    """What was found of a package: who signed it, how its scan ended, its bytes, what it shows of itself."""

    signer: str
    verdict: Verdict
    length: int
    profile: profiles.Profile


class _Row(NamedTuple):
    """A release that was just written down."""

    plugin_id: int
    revision: int
    sha256: str
    quarantined: str

    @classmethod
    def of(cls, known: Known) -> _Row:
        return cls(known.plugin_id, known.revision, known.sha256, known.quarantined)


class Publishing:
    """Takes packages in.

    Args:
        database: Where releases are written down.
        objects: Where packages are kept.
        indexing: What makes a release visible.
        signatures: What judges the author's signature; None where nothing does.
        scanner: What looks into packages; None where nothing does.
    """

    def __init__(
        self,
        database: Database,
        objects: Objects,
        indexing: Indexing,
        signatures: Signatures | None,
        scanner: Scanner | None,
    ) -> None:
        self._database = database
        self._objects = objects
        self._indexing = indexing
        self._signatures = signatures
        self._scanner = scanner
        self._neighbours = Neighbours()

    def publish(self, asked: Submission) -> Published:
        """Take a package in; on return everybody can install it (or it is quarantined).

        Raises:
            YesmanError: It is refused, or something needed is away.
        """
        self._indexing.require()
        collected = profiles.Collected()
        package = read_package(asked.file, sink=collected.take)
        _check_named(asked, package)
        with self._database.reading() as connection:
            check_owner(connection, asked.caller, asked.name)
            known = release_of(connection, asked.name, asked.version)
            keys = chain_of(connection, asked.caller.id)
            neighbour = self._neighbours.of(connection, asked.caller.id, asked.name)
        if known is not None and known.publisher_id == asked.caller.id:
            sealed(known, package.sha256)
            check_state(asked.name, known.state)
            self._keep(asked, package)  # what the storage lost is there again
            return self._finished(_Row.of(known), is_new=False)
        if self._signatures is None or self._scanner is None:
            raise NotConfiguredError("This server cannot judge packages", "Tell its operator")
        owners = self._indexing.owners_of(asked.name)
        signer = self._signatures.signer(package, asked.envelope, keys, owners)
        verdict = _with_neighbour(self._scanner.scan(package, asked.file), asked.name, neighbour)
        if verdict.outcome == "refused":
            raise AuthorError(
                f"The package is refused: {'; '.join(verdict.reasons)}"[:2000], "Mend it, or appeal"
            )
        length = self._keep(asked, package)
        judged = Judged(signer, verdict, length, collected.profile(verdict.reasons))
        with self._database.writing() as connection:
            release, is_new = _write(connection, asked, package, judged)
        return self._finished(release, is_new=is_new)

    def _keep(self, asked: Submission, package: Package) -> int:
        """Put package and signature where their digests say; return the package's length."""
        content = asked.file.read_bytes()
        if digest_of(content) != package.sha256:
            raise UsageError("The package changed while it was read", "Send it again")
        keep(self._objects, package_path(package.sha256), content)
        keep(self._objects, envelope_path(digest_of(asked.envelope)), asked.envelope)
        return len(content)

    def _finished(self, release: _Row, *, is_new: bool) -> Published:
        self._indexing.settle(release.plugin_id, release.revision)
        return Published(release.sha256, is_new, release.quarantined)


def _check_named(asked: Submission, package: Package) -> None:
    """Refuse a package under a name or version that is not its own."""
    found, wanted = (package.manifest.name, package.manifest.version), (asked.name, asked.version)
    if found != wanted:
        called, meant = (shown(" ".join(pair), 300) for pair in (found, wanted))
        raise UsageError(f"The package is {called}, but was sent as {meant}", "Use the manifest's own")


def _with_neighbour(verdict: Verdict, name: str, neighbour: str) -> Verdict:
    """Return the verdict on a package whose name is taken for ``neighbour``; "" is nobody."""
    if not neighbour or verdict.outcome == "refused":
        return verdict
    why = f"the name '{name}' can be taken for '{neighbour}', a plugin of another publisher"
    return Verdict("quarantined", (why, *verdict.reasons))


def _write(connection: Connection, asked: Submission, package: Package, judged: Judged) -> tuple[_Row, bool]:
    """Write the release down, unless the same one was written meanwhile; return it."""
    if is_revoked_key(connection, judged.signer):
        raise VerificationError(
            f"The key {judged.signer[:16]}… that signed the package is revoked",
            "Register the next one, and sign with it",
        )
    plugin = claim(connection, asked.caller, asked.name, asked.category or package.manifest.type)
    known = release_of(connection, asked.name, asked.version)
    if known is not None:
        sealed(known, package.sha256)
        return _Row.of(known), False
    revision = raise_wanted(connection, plugin)
    why = "; ".join(judged.verdict.reasons)[:2000] or "The scan did not end well"
    quarantined = why if judged.verdict.outcome == "quarantined" else ""
    row = {
        "plugin_id": plugin,
        "version": package.manifest.version,
        "canonical": canonicalize_version(package.manifest.version),
        "length": judged.length,
        "sha256": package.sha256,
        "content": package.digest,
        "envelope": digest_of(asked.envelope),
        "signer": judged.signer,
        "manifest": msgspec.json.encode(package.manifest).decode(),
        "scan": "warned" if quarantined else judged.verdict.outcome,
        "published": clock.now(),
        "quarantined": quarantined,
        "held": clock.now() if quarantined else "",
        "revision": revision,
    }
    release = connection.execute(releases.insert().values(row).returning(releases.c.id)).scalar_one()
    profiles.keep(connection, release, judged.profile)
    index_of(connection, plugin)  # which must be possible
    if quarantined:
        rule = {"plugin_id": plugin, "version": package.manifest.version, "action": "quarantine"}
        connection.execute(decisions.insert().values(**rule, reason=quarantined, created=clock.now()))
    reserve(connection, asked.caller, [needed.name for needed in package.manifest.plugins])
    kind = "quarantine" if quarantined else "publish"
    record(
        connection,
        kind,
        plugin=asked.name,
        version=asked.version,
        publisher=asked.caller.name,
        detail=quarantined or package.sha256,
    )
    return _Row(plugin, revision, package.sha256, quarantined), True
