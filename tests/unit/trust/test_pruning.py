"""Old metadata goes, and nobody misses it."""

from __future__ import annotations

from registered.making import bin_of, claim, index

from yesman.trust.pruning import prune


def publish_daily(operator, days):
    for day in range(days):
        operator.later(days=1)
        operator.repository.publish(index("diary", f"{day}.0"))


def test_what_no_client_can_need_goes(operator, client):
    publish_daily(operator, 5)
    before = len(operator.memory.files)
    removed = prune(operator.memory, operator.now)
    assert removed == before - len(operator.memory.files) > 8
    assert prune(operator.memory, operator.now) == 0
    client.refresh()
    assert client.index_of("diary") == index("diary", "4.0")
    operator.repository.publish(index("diary", "9.0"))
    client.refresh()
    assert client.index_of("diary") == index("diary", "9.0")


def test_who_is_reading_the_state_of_an_hour_ago_reads_on(operator, client):
    operator.later(hours=1)
    operator.repository.publish(index("diary", "2.0"))
    prune(operator.memory, operator.now)
    assert client.index_of("diary") == index()


def test_roots_and_what_waits_to_be_taken_over_stay(operator):
    operator.ceremony().renew_root()
    operator.ceremony().claim(claim())
    publish_daily(operator, 3)
    prune(operator.memory, operator.now)
    names = set(operator.memory.names("metadata"))
    assert {"1.root.json", "2.root.json", "1.claims.json", "2.claims.json", "1.bin-0.json"} - names <= {
        f"1.{bin_of('diary')}.json"
    }


def test_a_registry_out_of_date_is_left_as_it_is(operator):
    operator.later(days=9)
    assert prune(operator.memory, operator.now) == 0
