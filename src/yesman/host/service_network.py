"""The services about names, connections and why one was refused."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated

import msgspec

from yesman.model.errors import NotFoundError, UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from yesman.host.service_context import Answer, Caller, Name, ServiceContext


class Resolve(msgspec.Struct, forbid_unknown_fields=True):
    """A name to look up, and for what."""

    host: str
    family: int = 0
    port: Annotated[int, msgspec.Meta(ge=0, lt=2**16)] = 0


class Thread(msgspec.Struct, forbid_unknown_fields=True):
    """A thread of the plugin."""

    thread: int = 0


async def resolve(context: ServiceContext, request: Resolve, _caller: Caller) -> Answer:
    """Return the addresses of a name that some grant could use."""
    if request.family not in (0, socket.AF_INET, socket.AF_INET6):
        raise UsageError("an internet family is needed")
    return await context.network.resolve(request.host, request.family, request.port), b""


async def port(_context: ServiceContext, request: Name, _caller: Caller) -> Answer:
    """Return the TCP port of a service by its usual name, such as ``https``."""
    try:
        return socket.getservbyname(request.name, "tcp"), b""
    except (OSError, ValueError):  # the latter for what has a NUL in it
        raise NotFoundError(f"there is no service {shown(request.name)}") from None


async def denial(context: ServiceContext, request: Thread, _caller: Caller) -> Answer:
    """Return why the last refused system call of a thread was refused."""
    denial = context.network.denial_of(request.thread)
    if denial is None:
        return None, b""
    return {"message": context.network.sentence(denial), "permission": denial.permission}, b""
