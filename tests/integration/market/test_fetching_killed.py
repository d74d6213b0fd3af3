"""What fetches is killed between any two of its lines: nothing wrong is taken, nothing piles up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hosted.killed import killed_after, lines_of

from yesman.market.program import answered
from yesman.market.questions import Fetch

MOMENTS = 24


@pytest.fixture
def ask(shop, author, make, tmp_path):
    """Fetch what there is into a folder of that name."""
    shop.publish(make(), author)

    def fetch(name):
        places = {
            "metadata": str(tmp_path / name / "metadata"),
            "packages": str(tmp_path / name / "packages"),
        }
        question = Fetch(url=str(shop.files), root=str(shop.root), name="demo", **places)
        return lambda: answered(question)

    return fetch


def test_killed_anywhere_it_leaves_whole_packages_or_none(ask, tmp_path):
    ask("warm")()  # what is imported on the way is no line of it
    count = lines_of(ask("counted"))
    names = sorted(path.name for path in (tmp_path / "counted").rglob("*"))
    killed = 0
    for moment in range(0, count, count // MOMENTS):
        killed += not killed_after(moment, ask("tried"))
        for package in (tmp_path / "tried/packages").glob("*.yplug"):
            assert hashlib.sha256(package.read_bytes()).hexdigest() == package.stem
            package.unlink()  # so that the next one gets as far as this
    assert killed > MOMENTS // 2, "what was written before makes it shorter, but not so much"
    assert ask("tried")()["release"]["version"] == "1.0.0"
    assert sorted(path.name for path in (tmp_path / "tried").rglob("*")) == names


def test_a_package_that_was_damaged_since_is_fetched_again(ask, tmp_path):
    path = Path(ask("here")()["path"])
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole[:-1] + b"x"):
        path.write_bytes(damaged)
        assert ask("here")()["path"] == str(path)
        assert path.read_bytes() == whole
