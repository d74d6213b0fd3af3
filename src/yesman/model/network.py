"""Which connections a set of grants allows. Pure: addresses and names in, a verdict out.

An address is first made canonical (a v4 address hidden in a v6 one comes out), then put into
one of four kinds. ``network.external`` reaches public unicast addresses only,
``network.internal`` everything this machine and its own networks serve, and a cloud's metadata
service only where a grant names its address. A granted name counts for an address only if the
host resolved it so: what a plugin says about names is never believed.

The tables are our own, because the standard library's changed from one patch release to the next.
Sources: the IANA special-purpose registries; RFC 4291 (v6), RFC 6052 and 8215 (NAT64),
RFC 3056 (6to4), RFC 4380 (Teredo).
"""

from __future__ import annotations

import enum
import ipaddress
import struct
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from yesman.model.errors import AuthorError
from yesman.model.permissions import parse_permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yesman.model.permissions import Permission

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Networks: TypeAlias = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

AF_INET, AF_INET6 = 2, 10
DNS_PORT: Final = 53


def _networks(text: str) -> _Networks:
    return tuple(map(ipaddress.ip_network, text.split()))


METADATA: Final = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254",  # AWS, Azure, Google, Oracle, most others
            "169.254.170.2", "169.254.170.23",  # AWS: credentials of containers
            "fd00:ec2::254", "fd00:ec2::23",  # AWS over v6
            "fd20:ce::254",  # Google over v6
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure's wire server, a public address that leads to the hypervisor
            "192.0.0.192",  # Oracle's older cloud
            "169.254.42.42", "fd00:42::42",  # Scaleway
        ),
    )
)  # fmt: skip
"""Where clouds hand out a machine's credentials to whoever asks from it."""

_NEVER: Final = _networks("0.0.0.0/8 192.0.0.0/24 224.0.0.0/4 240.0.0.0/4 100::/64 2001::/23")
"""Multicast, reserved and broadcast, discarded, and protocols' own (Teredo has been taken apart before)."""
_INTERNAL: Final = _networks("""
    127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10
    198.18.0.0/15 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24
    ::1/128 fe80::/10 fec0::/10 fc00::/7 64:ff9b:1::/48 2001:db8::/32 3fff::/20
""")
"""Loopback, private, link-local, carrier-grade NAT; benchmarks and documentation, which only a
laboratory routes; and local NAT64, whose operator alone knows what it embeds where."""
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_ANY: Final = frozenset(map(ipaddress.ip_address, ("0.0.0.0", "::")))  # noqa: S104 - compared, never bound
_LOCAL_SUFFIXES: Final = (
    ".localhost",
    ".local",
    ".internal",
    ".lan",
    ".home.arpa",
    ".intranet",
    ".corp",
    ".home",
)


class Kind(enum.Enum):
    """What an address leads to; the value is the permission it takes, "" when none can do."""

    EXTERNAL = "network.external"
    INTERNAL = "network.internal"
    METADATA = "network.internal (named)"
    NEVER = ""


class Target(NamedTuple):
    """Where a connection would go.

    Attributes:
        address: Canonical: this is what is judged.
        port: TCP.
        spelt: As the plugin gave it, and so as it is dialled; None where it is ``address``.
        zone: Interface index of a link-local v6 address, 0 for none.
    """

    address: Address
    port: int
    spelt: Address | None = None
    zone: int = 0

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"  # noqa: PLR2004


def canonical(address: Address) -> Address:
    """Return the address that a packet would really go to: v4 where one is embedded, without zone."""
    if isinstance(address, ipaddress.IPv6Address):
        address = ipaddress.IPv6Address(int(address))
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        low = int(address) & 0xFFFFFFFF
        if address in _NAT64 or (address in _COMPATIBLE and low > 0xFFFF):  # noqa: PLR2004 - neither :: nor ::1
            embedded = ipaddress.IPv4Address(low)
        address = embedded or address
    if address in _ANY:  # Linux connects these to the local machine
        return ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")  # noqa: PLR2004
    return address


def kind_of(address: Address) -> Kind:
    """Return the kind of a canonical address; what no table knows is never reached."""
    if address in METADATA:
        return Kind.METADATA
    if any(address in network for network in _NEVER):
        return Kind.NEVER
    if any(address in network for network in _INTERNAL):
        return Kind.INTERNAL
    return Kind.EXTERNAL if address.version == 4 or address in _GLOBAL_UNICAST else Kind.NEVER  # noqa: PLR2004


