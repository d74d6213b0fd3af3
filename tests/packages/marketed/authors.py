"""Authors and their packages: made, packed and signed as authors do it."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.package.packing import pack
from yesman.package.unpacking import read_package
from yesman.trust.author_keys import PublisherKey, first
from yesman.trust.ed25519 import SigningKey
from yesman.trust.signed import sign
from yesman.trust.statement import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SINCE = "2026-01-01T00:00:00Z"
MAIN = "from yesman.plugins import IntegrationPlugin\n\n\nclass Made(IntegrationPlugin):\n    pass\n"


class Signed(NamedTuple):
    """A package and its author's signature, ready to be published."""

    name: str
    version: str
    package: bytes
    envelope: bytes
    sha256: str


@dataclasses.dataclass
class Author:
    """Somebody with a token and a key."""

    name: str
    token: str
    key: SigningKey = dataclasses.field(default_factory=SigningKey.generate)

    @property
    def public(self) -> PublisherKey:
        return first(self.key, SINCE)

    def make(self, folder: Path, name: str, version: str = "1.0.0", **said: Any) -> Signed:
        """Pack and sign a plugin; ``said`` are more keys of its manifest, ``source`` what its code says."""
        return self.sign(packed(folder, name, version, **said))

    def sign(self, file: Path) -> Signed:
        package = read_package(file)
        manifest = package.manifest
        return Signed(
            manifest.name,
            manifest.version,
            file.read_bytes(),
            sign(Facts.of(package), self.key),
            package.sha256,
        )


def packed(
    folder: Path,
    name: str,
    version: str = "1.0.0",
    source: str = MAIN,
    asset: bytes = b"",
    *,
    files: Mapping[str, bytes] | None = None,
    **said: str,
) -> Path:
    """Return the package of a new plugin; ``files`` are more of its files."""
    root = folder / f"{name}-{version}"
    (root / "src").mkdir(parents=True, exist_ok=True)
    (root / "src" / "__init__.py").write_text("", "utf-8")
    (root / "src" / "main.py").write_text(textwrap.dedent(source), "utf-8")
    for path, data in {**({"assets/data.bin": asset} if asset else {}), **(files or {})}.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(data)
    lines = {"name": name, "version": f'"{version}"', "description": f"The {name} plugin", **said}
    (root / "plugin.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()), "utf-8")
    target = folder / f"{name}-{version}.yplug"
    pack(root, target)
    return target
