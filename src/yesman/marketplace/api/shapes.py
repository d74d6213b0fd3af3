"""What goes over HTTP: the plan's fields (section 6), and some more. Made from rows; nothing here decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from yesman.marketplace.limits import LIMITS
from yesman.marketplace.orders import Action, Severity  # noqa: TC001 - msgspec reads the annotations
from yesman.marketplace.storage import envelope_path, package_path
from yesman.model.manifest import Manifest
from yesman.model.reports import Kind  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterable

Written = Annotated[str, Meta(max_length=LIMITS.text)]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One release.

    Attributes:
        version: As in its manifest.
        download_url: Of the package.
        sha256: Of the package, hexadecimal.
        length: Of the package, bytes.
        published_at: UTC.
    """

    version: str
    download_url: str
    sha256: str
    length: int
    published_at: str


class Release(Version, frozen=True, kw_only=True):
    """One release, with what its manifest says of it.

    Attributes:
        content: Digest of what is installed.
        signature_url: Of the author's signature.
        signer: The id of the author's key.
        permissions: What it asks for.
        dependencies: What it requires.
        min_version: Oldest yesman it works with, or "".
        max_version: Newest, likewise.
        yanked: Why nobody should install it, or "".
        scan: How the scan ended.
    """

    content: str
    signature_url: str
    signer: str
    permissions: tuple[str, ...]
    dependencies: tuple[str, ...]
    min_version: str
    max_version: str
    yanked: str
    scan: str


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin in a list; ``id`` and ``name`` are the same."""

    id: str
    name: str
    description: str
    author: str
    publisher: str
    category: str
    type: str
    downloads: int
    rating: float
    reviews: int
    updated_at: str
    latest_version: Version | None


class PluginDetails(Plugin, frozen=True, kw_only=True):
    """One plugin with all its releases, the newest first; all yanked: there is no latest one."""

    homepage: str
    license: str
    created_at: str
    versions: list[Release]


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of a plugin."""

    publisher: str
    stars: int
    text: str
    version: str
    updated_at: str


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the catalogue, with how many plugins are there."""

    name: str
    title: str
    plugins: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a package: ``published``, or ``quarantined`` with the reason."""

    name: str
    version: str
    sha256: str
    state: Literal["published", "quarantined"]
    reason: str = ""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a release is yanked."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class NewReview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A review as it is sent."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    text: Written = ""


class NewReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report as it is sent."""

    kind: Kind
    text: Written
    version: Annotated[str, Meta(max_length=200)] = ""


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a decision is wrong, as the author says; ``version``: of a release, or "" for the plugin."""

    text: Annotated[str, Meta(min_length=1, max_length=LIMITS.text)]
    version: Annotated[str, Meta(max_length=200)] = ""


class NewDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A moderator's decision.

    Attributes:
        action: What; ``restore``, ``reject``, ``revoke`` and ``unrevoke`` mean the plugin as a whole
            unless there is a version, ``yank`` and ``unyank`` must have one.
        reason: Why.
        version: Of the release that is meant, or "".
        severity: Of a revocation: ``hard`` stops what runs, ``soft`` warns.
        good_faith: Of ``restore`` and ``dismiss``: reporters lose no weight.
    """

    action: Action
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    version: Annotated[str, Meta(max_length=200)] = ""
    severity: Severity = "hard"
    good_faith: bool = False


class KeyRevocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an author's key is revoked; ``soft`` only warns of what it has signed."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    severity: Severity = "hard"


class Taken(msgspec.Struct, frozen=True):
    """Something was written down."""

    state: Literal["created", "replaced", "unchanged"]


def plugin_of(row: Any, base: str) -> Plugin:
    """Return a plugin of a list."""
    latest = Version(
        version=row.latest, download_url=f"{base}/{package_path(row.sha256)}", sha256=row.sha256,
        length=row.length, published_at=row.published,
    )  # fmt: skip
    return Plugin(**_about(row), publisher=row.publisher, latest_version=latest)


def details_of(row: Any, publisher: str, releases: Iterable[Any], newest: Any, base: str) -> PluginDetails:
    """Return a plugin with its releases."""
    versions = [release_of(release, base) for release in releases]
    latest = next((release for release in versions if newest and release.version == newest.version), None)
    return PluginDetails(
        **_about(row), publisher=publisher, latest_version=latest, homepage=row.homepage,
        license=row.license, created_at=row.created, versions=versions,
    )  # fmt: skip


def release_of(row: Any, base: str) -> Release:
    """Return a release."""
    manifest = msgspec.json.decode(row.manifest, type=Manifest)
    return Release(
        version=row.version, download_url=f"{base}/{package_path(row.sha256)}", sha256=row.sha256,
        length=row.length, published_at=row.published, content=row.content,
        signature_url=f"{base}/{envelope_path(row.envelope)}", signer=row.signer,
        permissions=tuple(map(str, manifest.permissions)), dependencies=manifest.dependencies,
        min_version=manifest.min_version or "", max_version=manifest.max_version or "",
        yanked=row.yanked, scan=row.scan,
    )  # fmt: skip


def _about(row: Any) -> dict[str, Any]:
    same = ("name", "description", "author", "category", "type", "downloads", "rating", "reviews")
    return {"id": row.name, "updated_at": row.updated, **{key: getattr(row, key) for key in same}}
