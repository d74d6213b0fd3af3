"""What an author signs of a package: an in-toto Statement v1 with a predicate of ours.

What always holds of :class:`Facts` from :func:`read`: types, lengths and the one canonical spelling were
checked, and the statement's subject is named as its predicate says. Who signed it is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from yesman.model.errors import VerificationError
from yesman.model.manifest_schema import NAME
from yesman.trust.canonical import Hex256, decode, encode
from yesman.trust.dsse import MOST_BYTES

if TYPE_CHECKING:
    from yesman.package.unpacking import Package

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:yesman:release:v1"
WHAT: Final = "The signed statement"

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies a release, as read from a package or as signed.

    Attributes:
        name: Of the plugin.
        version: As the manifest writes it.
        sha256: Of the bytes of the ``.yplug``, hexadecimal.
        content: Digest of what is installed, ``sha256:…`` (``host.registry.Record.digest``).
        manifest: SHA-256 of the bytes of ``plugin.yaml``, hexadecimal.
        permissions: All that the manifest asks for, as text, in its order.
    """

    name: str
    version: str
    sha256: str
    content: str
    manifest: str
    permissions: tuple[str, ...]

    @classmethod
    def of(cls, package: Package) -> Facts:
        """Return what was read from a package."""
        manifest = package.manifest
        return cls(
            name=manifest.name,
            version=manifest.version,
            sha256=package.sha256,
            content=package.digest,
            manifest=package.manifest_sha256,
            permissions=tuple(map(str, manifest.permissions)),
        )

    @property
    def subject(self) -> str:
        """The name of the package's file."""
        return f"{self.name}-{self.version}.yplug"


class _Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: Hex256


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Line
    digest: _Digest


class _Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern=rf"\A(?:{NAME})\Z", max_length=128)]
    version: Line
    content: Annotated[str, msgspec.Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
    manifest: Hex256
    permissions: tuple[Line, ...]


class _Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"type": "_type"}):
    type: Literal["https://in-toto.io/Statement/v1"]
    subject: Annotated[tuple[_Subject, ...], msgspec.Meta(min_length=1, max_length=1)]
    predicate_type: Literal["urn:yesman:release:v1"] = msgspec.field(name="predicateType")
    predicate: _Release


def written(facts: Facts) -> bytes:
    """Return the statement that says ``facts``."""
    release = _Release(facts.name, facts.version, facts.content, facts.manifest, facts.permissions)
    subject = _Subject(facts.subject, _Digest(facts.sha256))
    return encode(_Statement(STATEMENT, (subject,), PREDICATE, release))


def read(payload: bytes) -> Facts:
    """Return what the statement ``payload`` says.

    Raises:
        VerificationError: It is no statement of this kind, or its subject is not what it is about.
    """
    statement = decode(payload, _Statement, most=MOST_BYTES, what=WHAT)
    subject, release = statement.subject[0], statement.predicate
    facts = Facts(
        name=release.name,
        version=release.version,
        sha256=subject.digest.sha256,
        content=release.content,
        manifest=release.manifest,
        permissions=release.permissions,
    )
    if subject.name != facts.subject:
        raise VerificationError(f"{WHAT} is about another file than its own package", "Do not use it")
    return facts
