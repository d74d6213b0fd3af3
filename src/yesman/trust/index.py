"""What a registry says of its plugins, as values: indexes, claims and revocations.

What always holds: a value that was decoded is whole and bounded; names and versions are such as
manifests may have; texts have no character that hides or reorders others; no release, key or
claim is there twice; and every key but the first names an earlier one that signed it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from packaging.version import Version

from yesman.model.errors import VerificationError
from yesman.model.manifest_schema import NAME
from yesman.model.plain_text import shown
from yesman.trust.encoding import OPERATOR, decode
from yesman.trust.fields import (
    AnyHex,
    AnyName,
    Digest,
    Hex,
    Length,
    Line,
    Name,
    Text,
    Texts,
    Word,
    check_base64,
    check_date,
    check_text,
    check_version,
)
from yesman.trust.limits import LIMITS

_KEY_BYTES, _SIGNATURE_BYTES = 32, 64


class PublisherKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a publisher.

    Attributes:
        keyid: What :func:`keyid_of` says of ``public``.
        public: ed25519, 32 bytes in base64.
        since: When the registry took it, UTC.
        signed_by: The ``keyid`` of the key before, or "" for the first.
        signature: Of that key over this one, 64 bytes in base64, or "" for the first.
    """

    keyid: Hex
    public: str
    since: str
    signed_by: AnyHex = ""
    signature: str = ""

    def __post_init__(self) -> None:
        """Refuse what the types cannot; whether it is what it says is looked at where it counts."""
        check_date(self.since)


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a plugin; what is published stays as it is, but for ``yanked``.

    Attributes:
        version: As in its manifest.
        length: Of the package, bytes.
        sha256: Of the package.
        content: Digest of what is installed, ``sha256:…``.
        envelope: The sha256 of the author's signed statement.
        signer: The ``keyid`` it is signed with.
        permissions: What its manifest asks for, as text.
        dependencies: Requirements, as text.
        min_version: Oldest yesman it works with, inclusive, or "".
        max_version: Newest, likewise.
        description: From the manifest.
        type: How it is presented.
        published: UTC.
        yanked: Why nobody should install it any more, or "".
        scan: How the registry's scan came out.
    """

    version: Line
    length: Length
    sha256: Hex
    content: Digest
    envelope: Hex
    signer: Hex
    published: str
    permissions: Texts = ()
    dependencies: Texts = ()
    min_version: Line = ""
    max_version: Line = ""
    description: Text = ""
    type: Word = "integration"
    yanked: Text = ""
    scan: Literal["passed", "warned"] = "passed"

    def __post_init__(self) -> None:
        """Refuse what the types cannot."""
        for version in (self.version, self.min_version or "0", self.max_version or "0"):
            check_version(version)
        check_date(self.published)
        for text in (self.description, self.yanked, *self.permissions, *self.dependencies):
            check_text(text)


class PluginIndex(msgspec.Struct, frozen=True, kw_only=True):
    """All that is published under one name.

    Attributes:
        name: Of the plugin.
        publisher: Who publishes it, as the registry knows them.
        keys: What its releases are signed with, oldest first.
        releases: In the order of publication.
    """

    name: Name
    publisher: Name
    keys: Annotated[tuple[PublisherKey, ...], Meta(max_length=LIMITS.keys)]
    releases: Annotated[tuple[Release, ...], Meta(max_length=LIMITS.releases)] = ()

    def __post_init__(self) -> None:
        """Refuse what the types cannot."""
        known: set[str] = set()
        for key in self.keys:
            _check_key(key)
            if key.keyid in known:
                raise ValueError("a key is listed twice")
            if bool(known) != bool(key.signed_by) or (known and key.signed_by not in known):
                raise ValueError("the first key is signed by none, each other by one before it")
            known.add(key.keyid)
        if any(release.signer not in known for release in self.releases):
            raise ValueError("a release is signed with a key that is not listed")
        if len({Version(release.version) for release in self.releases}) != len(self.releases):
            raise ValueError("a version is listed twice")


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must not run (``hard``) or that users are warned of (``soft``).

    Attributes:
        plugin: Its name, or "" for any plugin.
        version: Of the plugin, or "" for all.
        sha256: Of the package, or "" for any.
        keyid: What it is signed with, or "" for any key.
        severity: Whether a running plugin is stopped.
        reason: For people.
        since: UTC.
    """

    plugin: AnyName = ""
    version: Line = ""
    sha256: AnyHex = ""
    keyid: AnyHex = ""
    severity: Literal["hard", "soft"]
    reason: Text
    since: str

    def __post_init__(self) -> None:
        """Refuse what the types cannot; one that names nothing would stop everything."""
        if not (self.plugin or self.sha256 or self.keyid):
            raise ValueError("a revocation names neither plugin nor package nor key")
        if self.version:
            check_version(self.version)
        check_date(self.since)
        check_text(self.reason)

    def covers(self, plugin: str, version: str, *, sha256: str = "", keyid: str = "") -> bool:
        """Tell whether that package is meant; every field that is not empty must agree."""
        return (
            self.plugin in ("", plugin)
            and (not self.version or Version(self.version) == Version(version))
            and self.sha256 in ("", sha256)
            and self.keyid in ("", keyid)
        )


