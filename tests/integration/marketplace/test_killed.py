"""The server is killed while it publishes; several servers publish at the same time."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from marketed.checking import check_whole, client_of
from marketed.market import Market

from yesman.marketplace.schema import plugins

LANES = 3
ROUNDS = 3
PUBLISHES = int(os.environ.get("MARKET_PUBLISHES", "24"))


def made(market, author, folder, count, stem):
    return [author.make(folder / str(n % LANES), f"{stem}-{n}", "1.0.0") for n in range(count)]


def test_a_killed_server_has_lost_nothing_and_shows_nothing_half(own, tmp_path):
    own.start()
    author = own.author("killed")
    acknowledged, tried = [], []
    for round_ in range(ROUNDS):
        waiting = made(own, author, tmp_path / str(round_), 30, f"r{round_}")
        tried += waiting
        enough = threading.Event()
        last = len(acknowledged) + random.randint(3, 20)  # noqa: S311 - any will do

        def kill(enough=enough):
            enough.wait(60)
            time.sleep(random.uniform(0, 0.02))  # noqa: S311 - the moment itself
            own.process.send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)

        def publish(signed, enough=enough, last=last):
            with suppress(OSError, http.client.HTTPException):  # the server is gone
                if own.publish(author, signed).status in (200, 201):
                    acknowledged.append(signed)
                    if len(acknowledged) >= last:
                        enough.set()

        killer.start()
        with ThreadPoolExecutor(LANES) as lanes:
            list(lanes.map(publish, waiting))
        killer.join()
        own.stop(signal.SIGKILL)
        own.start()
        check_whole(own, tmp_path / f"trust{round_}", acknowledged, tried)
    assert acknowledged
    assert len(acknowledged) < len(tried), "no server was killed in time to show anything"


def test_what_was_tried_before_a_kill_can_be_tried_again(own, tmp_path):
    own.start(KILLED_IN_SCAN="1")
    author = own.author("again")
    signed = author.make(tmp_path, "second-chance")
    with suppress(OSError, http.client.HTTPException):
        own.publish(author, signed)
    own.stop(signal.SIGKILL)
    own.start()
    assert own.get("/api/plugins/second-chance").status == 404
    assert own.publish(author, signed).status == 201
    assert list(own.folder.spool.iterdir()) == []


def test_what_was_written_down_and_not_signed_is_signed_at_the_next_start(own, tmp_path):
    own.start()
    author = own.author("behind")
    signed = author.make(tmp_path, "left-behind")
    assert own.publish(author, signed).status == 201
    own.stop()
    with own.database.writing() as connection:  # as if it had died between the two
        connection.execute(plugins.update().values(published=0, latest=""))
    own.start()
    assert own.get("/api/plugins/left-behind").json["latest_version"]["sha256"] == signed.sha256


def persistent(market, author, signed):
    """Publish as a client does whose connection may break: the same again is the same as once."""
    for _ in range(3):
        with suppress(OSError, http.client.HTTPException):
            return market.publish(author, signed)
    return market.publish(author, signed)


def test_two_servers_publish_at_the_same_time(own, tmp_path):
    own.start()
    author = own.author("both")
    waiting = made(own, author, tmp_path, PUBLISHES, "shared")
    other = object.__new__(Market)
    other.__dict__.update(own.__dict__)
    other.start()
    try:
        with ThreadPoolExecutor(8) as lanes:
            sent = [lanes.submit(persistent, (own, other)[n % 2], author, s) for n, s in enumerate(waiting)]
        assert {future.result().status for future in sent} <= {200, 201}
    finally:
        other.stop()
    check_whole(own, tmp_path / "trust", waiting, waiting)
    assert client_of(own, tmp_path / "cold").index_of("shared-0") is not None


def test_the_same_release_sent_to_two_servers_at_once_is_one(own, tmp_path):
    own.start()
    author = own.author("twins")
    other = object.__new__(Market)
    other.__dict__.update(own.__dict__)
    other.start()
    try:
        for n in range(6):
            one = author.make(tmp_path / f"a{n}", f"twin-{n}")
            two = author.make(tmp_path / f"b{n}", f"twin-{n}", source="print('another')\n")
            with ThreadPoolExecutor(2) as lanes:
                sent = [lanes.submit(m.publish, author, s) for m, s in ((own, one), (other, two))]
            assert sorted(future.result().status for future in sent) == [201, 409]
            assert len(own.get(f"/api/plugins/twin-{n}").json["versions"]) == 1
    finally:
        other.stop()