def parse_sockaddr(data: bytes) -> Target | None:
    """Return the target of an AF_INET or AF_INET6 ``sockaddr``, None for anything else.

    Args:
        data: What the plugin's memory held, at most as long as it claimed; ``ip(7)``, ``ipv6(7)``.
    """
    if len(data) < 2:  # noqa: PLR2004 - sizes of the C structures, here and below
        return None
    (family,) = struct.unpack_from("=H", data)
    if family == AF_INET and len(data) >= 16:  # noqa: PLR2004
        port, packed = struct.unpack_from("!H4s", data, 2)
        return _target(ipaddress.IPv4Address(packed), port, 0)
    if family == AF_INET6 and len(data) >= 24:  # noqa: PLR2004 - the zone may be left out
        port, packed = struct.unpack_from("!H4x16s", data, 2)
        (zone,) = struct.unpack_from("=I", data, 24) if len(data) >= 28 else (0,)  # noqa: PLR2004
        return _target(ipaddress.IPv6Address(packed), port, zone)
    return None


def _target(spelt: Address, port: int, zone: int) -> Target:
    address = canonical(spelt)
    return Target(address, port, spelt if spelt != address else None, zone)


def permits(granted: Iterable[Permission], target: Target, names: Iterable[str]) -> bool:
    """Tell whether ``granted`` allows a connection.

    Args:
        granted: The plugin's grants.
        target: Canonical.
        names: What the host resolved to this address for this plugin.
    """
    kind = kind_of(target.address)
    hosts = {host_key(name) for name in names} | {str(target.address)}
    return any(_covers(permission, kind, target, hosts) for permission in granted)


def _covers(permission: Permission, kind: Kind, target: Target, hosts: set[str]) -> bool:
    host, port = split_scope(permission.scope)
    if kind is Kind.NEVER or (port is not None and port != target.port):
        return False
    if kind is Kind.METADATA:
        return permission.name == Kind.INTERNAL.value and host == str(target.address)
    return permission.name == kind.value and (not host or host in hosts)


def names_dns_server(granted: Iterable[Permission], target: Target) -> bool:
    """Tell whether a grant names ``target`` itself as a DNS server, port and all.

    Every other connection to port 53 is led to the host's own answers.
    """
    explicit = [p for p in granted if split_scope(p.scope) == (str(target.address), DNS_PORT)]
    return permits(explicit, target, ())


def split_scope(scope: str) -> tuple[str, int | None]:
    """Return host ("" for any) and port (None for any) of a network scope in canonical spelling."""
    if not scope:
        return "", None
    if scope.startswith("["):
        host, _, rest = scope[1:].partition("]")
        return _same(host), int(rest[1:]) if rest.startswith(":") else None
    host, colon, port = scope.partition(":")
    return _same(host), int(port) if colon else None


def _same(host: str) -> str:
    """Return an address in the spelling that targets have, a name as it is."""
    try:
        return str(canonical(ipaddress.ip_address(host)))
    except ValueError:
        return host


def host_key(name: str) -> str:
    """Return a host name the way grants spell it: lower case, without the dot of the root."""
    return name.lower().removesuffix(".")


def missing(target: Target, names: Sequence[str]) -> str:
    """Return the permission that would allow ``target``, named the way its author would; "" if none can.

    Args:
        target: What was refused.
        names: What resolved to it, the best known first.
    """
    kind = kind_of(target.address)
    if kind is Kind.NEVER:
        return ""
    if kind is Kind.METADATA:
        return _permission(Kind.INTERNAL, str(target.address), target.port)
    spelt = [_permission(kind, host, target.port) for host in (*names, _bracketed(target.address))]
    # An address in the place of a name may lead elsewhere: a grant for it would not allow this one.
    enough = (text for text in spelt if text and permits((parse_permission(text),), target, names))
    return next(enough, "")


def missing_for_name(host: str, port: int) -> str:
    """Return the permission that would let a plugin look up ``host``, "" when it is no host name.

    Which kind it takes is known only once it is resolved, which is what is refused; so the
    name itself must tell.
    """
    key = host_key(host)
    local = "." not in key or key.endswith(_LOCAL_SUFFIXES)
    return _permission(Kind.INTERNAL if local else Kind.EXTERNAL, key, port)


def _bracketed(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004


def _permission(kind: Kind, host: str, port: int) -> str:
    host = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    try:
        return str(parse_permission(f"{kind.value}:{host}:{port}" if port else f"{kind.value}:{host}"))
    except AuthorError:
        return ""  # not a name that a manifest could hold


def may_resolve(granted: Iterable[Permission], host: str) -> bool:
    """Tell whether a plugin may learn the addresses of ``host``: only if some grant could use one."""
    networked = (p for p in granted if p.name in (Kind.EXTERNAL.value, Kind.INTERNAL.value))
    return any(split_scope(permission.scope)[0] in ("", host_key(host)) for permission in networked)
