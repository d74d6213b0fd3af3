"""The marketplace's server: search among 100 000 plugins, publishing and downloads, over HTTP on loopback."""

from __future__ import annotations

import base64
import hashlib
import http.client
import importlib
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import text

from benchmarks.folders import write_large_plugin
from benchmarks.lab import PYTHON
from benchmarks.market_data import PLUGINS, SEED, fill, vocabulary
from benchmarks.market_load import get, measured
from benchmarks.rows import Measured, Row, Unit
from benchmarks.stats import Samples
from yesman.marketplace.database import Database
from yesman.marketplace.place import MarketFolder, Settings
from yesman.marketplace.publishers import add_key, publisher_id
from yesman.marketplace.setting_up import set_up
from yesman.marketplace.tokens import issue
from yesman.package.packing import pack
from yesman.package.unpacking import read_package
from yesman.trust.author_keys import first
from yesman.trust.ed25519 import SigningKey
from yesman.trust.founding import Shape
from yesman.trust.signed import sign
from yesman.trust.statement import Facts

if TYPE_CHECKING:
    from benchmarks.lab import Lab

PROGRAM: Final = Path(__file__).with_name("programs") / "market.py"
SERVICES: Final = Path(__file__).resolve().parents[1] / "tests" / "packages"
DOWNLOADED: Final = 5_000_000


class Running(NamedTuple):
    """A marketplace that is served."""

    url: str
    folder: MarketFolder
    settings: Settings
    process: subprocess.Popen[str]

    def memory(self) -> float:
        """Return the server's resident memory in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _served(lab: Lab, kind: str) -> Running:
    settings = Settings()
    if kind == "postgresql":
        sys.path.insert(0, str(SERVICES))
        services: Any = importlib.import_module("marketed.services")
        settings = Settings(
            database=services.new_database(lab_enter(lab, services.postgresql())),
            storage=services.new_storage(lab_enter(lab, services.s3())),
        )
    folder = MarketFolder(lab.folder(f"market-{kind}"))
    set_up(folder, settings, Shape())
    database = Database(folder.database_url(settings))
    fill(database, PLUGINS if not lab.quick else PLUGINS // 10)
    database.close()
    process = subprocess.Popen(
        [PYTHON, str(PROGRAM), str(folder.path)], stdout=subprocess.PIPE, text=True, env=lab.environment()
    )
    lab.finally_do(partial(_end, process))
    assert process.stdout is not None  # noqa: S101 - it was asked for
    return Running(process.stdout.readline().strip(), folder, settings, process)


def lab_enter(lab: Lab, context: Any) -> Any:
    """Enter ``context`` until the lab is left."""
    value = context.__enter__()
    lab.finally_do(lambda: context.__exit__(None, None, None))
    return value


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def _market(lab: Lab, kind: str) -> Running:
    return lab.once(f"home of a marketplace on {kind}", partial(_served, kind=kind))


def usual(lab: Lab, kind: str) -> Measured:
    """Measure searches for one to three words as people use them: some frequent, some rare."""
    running, chance, words = _market(lab, kind), random.Random(SEED + 1), vocabulary()  # noqa: S311 - reproducible is the point
    weights = [1 / (rank + 10) for rank in range(len(words))]
    asked = [
        chance.choices(words, weights, k=chance.choice((1, 1, 2, 3))) for _ in range(lab.times(4000, 800))
    ]
    return _search(running, ["+".join(query) for query in asked])


def worst(lab: Lab, kind: str) -> Measured:
    """Measure searches for the first three letters of words, which up to two thirds of all plugins match."""
    running, chance = _market(lab, kind), random.Random(SEED + 2)  # noqa: S311 - as above
    starts = [word[:3] for word in vocabulary()]
    return _search(running, [chance.choice(starts) for _ in range(lab.times(2000, 400))])


def _search(running: Running, queries: list[str]) -> Measured:
    path = "/api/plugins?sort=popularity&q="
    measured(running.url, [get(path + query) for query in queries[:64]])
    took = measured(running.url, [get(path + query) for query in queries])
    return Measured(Samples.of(took), note=f"16 connections; the server uses {running.memory():.0f} MB")


def publish(lab: Lab, kind: str) -> Measured:
    """Measure publishing a plugin of 300 kB, one after the other, beside 100 000 others."""
    running, key = _market(lab, kind), SigningKey.generate()
    database = Database(running.folder.database_url(running.settings))
    with database.writing() as connection:
        token = issue(connection, "bench", ("publish",), days=1)
        identity = publisher_id(connection, "bench")
        add_key(connection, identity, "bench", first(key, "2026-01-01T00:00:00Z"))
    database.close()
    folder = lab.folder(f"packages-{kind}")
    waiting = [_publication(folder, f"bench-{n}", token, key) for n in range(lab.times(60, 15))]
    return Measured(
        Samples.of(measured(running.url, waiting, 1)), note="scanned, signed, on disk and in the index"
    )


def _publication(folder: Path, name: str, token: str, key: SigningKey) -> bytes:
    root, file = folder / name, folder / f"{name}.yplug"
    write_large_plugin(root, name)
    pack(root, file)
    envelope = base64.b64encode(sign(Facts.of(read_package(file)), key)).decode()
    body = file.read_bytes()
    head = (
        f"PUT /api/plugins/{name}/versions/1.0.0 HTTP/1.1\r\nHost: market\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Yesman-Envelope: {envelope}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def download(lab: Lab) -> Measured:
    """Measure how long a megabyte takes in a download of 5 MB that the server has checked before."""
    running = _market(lab, "sqlite")
    path = _stored(running)
    measured(running.url, [get(path)], 1)
    took = measured_bytes(running.url, path, lab.times(100, 30))
    return Measured(Samples.of(seconds / (DOWNLOADED / 1e6) for seconds in took), note="2 ms are 500 MB/s")


def measured_bytes(url: str, path: str, times: int) -> list[float]:
    """Return how long each download took; by curl's means: one buffer, over and over."""
    place, buffer, took = urlsplit(url), bytearray(1 << 20), []
    connection = http.client.HTTPConnection(str(place.hostname), place.port)
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        while answer.readinto(buffer):
            pass
        took.append(time.perf_counter() - began)
    connection.close()
    return took


