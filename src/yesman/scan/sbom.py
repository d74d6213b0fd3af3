"""What a plugin consists of, as CycloneDX 1.6 (ECMA-424) says it: for whoever keeps books of components.

What always holds: equal content gives equal bytes (no clock, no random serial number); only what is
locked is named as a component, because only that is known.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any, Final

import yesman
from yesman.package.lock import packages_of

if TYPE_CHECKING:
    from yesman.model.manifest import Manifest

SPEC: Final = "1.6"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://pypi.org/project/yesman/sbom")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def sbom(manifest: Manifest, lock: str, content: str) -> bytes:
    """Return the document of a plugin.

    Args:
        manifest: Of it.
        lock: Its requirements.lock, or "".
        content: The digest of its content, ``sha256:…``.

    Raises:
        VerificationError: The lock is none.
    """
    packages = [_component(package, hashes) for package, hashes in _locked(lock)]
    root = f"plugin:{manifest.name}@{manifest.version}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": _plugin(manifest, root, content), "tools": _tools()},
        "components": packages,
        "dependencies": [
            {"ref": root, "dependsOn": sorted(package["bom-ref"] for package in packages)},
            *({"ref": package["bom-ref"]} for package in packages),
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True).encode() + b"\n"


def _tools() -> dict[str, Any]:
    return {"components": [{"type": "application", "name": "yesman", "version": yesman.__version__}]}


def _plugin(manifest: Manifest, root: str, content: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "type": "application",
        "bom-ref": root,
        "name": manifest.name,
        "version": manifest.version,
        "properties": [{"name": "yesman:content", "value": content}],
    }
    if manifest.description:
        about["description"] = manifest.description
    if manifest.author:
        about["authors"] = [{"name": manifest.author}]
    if manifest.license:
        about["licenses"] = [{"license": {"name": manifest.license}}]
    return about


def _locked(lock: str) -> list[tuple[str, list[str]]]:
    """Return each locked package once, with the hashes of its files."""
    lines = [line for line in re.sub(r"\\\n", " ", lock).split("\n") if line.strip()]
    found: dict[str, set[str]] = {}
    for package, line in zip(packages_of(lock), lines, strict=True):
        found.setdefault(package, set()).update(_HASH.findall(line))
    return [(package, sorted(hashes)) for package, hashes in sorted(found.items())]


def _component(package: str, hashes: list[str]) -> dict[str, Any]:
    name, _, version = package.partition("==")
    purl = f"pkg:pypi/{name}@{version.replace('+', '%2B')}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
    }
