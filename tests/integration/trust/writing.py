"""A program that publishes into a folder until it is killed, and says what was published."""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path

from registered.making import index

from yesman.trust.drafting import CollisionError
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository
from yesman.trust.storage import FolderStorage


def main(folder: Path, name: str) -> None:
    """Publish ``NAME-0``, ``NAME-1``, … ; one line for each that is published."""
    root = (folder / "root.json").read_bytes()
    storage, keys = FolderStorage(folder / "files"), KeyFolder(folder / "online")
    repository = Repository(storage, keys, root, lambda: datetime.now(UTC))
    for number in itertools.count():
        while True:
            try:
                repository.publish(index(f"{name}-{number}"))
                break
            except CollisionError:
                continue
        print(f"{name}-{number}", flush=True)  # noqa: T201 - how the test hears of it


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
