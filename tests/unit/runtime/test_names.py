"""Pins: an address counts for the names it was resolved from, for a while, and for a bounded number."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.runtime import names
from yesman.runtime.names import MAX_PINS, PIN_SECONDS, Pins, ascii_host

PUBLIC = ipaddress.ip_address("93.184.216.34")


def test_an_address_counts_for_each_of_its_names_the_latest_first():
    pins = Pins()
    pins.add("a.test", ["93.184.216.34", "10.0.0.1"])
    pins.add("B.test.", ["93.184.216.34"])
    assert pins.names(PUBLIC) == ("b.test", "a.test")
    assert pins.names(ipaddress.ip_address("10.0.0.1")) == ("a.test",)
    assert pins.names(ipaddress.ip_address("10.0.0.2")) == ()


@pytest.mark.parametrize("spelt", ["::ffff:93.184.216.34", "64:ff9b::5db8:d822", "93.184.216.34"])
def test_an_address_in_disguise_is_pinned_as_what_it_is(spelt):
    pins = Pins()
    pins.add("a.test", [spelt])
    assert pins.names(PUBLIC) == ("a.test",)


def test_a_link_local_address_is_pinned_without_its_zone():
    pins = Pins()
    pins.add("printer.local", ["fe80::1%3"])
    assert pins.names(ipaddress.ip_address("fe80::1")) == ("printer.local",)


def test_a_pin_runs_out(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(names.time, "monotonic", lambda: now[0])
    pins = Pins()
    pins.add("a.test", [str(PUBLIC)])
    now[0] += PIN_SECONDS - 1
    pins.add("b.test", [str(PUBLIC)])
    now[0] += 2
    assert pins.names(PUBLIC) == ("b.test",)


def test_the_oldest_pins_make_room():
    pins = Pins()
    for number in range(MAX_PINS + 10):
        pins.add(f"n{number}.test", [str(ipaddress.IPv4Address(number))])
    assert pins.names(ipaddress.ip_address("0.0.0.9")) == ()
    assert pins.names(ipaddress.ip_address("0.0.0.20")) == ("n20.test",)
    assert len(pins._until) == sum(map(len, pins._names.values())) == MAX_PINS


@pytest.mark.parametrize(
    ("given_", "wire"),
    [
        ("API.test", "API.test"),
        ("bücher.test", "xn--bcher-kva.test"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("a_b", "a_b"),
    ],
)
def test_a_host_is_asked_for_as_the_wire_has_it(given_, wire):
    assert ascii_host(given_) == wire


@given(st.text())
def test_anything_else_is_a_unicode_error(text):
    try:
        encoded = ascii_host(text)
    except UnicodeError:
        return
    assert encoded.isascii()
    assert encoded.isprintable()
    assert " " not in encoded