class Revocations(msgspec.Struct, frozen=True, dict=True):
    """All revocations of a registry."""

    entries: Annotated[tuple[Revocation, ...], Meta(max_length=LIMITS.entries)] = ()

    def of(
        self, severity: str, plugin: str, version: str, *, sha256: str = "", keyid: str = ""
    ) -> Revocation | None:
        """Return the first that covers that package, or None."""
        named = ((1, plugin), (2, sha256), (3, keyid))
        found = [row for key in named for row in self._by_name.get(key, ())]
        for _, entry in sorted(found, key=lambda row: row[0]):
            if entry.severity == severity and entry.covers(plugin, version, sha256=sha256, keyid=keyid):
                return entry
        return None

    @cached_property
    def _by_name(self) -> dict[tuple[int, str], list[tuple[int, Revocation]]]:
        """The entries, each with its place, by the first thing that it names: twenty thousand are many."""
        found: dict[tuple[int, str], list[tuple[int, Revocation]]] = {}
        for place, entry in enumerate(self.entries):
            names = (entry.plugin, entry.sha256, entry.keyid)
            key = next((kind, name) for kind, name in enumerate(names, 1) if name)
            found.setdefault(key, []).append((place, entry))
        return found


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a name is, signed offline: only keys that descend from these may sign under it.

    Attributes:
        name: Of the plugin.
        keys: ``keyid`` of each.
        since: UTC.
    """

    name: Name
    keys: Annotated[tuple[Hex, ...], Meta(min_length=1, max_length=LIMITS.keys)]
    since: str

    def __post_init__(self) -> None:
        """Refuse what the types cannot."""
        check_date(self.since)


class Claims(msgspec.Struct, frozen=True):
    """One bucket of claims, by name."""

    entries: Annotated[tuple[Claim, ...], Meta(max_length=LIMITS.entries)] = ()

    def __post_init__(self) -> None:
        """Refuse a name that is claimed twice."""
        if len({claim.name for claim in self.entries}) != len(self.entries):
            raise ValueError("a name is claimed twice")

    def of(self, name: str) -> Claim | None:
        """Return the claim to ``name``, or None."""
        return next((claim for claim in self.entries if claim.name == name), None)


def _check_key(key: PublisherKey) -> None:
    check_base64(key.public, _KEY_BYTES)
    if keyid_of(key.public) != key.keyid:
        raise ValueError("a key is not the one that its keyid names")
    if bool(key.signed_by) != bool(key.signature):
        raise ValueError("signed_by and signature belong together")
    if key.signature:
        check_base64(key.signature, _SIGNATURE_BYTES)


def keyid_of(public: str) -> str:
    """Return how a publisher's key (base64) is called: the sha256 of its 32 bytes, in hexadecimal."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()


def is_name(text: str) -> bool:
    """Tell whether a plugin can be called so."""
    return re.fullmatch(NAME, text, re.ASCII) is not None


def decode_index(data: bytes, name: str) -> PluginIndex:
    """Return the index of plugin ``name``.

    Raises:
        VerificationError: It is not one, or another plugin's.
    """
    index = decode(data, PluginIndex, what=f"the index of {shown(name)}", most=LIMITS.index_bytes)
    if index.name != name:
        raise VerificationError(
            f"what the registry publishes as the index of {shown(name)} is that of '{index.name}'", OPERATOR
        )
    return index


def decode_revocations(data: bytes) -> Revocations:
    """Return the revocations.

    Raises:
        VerificationError: They cannot be read.
    """
    return decode(data, Revocations, what="the list of revocations", most=LIMITS.revocations_bytes)


def decode_claims(data: bytes) -> Claims:
    """Return a bucket of claims.

    Raises:
        VerificationError: It cannot be read.
    """
    return decode(data, Claims, what="the list of claims", most=LIMITS.claims_bytes)
