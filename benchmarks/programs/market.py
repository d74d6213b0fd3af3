"""A marketplace's server as ``yesman market serve`` runs it, without rate limits."""

from __future__ import annotations

import sys
from pathlib import Path

from yesman.marketplace.limits import Limits
from yesman.marketplace.place import MarketFolder
from yesman.marketplace.running import run
from yesman.marketplace.scanning import PackageScanner

MANY = 10**9

if __name__ == "__main__":
    market = MarketFolder(Path(sys.argv[1]))
    limits = Limits(reads=MANY, reads_burst=MANY, writes=MANY, writes_burst=MANY)
    scanner = PackageScanner(market.path / "scans", market.path / "advisories.db")
    run(
        market, market.read(), "127.0.0.1", 0, scanner=scanner, limits=limits,
        ready=lambda base: print(base, flush=True),
    )  # fmt: skip
