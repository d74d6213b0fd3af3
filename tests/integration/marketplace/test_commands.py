"""``yesman market``: one command makes a marketplace, one serves it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import stat
import subprocess
import sys

import pytest
from marketed.authors import packed

MASKED = (
    "import importlib.util as u, sys; real = u.find_spec; "
    "u.find_spec = lambda name, *more: None if name in ('granian', 'litestar') else real(name, *more); "
    "from yesman.cli.main import run; sys.exit(run(sys.argv[1:]))"
)


def yesman(*arguments: str, program=("-m", "yesman")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "market"
    done = yesman("market", "init", str(folder), "--small", "--root-keys", "1", "--threshold", "1", "--json")
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_init_keeps_keys_for_its_owner_and_tells_the_fingerprint(made):
    folder, told = made
    assert re.fullmatch(r"([0-9a-f]{4} ){15}[0-9a-f]{4}", told["fingerprint"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    keys = list(folder.glob("keys/*/*.pem"))
    assert len(keys) >= 5
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_a_second_init_changes_nothing(made):
    folder, _ = made
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = yesman("market", "init", str(folder))
    assert (done.returncode, "There is a marketplace in" in done.stderr) == (2, True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_serve_answers_scans_and_ends_cleanly(made, tmp_path):
    folder, _ = made
    package = packed(tmp_path, "x", "1.0")
    token = json.loads(yesman("market", "token", str(folder), "acme", "--scope", "publish", "--json").stdout)[
        "token"
    ]
    argv = [sys.executable, "-m", "yesman", "market", "serve", str(folder), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
        try:
            place = re.search(r"http://(\S+?)\.\s", server.stderr.readline())[1]
            line = http.client.HTTPConnection(place, timeout=30)
            line.request("GET", "/api/plugins")
            assert json.load(line.getresponse()) == []
            headers = {"Authorization": f"Bearer {token}", "Yesman-Envelope": "eA=="}
            line.request("PUT", "/api/plugins/x/versions/1.0", package.read_bytes(), headers)
            refused = json.load(line.getresponse())
            assert (refused["status"], refused["kind"]) == (422, "verification")
            line.close()
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0


def test_without_the_extra_one_sentence_says_how_to_get_it(tmp_path):
    for words in (
        ("init", str(tmp_path / "m")),
        ("serve", str(tmp_path)),
        ("token", str(tmp_path), "x", "--scope", "yank"),
    ):
        done = yesman("market", *words, program=("-c", MASKED))
        assert done.returncode == 1
        assert "not installed here: granian, litestar" in done.stderr
        assert "'yesman[marketplace]'" in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("listen", ["", "8480", "localhost", "x:99999", "x:-1", "x:٣"])
def test_an_address_that_is_none_is_refused(made, listen):
    done = yesman("market", "serve", str(made[0]), "--listen", listen)
    assert (done.returncode, "is not HOST:PORT" in done.stderr) == (2, True), done.stderr
