"""Addresses, names and grants: what is one address in disguise, and which connection is allowed."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yesman.model.network import (
    METADATA,
    Kind,
    Target,
    canonical,
    kind_of,
    may_resolve,
    missing,
    missing_for_name,
    names_dns_server,
    parse_sockaddr,
    permits,
    split_scope,
)
from yesman.model.permissions import parse_permission

DISGUISED = {
    "::ffff:10.0.0.1": "10.0.0.1",  # v4-mapped
    "::ffff:0:0": "127.0.0.1",  # v4-mapped 0.0.0.0
    "64:ff9b::a00:1": "10.0.0.1",  # NAT64
    "64:ff9b::7f00:1": "127.0.0.1",
    "2002:a00:1::": "10.0.0.1",  # 6to4
    "2002:7f00:1:5::9": "127.0.0.1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe": "10.0.0.1",  # Teredo hides it inverted
    "::10.0.0.1": "10.0.0.1",  # compatible
    "::127.0.0.1": "127.0.0.1",
    "0.0.0.0": "127.0.0.1",  # noqa: S104 - compared, never bound
    "::": "::1",
    "fe80::1%eth0": "fe80::1",
    "::ffff:169.254.169.254": "169.254.169.254",
}  # fmt: skip
KINDS = {
    Kind.INTERNAL: """
        127.0.0.1 127.255.255.254 ::1 10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1
        100.64.0.1 100.127.255.255 169.254.0.1 fe80::1 febf::1 fec0::1 fc00::1 fdff::1 198.18.0.1
        192.0.2.1 203.0.113.9 2001:db8::1 64:ff9b:1::a00:1
    """,
    Kind.EXTERNAL: """
        1.1.1.1 93.184.216.34 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 169.253.0.1 192.167.0.1
        223.255.255.255 2606:4700::1111 2a00:1450::1 2001:4860:4860::8888
    """,
    Kind.NEVER: """
        224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 0.1.2.3 192.0.0.8 ff02::1 ff0e::1 100::1
        4000::1 1::1 e000::1 2001:20::1 2001:2::1
    """,
}
PUBLIC = "93.184.216.34"


def at(address: str, port: int = 443) -> Target:
    return Target(canonical(ipaddress.ip_address(address)), port)


def allowed(target: Target, *granted: str, names: tuple[str, ...] = ()) -> bool:
    return permits([parse_permission(text) for text in granted], target, names)


def inet(address: str, port: int, family: int = 2) -> bytes:
    return struct.pack("=H", family) + struct.pack("!H4s8x", port, ipaddress.IPv4Address(address).packed)


def inet6(address: str, port: int, zone: int = 0) -> bytes:
    packed = ipaddress.IPv6Address(address).packed
    return struct.pack("=H", 10) + struct.pack("!HI16s", port, 7, packed) + struct.pack("=I", zone)


@pytest.mark.parametrize(("spelt", "meant"), DISGUISED.items())
def test_an_address_in_disguise_is_the_one_a_packet_goes_to(spelt, meant):
    assert str(canonical(ipaddress.ip_address(spelt))) == meant


@given(st.ip_addresses())
def test_canonical_is_the_end_of_it(address):
    assert canonical(canonical(address)) == canonical(address)


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, many in KINDS.items() for t in many.split()])
def test_every_address_has_one_kind(kind, text):
    assert kind_of(canonical(ipaddress.ip_address(text))) is kind


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
def test_the_metadata_service_is_reached_only_where_its_address_is_named(address):
    scope = f"[{address}]" if ":" in address else address
    assert not allowed(at(address, 80), "network.internal", "network.external")
    assert not allowed(at(address, 80), "network.internal:metadata.test", names=("metadata.test",))
    assert allowed(at(address, 80), f"network.internal:{scope}")
    assert not allowed(at(address, 80), f"network.internal:{scope}:81")
    assert not allowed(at(address, 80), f"network.external:{scope}")


@given(st.ip_addresses(), st.integers(0, 65535))
def test_without_a_grant_nothing_is_reached(address, port):
    assert not permits((), Target(canonical(address), port), ("localhost",))
    assert not allowed(Target(canonical(address), port), "session.read", "filesystem.read:/srv")


@given(st.ip_addresses(), st.integers(0, 65535))
def test_one_kind_of_grant_never_reaches_the_other_kind(address, port):
    target = Target(canonical(address), port)
    if allowed(target, "network.external"):
        assert not allowed(target, "network.internal")
        assert ipaddress.ip_address(str(target.address)).is_private is False


@pytest.mark.parametrize("address", ["224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1", "0.1.2.3"])
def test_some_addresses_no_grant_reaches_however_it_is_named(address):
    scope = f"[{address}]" if ":" in address else address
    assert not allowed(at(address), "network.external", "network.internal", f"network.internal:{scope}")
    assert missing(at(address), ()) == ""


def test_a_scope_holds_for_its_port_alone():
    granted = f"network.external:{PUBLIC}:443"
    assert allowed(at(PUBLIC, 443), granted)
    assert not allowed(at(PUBLIC, 444), granted)
    assert allowed(at(PUBLIC, 444), f"network.external:{PUBLIC}")
    assert not allowed(at("93.184.216.35", 443), granted)


@pytest.mark.parametrize("scope", ["[2606:4700::1111]", "[2606:4700:0:0::1111]:443"])
def test_v6_scopes_are_compared_as_addresses(scope):
    assert allowed(at("2606:4700::1111"), f"network.external:{scope}")
    assert not allowed(at("2606:4700::1112"), f"network.external:{scope}")


@pytest.mark.parametrize("scope", ["[::ffff:127.0.0.1]:80", "0.0.0.0:80", "[64:ff9b::7f00:1]"])
def test_a_scope_in_disguise_means_the_same_address(scope):
    assert allowed(at("127.0.0.1", 80), f"network.internal:{scope}")


def test_a_name_counts_only_where_the_host_resolved_it():
    granted = "network.external:api.example.test:443"
    assert not allowed(at(PUBLIC), granted)
    assert allowed(at(PUBLIC), granted, names=("api.example.test",))
    assert allowed(at(PUBLIC), granted, names=("API.Example.Test.",))
    assert not allowed(at(PUBLIC), granted, names=("www.api.example.test", "example.test"))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "169.254.169.254", "::ffff:192.168.0.1"])
def test_a_granted_public_name_does_not_lead_inside(address):
    granted = "network.external:api.example.test"
    assert not allowed(at(address), granted, names=("api.example.test",))
    assert not allowed(at(address), "network.external", names=("api.example.test",))


def test_a_granted_internal_name_does_not_lead_outside():
    assert not allowed(at(PUBLIC), "network.internal:db.corp", names=("db.corp",))


@pytest.mark.parametrize(
    ("target", "names", "expected"),
    [
        (at(PUBLIC), (), "network.external:93.184.216.34:443"),
        (at(PUBLIC), ("api.example.test", "cdn.test"), "network.external:api.example.test:443"),
        (at("127.0.0.1", 80), ("localhost",), "network.internal:localhost:80"),
        (at("::1", 80), (), "network.internal:[::1]:80"),
        (at("10.0.0.1", 0), (), "network.internal:10.0.0.1"),
        (at(PUBLIC), ("no_manifest_holds_this",), "network.external:93.184.216.34:443"),
        (at("169.254.169.254", 80), ("metadata.test",), "network.internal:169.254.169.254:80"),
    ],
)
def test_what_is_missing_is_named_as_its_author_would(target, names, expected):
    assert missing(target, names) == expected


@given(st.ip_addresses(), st.integers(0, 65535), st.lists(st.text(max_size=20), max_size=3))
@example(ipaddress.ip_address("0.0.0.0"), 0, ["::"])  # noqa: S104 - nothing is bound
def test_what_is_missing_would_have_been_enough(address, port, names):
    target = Target(canonical(address), port)
    wanted = missing(target, names)
    assert wanted == "" or allowed(target, wanted, names=tuple(names))
    assert (wanted == "") == (kind_of(target.address) is Kind.NEVER)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("Api.Example.Test.", "network.external:api.example.test:443"),
        ("localhost", "network.internal:localhost:443"),
        ("printer.local", "network.internal:printer.local:443"),
        ("bad_name.test", ""),
        ("", ""),
    ],
)
def test_a_refused_look_up_names_what_would_allow_it(host, expected):
    assert missing_for_name(host, 443) == expected


def test_a_name_may_be_looked_up_only_if_a_grant_could_use_it():
    def may(host: str, *granted: str) -> bool:
        return may_resolve([parse_permission(text) for text in granted], host)

    assert may("anything.test", "network.external")
    assert may("Api.Test.", "network.internal:api.test:80")
    assert not may("evil.test", "network.external:api.test", "session.read")
    assert not may("secret.api.test", "network.external:api.test")
    assert not may("api.test")


def test_only_a_grant_for_that_very_port_makes_a_dns_server_of_ones_own():
    def own(address: str, *granted: str) -> bool:
        return names_dns_server([parse_permission(text) for text in granted], at(address, 53))

    assert own("10.0.0.53", "network.internal:10.0.0.53:53")
    assert not own("10.0.0.53", "network.internal", "network.internal:10.0.0.53")
    assert not own("10.0.0.53", "network.external:10.0.0.53:53")
    assert not own("1.1.1.1", "network.internal:10.0.0.53:53")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("", ("", None)),
        ("api.test", ("api.test", None)),
        ("api.test:443", ("api.test", 443)),
        ("10.0.0.1:1", ("10.0.0.1", 1)),
        ("[::1]", ("::1", None)),
        ("[fd00::1]:8443", ("fd00::1", 8443)),
    ],
)
def test_a_scope_is_a_host_and_a_port(scope, expected):
    assert split_scope(scope) == expected


def test_a_sockaddr_is_read_as_the_kernel_reads_it():
    assert parse_sockaddr(inet(PUBLIC, 443)) == at(PUBLIC, 443)
    assert parse_sockaddr(inet6("2606:4700::1111", 80)) == at("2606:4700::1111", 80)
    assert parse_sockaddr(inet6("fe80::1", 80, zone=3)) == at("fe80::1", 80)._replace(zone=3)
    assert parse_sockaddr(inet6("fe80::1", 80)[:24]) == at("fe80::1", 80)


def test_what_is_judged_is_canonical_and_what_is_dialled_is_as_spelt():
    spelt = ipaddress.ip_address("64:ff9b::808:808")
    assert parse_sockaddr(inet6(str(spelt), 443)) == at("8.8.8.8", 443)._replace(spelt=spelt)


@pytest.mark.parametrize("family", [0, 1, 3, 16, 17, 29, 38, 40, 0x0200])
def test_no_other_family_is_a_target(family):
    assert parse_sockaddr(inet("127.0.0.1", 80, family)) is None


@pytest.mark.parametrize("data", [inet("127.0.0.1", 80), inet6("::1", 80)[:24]])
def test_a_sockaddr_that_is_cut_short_is_no_target(data):
    assert parse_sockaddr(data) is not None
    assert {parse_sockaddr(data[:length]) for length in range(len(data))} == {None}


FAMILY = st.sampled_from([struct.pack("=H", family) for family in (0, 1, 2, 10, 16)]) | st.binary(max_size=2)


@given(st.builds(bytes.__add__, FAMILY, st.binary(max_size=126)))
@example(b"")
@example(b"\x02")
def test_any_bytes_are_read_and_permit_nothing(data):
    target = parse_sockaddr(data)
    assert target is None or (0 <= target.port < 65536 and canonical(target.address) == target.address)
    assert target is None or not permits((), target, ())


@given(st.ip_addresses(), st.integers(0, 65535))
def test_every_address_survives_the_trip_through_a_sockaddr(address, port):
    data = (inet if address.version == 4 else inet6)(str(address).partition("%")[0], port)
    target = parse_sockaddr(data)
    assert target is not None
    assert int(target.spelt or target.address) == int(address)
    assert target.address == canonical(address)
