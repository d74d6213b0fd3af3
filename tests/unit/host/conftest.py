"""Records and manifests as the host keeps them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from yesman.host.registry import Record
from yesman.model.manifest import Manifest, as_data, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable


def _manifest(**more: Any) -> Manifest:
    data = {"name": "demo", "version": "1.0.0", "type": "integration", "description": "x"} | more
    return parse_manifest(json.dumps(data).encode())


@pytest.fixture
def manifest() -> Callable[..., Manifest]:
    return _manifest


@pytest.fixture
def record() -> Callable[..., Record]:
    def make(**more: Any) -> Record:
        fields = {"version": "1.0.0", "installed_at": "2025-01-01T00:00:00+00:00", "digest": "sha256:0"}
        return Record(**({"manifest": as_data(_manifest()), "source": "/src", **fields} | more))

    return make


@pytest.fixture
def command() -> Callable[..., dict[str, Any]]:
    def make(name: str, description: str = "does it") -> dict[str, Any]:
        return {"name": name, "description": description, "options": []}

    return make
