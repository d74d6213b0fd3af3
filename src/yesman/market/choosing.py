"""Which release of a plugin is meant. Decides, never acts.

What always holds of a release that was chosen: this version of yesman can run it, and it is not revoked for
good; it is yanked only if the user named it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from yesman.model.errors import NotFoundError, UsageError, VerificationError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.trust.index import PluginIndex, Release, Revocation, Revocations


def runs_here(release: Release, running: str) -> bool:
    """Tell whether version ``running`` of yesman may run ``release``; both bounds are inclusive."""
    own = Version(running)
    if release.min_version and own < Version(release.min_version):
        return False
    return not release.max_version or own <= Version(release.max_version)


def revoked(revocations: Revocations, name: str, release: Release, severity: str) -> Revocation | None:
    """Return the revocation of ``severity`` that covers ``release``, or None."""
    return revocations.of(severity, name, release.version, sha256=release.sha256, keyid=release.signer)


def choose(index: PluginIndex, version: str, revocations: Revocations, running: str) -> Release:
    """Return the release of that ``version``, or the newest that may be installed.

    Args:
        index: What is published.
        version: As the user named it; "" for the newest.
        revocations: What is revoked.
        running: The version of yesman.

    Raises:
        NotFoundError: There is no such version, or none that may be installed.
        VerificationError: It is revoked.
        UsageError: It does not work with this version of yesman.
    """
    if version:
        release = _named(index, version)
        if (entry := revoked(revocations, index.name, release, "hard")) is not None:
            raise VerificationError(
                f"{index.name} {release.version} was revoked: {shown(entry.reason, 200)}", "Do not install it"
            )
        if not runs_here(release, running):
            raise UsageError(
                f"{index.name} {release.version} does not work with yesman {running}", _wants(release)
            )
        return release
    fit = [r for r in index.releases if runs_here(r, running) and _offered(index.name, r, revocations)]
    if not fit:
        raise NotFoundError(
            f"the registry has no release of {index.name} that can be installed here",
            "See 'yesman plugin info' for what there is",
        )
    final = [release for release in fit if not Version(release.version).is_prerelease]
    return newest(final or fit)


def newest(releases: Iterable[Release]) -> Release:
    """Return the one with the highest version."""
    return max(releases, key=lambda release: Version(release.version))


def _offered(name: str, release: Release, revocations: Revocations) -> bool:
    return not release.yanked and revoked(revocations, name, release, "hard") is None


def _named(index: PluginIndex, version: str) -> Release:
    for release in index.releases:
        if release.version == version:
            return release
    known = ", ".join(release.version for release in index.releases[-10:]) or "none"
    raise NotFoundError(f"the registry has no {index.name} {shown(version, 60)}", f"It has: {known}")


def _wants(release: Release) -> str:
    least, most = release.min_version or "any", release.max_version or "any"
    return f"It needs version {least} to {most}"
