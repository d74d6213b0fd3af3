"""The server is killed under load, again and again: durable subscribers go on where they were.

Moments are random; a failure prints the seed, and ``YESMAN_TEST_SEED`` repeats it.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections import defaultdict

from storm.bystanders import NAMES
from storm.probing import Asking

SEED = os.environ.get("YESMAN_TEST_SEED") or secrets.token_hex(4)
ROUNDS = 6
TELLERS = 3
APART = 1_000_000
SLOWLY = "time.sleep(0.02)\nself.note(f\"{event.seq} {event.payload['n']} {event.id}\")"


def under_load(server, first, seconds):
    """Tell numbered events on several connections, and kill the server meanwhile; return who told what."""
    tellers = [Asking(server, first + number * APART) for number in range(TELLERS)]
    for teller in tellers:
        teller.start()
    time.sleep(seconds)  # the moment itself
    server.kill()
    for teller in tellers:
        teller.stop()
    return tellers


def written(server, plugin):
    """Return what a subscriber wrote down: sequence number, number and id of each event."""
    notes = server.data(plugin) / "notes"
    return [tuple(line.split()) for line in notes.read_text().splitlines()] if notes.exists() else []


def test_durable_subscribers_go_on_where_they_were(apart):
    server, chance = apart.server, random.Random(SEED)  # noqa: S311 - moments, not secrets
    hooks = [{"name": "plugin.answers.tick", "durable": True}]
    folder = apart.plugins.make("slow", hooks={"plugin.answers.tick": SLOWLY}, provides=[{"hooks": hooks}])
    server.install(folder)
    told, maybe = set(), set()
    for number in range(1, ROUNDS + 1):
        moment = chance.uniform(0.2, 1.0)
        print(f"YESMAN_TEST_SEED={SEED}: killed after {moment:.3f} s")  # noqa: T201 - shown with a failure
        for teller in under_load(server, number * 10_000, moment):
            told |= set(teller.told)
            maybe |= set(teller.maybe)
        assert server.start() is None
    assert len(told) > 10 * ROUNDS
    apart.until(lambda: told <= {number for _, number, _ in written(server, "slow")}, "all are there")
    ids, order = defaultdict(set), []
    for seq, number, ident in written(server, "slow"):
        order += [int(seq)] if number not in ids else []
        ids[number].add(ident)
    assert {number for number, found in ids.items() if len(found) > 1} == set(), "told under two ids"
    assert ids.keys() <= told | maybe, "nobody told that"
    assert order == sorted(order), "told in another order"


def test_everybody_answers_again_after_it_was_killed(apart):
    for _ in range(2):
        under_load(apart.server, 1, 0.1)
        assert apart.server.start() is None
        assert apart.server.names() == list(NAMES)
        assert apart.server.value("counts", "count", "3") == "3"
        assert apart.server.value("listens", "last", "") == ""  # a new process
        assert apart.server.value("answers", "tick", "2") == "2"
        apart.until(lambda: apart.server.value("listens", "last", "") == "2", "it has subscribed again")
