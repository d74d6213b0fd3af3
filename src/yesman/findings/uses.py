"""What code does that needs a permission: imports, calls, paths and addresses that can be seen.

What always holds: a use names the permission that would cover it; what cannot be seen (a path in
a variable, code of other packages) is no use, so that silence proves nothing.
"""

from __future__ import annotations

import ast
import inspect
import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.findings import paths, tables
from yesman.findings.syntax import argument, text_of
from yesman.model.errors import AuthorError
from yesman.model.network import Kind, canonical, kind_of
from yesman.model.permissions import parse_permission
from yesman.plugins import Notifications, PluginManager, Providers, SessionManager, TmuxManager, need_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yesman.findings.syntax import Source


class Service(NamedTuple):
    """What a method of a manager needs: see :class:`yesman.plugins.Need`; ``place`` is the argument's."""

    permission: str
    argument: str
    then: str
    place: int


def _services(manager: type) -> dict[str, Service]:
    found = {}
    for name, method in inspect.getmembers(manager, inspect.isfunction):
        with suppress(LookupError):
            need = need_of(method)
            parameters = list(inspect.signature(method).parameters)[1:]
            place = parameters.index(need.argument) if need.argument else 0
            found[name] = Service(need.permission, need.argument, need.then, place)
    return {name: service for name, service in found.items() if service.permission}


SERVICES: Final = {
    "session_manager": _services(SessionManager),
    "tmux_manager": _services(TmuxManager),
    "plugin_manager": _services(PluginManager),
    "providers": _services(Providers),
    "notifications": _services(Notifications),
}
"""Attributes of a plugin's context, and what their methods need, by name."""
_URL: Final = re.compile(
    r"(https?|wss?)://(?:[^/@\s]*@)?(\[[0-9a-fA-F:.]+\]|[\w.-]*\w)(?::(\d{1,5}))?(?=[/?#]|\Z)"
)
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_EXAMPLES: Final = re.compile(r"(?:^|\.)(?:example|test|invalid)(?:\.(?:com|org|net))?\Z")


class Use(NamedTuple):
    """One use.

    Attributes:
        permission: As narrow as it can be told.
        line: Where.
        what: As a clause: "imports requests".
        instead: Other permissions that would do.
    """

    permission: str
    line: int
    what: str
    instead: tuple[str, ...] = ()


def uses_of(source: Source, managers: Iterable[str]) -> list[Use]:
    """Return what one file uses; ``managers`` are those of the context that any file mentions."""
    calls = [node for node in source.nodes if isinstance(node, ast.Call)]
    found = [*_imported(source), *_addresses(source)]
    for call in calls:
        found += [*_process(source, call), *_connection(source, call), *_files(source, call)]
        found += _service(call, set(managers))
    return found


def _imported(source: Source) -> Iterator[Use]:
    for found in source.imports:
        parts = found.dotted.split(".")
        names = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        for name in sorted(names & tables.NETWORK_MODULES):
            yield Use("network.external", found.line, f"imports {name}", ("network.internal",))
        for name in sorted(names & tables.PROCESS_MODULES):
            yield Use("system.execute", found.line, f"imports {name}")


def _process(source: Source, call: ast.Call) -> Iterator[Use]:
    name = source.dotted(call.func)
    if name.startswith(tables.PROCESS_CALLS):
        yield Use("system.execute", call.lineno, f"calls {name}")


def connects(modules: set[str], words: set[str]) -> bool:
    """Tell whether code that imports and mentions these may connect to somewhere."""
    mentioned = words | {module.rpartition(".")[2] for module in modules}
    return bool(modules & tables.NETWORK_MODULES or mentioned & tables.NETWORK_CALLS)


def _connection(source: Source, call: ast.Call) -> Iterator[Use]:
    """Yield what asyncio is told to connect to; other ways to connect are modules of their own."""
    name = source.dotted(call.func)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
    ours = name.startswith("asyncio.") or (method != "open_connection" and "asyncio" in source.modules())
    if not ours or method not in tables.NETWORK_CALLS:
        return
    place = 1 if method == "create_connection" else 0  # behind what makes its protocol
    host, port = text_of(argument(call, place, "host")), argument(call, place + 1, "port")
    if host and isinstance(port, ast.Constant) and type(port.value) is int:
        yield from _usable(_address(host.lower(), f"{host.lower()}:{port.value}", call.lineno))
    elif host:
        yield from _usable(_address(host.lower(), host.lower(), call.lineno))
    else:
        yield Use("network.external", call.lineno, f"calls {name or method}", ("network.internal",))


def _files(source: Source, call: ast.Call) -> Iterator[Use]:
    for path, kind in paths.opened(source, call):
        instead = (f"filesystem.write:{path}",) if kind == "read" else ()
        yield from _usable(Use(f"filesystem.{kind}:{path}", call.lineno, f"{kind}s {path}", instead))


def _service(call: ast.Call, managers: set[str]) -> Iterator[Use]:
    """Yield what a call of a manager's method needs, on the manager or on what it was put into."""
    if not isinstance(call.func, ast.Attribute):
        return
    method, owner = call.func.attr, call.func.value
    direct = owner.attr if isinstance(owner, ast.Attribute) else ""
    likely = {direct} & managers or (managers if "_" in method else set())
    for manager in sorted(likely):
        need = SERVICES[manager].get(method)
        if need is not None:
            yield Use(_needed(need, call), call.lineno, f"calls {manager}.{method}")


def _needed(need: Service, call: ast.Call) -> str:
    given = argument(call, need.place, need.argument) if need.argument else None
    left_out = given is None or (isinstance(given, ast.Constant) and given.value is None)
    return need.permission if left_out else need.then


def _addresses(source: Source) -> Iterator[Use]:
    for text, line in source.texts():
        found = _URL.match(text)
        if found and not _EXAMPLES.search(found[2]):
            port = found[3] or _PORTS[found[1]]
            yield from _usable(_address(found[2].lower(), f"{found[2].lower()}:{port}", line))


def _address(host: str, scope: str, line: int) -> Use:
    kinds = _kinds(host)
    first, *others = (f"network.{kind}:{scope}" for kind in kinds)
    return Use(first, line, f"names {host}", tuple(others))


def _kinds(host: str) -> tuple[str, ...]:
    """Return ``internal``, ``external`` or both, the likelier first: a name may lead anywhere."""
    if host == "localhost":
        return ("internal",)
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ("external", "internal") if "." in host else ("internal", "external")
    return ("internal",) if kind_of(canonical(address)) is Kind.INTERNAL else ("external",)


def _usable(use: Use) -> Iterator[Use]:
    """Yield ``use`` if its permissions can be written at all."""
    try:
        for text in (use.permission, *use.instead):
            parse_permission(text)
    except AuthorError:
        return
    yield use