def _stored(running: Running) -> str:
    """Put a package of the right size where the first plugin's would be; return its path."""
    content = os.urandom(DOWNLOADED)
    sha256 = hashlib.sha256(content).hexdigest()
    path = running.folder.path / "public" / "packages" / f"{sha256}.yplug"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    database = Database(running.folder.database_url(running.settings))
    with database.writing() as connection:
        connection.execute(text("DROP TRIGGER releases_sealed"))
        row = {"sha256": sha256, "length": len(content)}
        connection.execute(text("UPDATE releases SET sha256 = :sha256, length = :length WHERE id = 1"), row)
    database.close()
    return f"/packages/{sha256}.yplug"


ISSUE = "issue 6: 100 000 plugins, over HTTP at 16 connections"
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _rows(kind: str, called: str) -> tuple[Row, ...]:
    search = f"plan: search response; {ISSUE}"
    return (
        Row(
            f"market.search-{kind}",
            f"search, usual words, {called}",
            Unit.MILLISECONDS,
            search,
            partial(usual, kind=kind),
            plan=500,
            budget={99: 50},
            tail=True,
        ),
        Row(
            f"market.worst-{kind}",
            f"… any three letters, {called}",
            Unit.MILLISECONDS,
            search,
            partial(worst, kind=kind),
            plan=500,
            budget={99: 200},
            tail=True,
        ),
        Row(
            f"market.publish-{kind}",
            f"publish 300 kB, {called}",
            Unit.MILLISECONDS,
            "issue 6",
            partial(publish, kind=kind),
            budget={95: 1000},
        ),
    )


ROWS = (
    *_rows("sqlite", KINDS["sqlite"]),
    Row(
        "market.download",
        "download, for each MB",
        Unit.MILLISECONDS,
        "plan: more than 1 MB/s; issue 6: at least 500 MB/s",
        download,
        plan=1000,
        budget={50: 2.0},
    ),
    *_rows("postgresql", KINDS["postgresql"]),
)
