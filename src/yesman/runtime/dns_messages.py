"""DNS messages of plugins, read and answered by dnspython. No I/O; a plugin's bytes never raise."""

from __future__ import annotations

import enum
import ipaddress
import socket
from typing import TYPE_CHECKING, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ANSWERS = 64
TTL_SECONDS = 60
FAMILIES = {dns.rdatatype.A: int(socket.AF_INET), dns.rdatatype.AAAA: int(socket.AF_INET6)}


class Outcome(enum.Enum):
    """How a question was answered."""

    FOUND = dns.rcode.NOERROR
    ABSENT = dns.rcode.NXDOMAIN
    REFUSED = dns.rcode.REFUSED
    FAILED = dns.rcode.SERVFAIL
    UNKNOWN = dns.rcode.NOTIMP


class Question(NamedTuple):
    """What a plugin wants to know.

    Attributes:
        query: The message, for :func:`reply`.
        host: The name, without the dot of the root.
        family: AF_INET or AF_INET6, 0 for anything but addresses.
        reverse: Whether it asks for the name of an address.
    """

    query: dns.message.Message
    host: str
    family: int
    reverse: bool


def parse(data: bytes) -> Question | None:
    """Return the one question of a query; None for anything else.

    Args:
        data: At most :data:`yesman.runtime.dns.MAX_QUERY` bytes.
    """
    try:
        query = dns.message.from_wire(data, question_only=True, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):  # unknown opcodes are a ValueError
        return None
    if query.flags & dns.flags.QR or query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
        return None
    asked = query.question[0]
    if asked.rdclass != dns.rdataclass.IN:
        return None
    host = asked.name.to_text(omit_final_dot=True)
    return Question(query, host, FAMILIES.get(asked.rdtype, 0), host.lower().endswith(".arpa"))


def reply(question: Question, outcome: Outcome, addresses: Sequence[str] = ()) -> bytes:
    """Return the answer: addresses of the family asked for, or how it failed."""
    response = dns.message.make_response(question.query, recursion_available=True)
    response.set_rcode(outcome.value)
    found = [text for text in addresses if _family(text) == question.family][:MAX_ANSWERS]
    if found:
        asked = question.query.question[0]
        response.answer.append(dns.rrset.from_text_list(asked.name, TTL_SECONDS, "IN", asked.rdtype, found))
    wire: bytes = response.to_wire()
    return wire


def _family(text: str) -> int:
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        return -1
    return int(socket.AF_INET if version == 4 else socket.AF_INET6) if "%" not in text else -1  # noqa: PLR2004
