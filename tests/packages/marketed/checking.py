"""What must hold of a marketplace whatever happened to it, looked at as users look at it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from yesman.model.errors import NotFoundError
from yesman.trust.client import RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from marketed.authors import Signed
    from marketed.market import Market


def client_of(market: Market, folder: Path) -> RegistryClient:
    """A client that trusts the root it was given and fetches over HTTP."""

    def fetch(path: str, limit: int) -> Iterator[bytes]:
        answer = market.get(f"/{path}")
        if answer.status == 404:
            raise NotFoundError(path)
        assert answer.status == 200, answer.body
        assert len(answer.body) <= limit
        yield answer.body

    return RegistryClient(folder, market.folder.root_file.read_bytes(), fetch)


def check_whole(
    market: Market, folder: Path, acknowledged: Iterable[Signed], tried: Iterable[Signed]
) -> None:
    """All that was acknowledged is there; what is there of the rest is there for everybody, whole."""
    client = client_of(market, folder)
    sure = {signed.sha256 for signed in acknowledged}
    for signed in tried:
        index = client.index_of(signed.name)
        signed_off = {r.sha256 for r in index.releases} if index else set()
        answer = market.get(f"/api/plugins/{signed.name}")
        listed = {v["sha256"]: v for v in answer.json["versions"]} if answer.status == 200 else {}
        assert signed_off == set(listed), signed.name
        assert signed.sha256 in listed or signed.sha256 not in sure, f"{signed.name} is lost"
        for sha256, version in listed.items():
            body = market.get(urlsplit(version["download_url"]).path).body
            assert hashlib.sha256(body).hexdigest() == sha256
            assert market.get(urlsplit(version["signature_url"]).path).status == 200
