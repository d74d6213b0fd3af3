"""Which connections a set of grants allows. Pure: addresses and names in, a verdict out.

An address is first made canonical (v4 addresses hidden in v6 ones come out), then put into
one of four kinds. ``network.external`` reaches public unicast addresses only,
``network.internal`` everything this machine and its own networks serve, and a cloud's metadata
service only where a grant names its address. A granted name counts for an address only if the
host resolved it so: what a plugin says about names is never believed.
Sources: the IANA special-purpose registries; RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
"""

from __future__ import annotations

import enum
import ipaddress
import struct
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.model.permissions import Permission

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA: Final = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254"))
)
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_CGNAT: Final = ipaddress.IPv4Network("100.64.0.0/10")
_LOCALHOST_SPELLINGS: Final = frozenset({ipaddress.ip_address("0.0.0.0"), ipaddress.ip_address("::")})  # noqa: S104 - compared, never bound


class Kind(enum.Enum):
    """What an address leads to; the value is the permission it takes, "" when none can do."""

    EXTERNAL = "network.external"
    INTERNAL = "network.internal"
    METADATA = "network.internal (named)"
    NEVER = ""


class Target(NamedTuple):
    """Where a connection would go: canonical address and port."""

    address: Address
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"  # noqa: PLR2004


def canonical(address: Address) -> Address:
    """Return the address that a packet would really go to: v4 where one is embedded."""
    if isinstance(address, ipaddress.IPv6Address):
        address = ipaddress.IPv6Address(int(address))  # without a zone
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if embedded is None and any(address in network for network in _NAT64):
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is None and address in _COMPATIBLE and int(address) > 0xFFFF:  # noqa: PLR2004 - not :: or ::1
            embedded = ipaddress.IPv4Address(int(address))
        address = embedded or address
    if address in _LOCALHOST_SPELLINGS:  # Linux connects these to the local machine
        return ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")  # noqa: PLR2004
    return address


def kind_of(address: Address) -> Kind:
    """Return the kind of a canonical address."""
    if address in METADATA:
        return Kind.METADATA
    if address.is_multicast or address == ipaddress.IPv4Address("255.255.255.255"):
        return Kind.NEVER
    if address.is_loopback or address.is_link_local:
        return Kind.INTERNAL
    if isinstance(address, ipaddress.IPv4Address) and address in _CGNAT:
        return Kind.INTERNAL
    if address.is_global and not address.is_reserved:
        return Kind.EXTERNAL
    return Kind.INTERNAL if address.is_private and not address.is_reserved else Kind.NEVER


def parse_sockaddr(data: bytes) -> Target | None:
    """Return the target of an AF_INET or AF_INET6 ``sockaddr``, None for anything else.

    Args:
        data: What the plugin's memory held, at most as long as it claimed; ``ip(7)``, ``ipv6(7)``.
    """
    if len(data) < 2:  # noqa: PLR2004 - sizes of the C structures, here and below
        return None
    (family,) = struct.unpack_from("=H", data)
    if family == 2 and len(data) >= 16:  # noqa: PLR2004 - AF_INET
        port, packed = struct.unpack_from("!H4s", data, 2)
        return Target(canonical(ipaddress.IPv4Address(packed)), port)
    if family == 10 and len(data) >= 24:  # noqa: PLR2004 - AF_INET6; the scope may be left out
        port, packed = struct.unpack_from("!H4x16s", data, 2)
        return Target(canonical(ipaddress.IPv6Address(packed)), port)
    return None


def permits(granted: Iterable[Permission], target: Target, names: Iterable[str]) -> bool:
    """Tell whether ``granted`` allows a connection.

    Args:
        granted: The plugin's grants.
        target: Canonical.
        names: What the host resolved to this address for this plugin.
    """
    kind = kind_of(target.address)
    hosts = {name.lower().rstrip(".") for name in names} | {str(target.address)}
    return any(_covers(permission, kind, target, hosts) for permission in granted)


def _covers(permission: Permission, kind: Kind, target: Target, hosts: set[str]) -> bool:
    host, port = split_scope(permission.scope)
    if kind is Kind.METADATA:
        return permission.name == Kind.INTERNAL.value and host == str(target.address) and _port(port, target)
    return permission.name == kind.value and (not host or host in hosts) and _port(port, target)


def _port(port: int | None, target: Target) -> bool:
    return port is None or port == target.port


def split_scope(scope: str) -> tuple[str, int | None]:
    """Return host ("" for any) and port (None for any) of a network scope in canonical spelling."""
    if not scope:
        return "", None
    if scope.startswith("["):
        host, _, rest = scope[1:].partition("]")
        return host, int(rest[1:]) if rest.startswith(":") else None
    if scope.count(":") > 1:
        return scope, None  # a bare v6 address
    host, colon, port = scope.partition(":")
    return host, int(port) if colon else None


def missing(target: Target, names: Iterable[str]) -> str:
    """Return the permission that would allow ``target``, named the way its author would; "" if none can."""
    kind = kind_of(target.address)
    if kind is Kind.NEVER:
        return ""
    name = Kind.INTERNAL.value if kind is Kind.METADATA else kind.value
    host = next(iter(sorted(names)), "") if kind is not Kind.METADATA else ""
    return f"{name}:{host}:{target.port}" if host else f"{name}:{target}"


def may_resolve(granted: Iterable[Permission], host: str) -> bool:
    """Tell whether a plugin may learn the addresses of ``host``: only if some grant could use one."""
    wanted = host.lower().rstrip(".")
    return any(
        permission.name in (Kind.EXTERNAL.value, Kind.INTERNAL.value)
        and split_scope(permission.scope)[0] in ("", wanted)
        for permission in granted
    )
