"""A registry's database with 100 000 plugins: names and texts as people write them, used as unevenly.

What always holds: the same seed gives the same rows. Texts have few words that are everywhere and
many that are rare (Zipf); names are two or three of them; a tenth of the plugins has nearly all downloads.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import text

from yesman.marketplace.publishers import publisher_id
from yesman.marketplace.schema import plugins, releases
from yesman.marketplace.words import indexed
from yesman.model.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.marketplace.database import Database

PLUGINS: Final = 100_000
SEED: Final = 20_260
WORDS: Final = 6_000
_BATCH: Final = 2_000
_STEMS = (
    "git",
    "con",
    "pro",
    "test",
    "data",
    "run",
    "log",
    "doc",
    "sess",
    "note",
    "time",
    "code",
    "net",
    "file",
)
_ENDS = ("er", "ing", "tion", "let", "kit", "box", "ly", "base", "flow", "link", "watch", "view", "sync", "")
_MIDDLES = (
    "a",
    "e",
    "i",
    "o",
    "u",
    "ar",
    "en",
    "il",
    "or",
    "um",
    "ist",
    "ant",
    "eck",
    "ound",
    "ish",
    "abl",
    "",
)


def vocabulary() -> list[str]:
    """Return words, the most frequent first; many begin alike, as English ones do."""
    chance = random.Random(SEED)  # noqa: S311 - reproducible is the point
    made = ["".join(parts) for parts in itertools.product(_STEMS, _MIDDLES, _MIDDLES, _ENDS)]
    words = list(dict.fromkeys(word for word in made if len(word) > 3))
    chance.shuffle(words)
    return words[:WORDS]


def fill(database: Database, count: int = PLUGINS) -> None:
    """Write ``count`` plugins with one release each, as if they had been published."""
    chance, words = random.Random(SEED), vocabulary()  # noqa: S311 - as above
    weights = [1 / (rank + 10) for rank in range(len(words))]
    totals = list(itertools.accumulate(weights))
    with database.writing() as connection:
        owners = [publisher_id(connection, f"publisher-{number}") for number in range(200)]
    rows = _rows(chance, words, totals, owners, count)
    while batch := list(itertools.islice(rows, _BATCH)):
        with database.writing() as connection:
            connection.execute(plugins.insert(), [plugin for plugin, _ in batch])
            connection.execute(releases.insert(), [release for _, release in batch])
    with database.writing() as connection:
        if database.is_sqlite:
            connection.execute(text("INSERT INTO plugins_search(plugins_search) VALUES ('optimize')"))
        else:  # the rows have brought their ids along
            connection.execute(text("SELECT setval('plugins_id_seq', (SELECT max(id) FROM plugins))"))
        connection.execute(text("ANALYZE"))


def _rows(
    chance: random.Random, words: list[str], totals: list[float], owners: list[int], count: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for number in range(1, count + 1):
        picked = chance.choices(words, cum_weights=totals, k=14)
        name = f"{picked[0]}-{picked[1]}-{number}"
        about = " ".join(picked[2:])
        manifest = Manifest(name=name, version="1.0.0", description=about)
        updated = f"2026-{chance.randint(1, 11):02}-{chance.randint(1, 28):02}T12:00:00Z"
        plugin = {
            "id": number, "name": name, "publisher_id": chance.choice(owners), "state": "active",
            "category": "integration", "type": "integration", "description": about, "latest": "1.0.0",
            "words": indexed(name, about), "created": updated, "updated": updated,
            "wanted": 1, "published": 1,
            "downloads": int(chance.paretovariate(0.7)) % 1_000_000,
        }  # fmt: skip
        digest = f"{number:064x}"
        release = {
            "plugin_id": number, "version": "1.0.0", "canonical": "1", "length": 30_000, "sha256": digest,
            "content": f"sha256:{digest}", "envelope": digest, "signer": digest, "scan": "passed",
            "manifest": msgspec.json.encode(manifest).decode(), "published": updated, "revision": 1,
        }  # fmt: skip
        yield plugin, release
