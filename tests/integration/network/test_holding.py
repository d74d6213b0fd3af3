"""The broker under races, stalls, floods and sudden ends: it holds, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from yesman.model.errors import PluginFailedError
from yesman.model.limits import Limits
from yesman.model.network import parse_sockaddr
from yesman.sandbox import notify

FLIPS = 3_000
PATIENT = Limits(load_seconds=10, denials_per_second=1e6, connects_per_second=1e6)
RACE = """
    import sys
    sys.setswitchinterval(1e-5)  # else the flipping thread is asked for the GIL after 5 ms, each time
    allowed, forbidden = inet("127.0.0.1", {allowed}), inet("127.0.0.1", {forbidden})
    memory = ctypes.create_string_buffer(allowed, 16)
    running = True
    def flip():
        while running:
            memory[2:4] = forbidden[2:4]
            memory[2:4] = allowed[2:4]
    thread = threading.Thread(target=flip)
    thread.start()
    outcomes = [raw(memory, 16) for _ in range({times})]
    running = False
    thread.join()
    return {{outcome: outcomes.count(outcome) for outcome in set(outcomes)}}
    """


@contextlib.contextmanager
def full_listener():
    """A listener that answers nobody: its backlog is full and it never accepts."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    with server, socket.create_connection(server.getsockname()):  # one fits, as the kernel counts
        yield server.getsockname()[1]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def race(net, times: int) -> tuple[dict[str, int], int]:
    allowed, forbidden = net.listener(), net.listener()
    body = RACE.format(allowed=allowed.port, forbidden=forbidden.port, times=times)
    outcomes = await net.run(body, f"network.internal:127.0.0.1:{allowed.port}", limits=PATIENT)
    assert sum(outcomes.values()) == times
    return outcomes, forbidden.greeted


@pytest.mark.escape("races")
async def test_an_address_that_flips_under_the_broker_never_wins(net):
    outcomes, wins = await race(net, FLIPS)
    assert wins == 0
    assert set(outcomes) == {"connected", "EACCES"}, "both addresses were seen, so it was a race"


class LooksAgain:
    """A dialer that trusts the plugin's memory a second time, as brokers without a copy do."""

    def __init__(self, monkeypatch) -> None:
        self._read = notify.read_memory
        monkeypatch.setattr(notify, "read_memory", self.remembering)

    def remembering(self, *where) -> bytes:
        self._where = where
        return self._read(*where)

    def route(self, _target):
        return parse_sockaddr(self._read(*self._where))


@pytest.mark.escape("races")
async def test_the_race_is_lost_by_a_broker_that_looks_twice(net, monkeypatch):
    """The control: what the test above would see if the copy decided on were not the one dialled."""
    net.rig.dialer = LooksAgain(monkeypatch)
    _, wins = await race(net, FLIPS)
    assert wins > 0


@pytest.mark.escape("resources")
async def test_a_connection_that_takes_for_ever_stalls_nobody_else(net, eventually):
    listener = net.listener()
    with full_listener() as port:
        stuck = await net.rig.start(
            net.rig.command(f"return raw(inet('127.0.0.1', {port}))", top=net.top), "network.internal"
        )
        waiting = asyncio.ensure_future(net.rig.go(stuck))
        await eventually(lambda: f"127.0.0.1:{port}" in net.leads.routed)
        body = f"return [raw(inet('127.0.0.1', {listener.port})) for _ in range(100)]"
        assert await net.run(body, "network.internal") == ["connected"] * 100
        assert not waiting.done()
        await stuck.kill("the test is over")
        with pytest.raises(PluginFailedError):
            await waiting


async def test_other_threads_of_the_same_plugin_go_on_too(net):
    listener = net.listener()
    with full_listener() as port:
        body = f"""
            threading.Thread(target=raw, args=(inet("127.0.0.1", {port}),), daemon=True).start()
            return [raw(inet("127.0.0.1", {listener.port})) for _ in range(50)]
            """
        assert await net.run(body, "network.internal") == ["connected"] * 50


@pytest.mark.escape("races")
async def test_a_plugin_that_dies_while_it_connects_leaves_nothing_open(net, eventually):
    with full_listener() as port:
        await net.rig.run("return 1")  # libuv keeps /dev/null open from its first reading on
        before = descriptors()
        plugin = await net.rig.start(
            net.rig.command(f"return raw(inet('127.0.0.1', {port}))", top=net.top), "network.internal"
        )
        waiting = asyncio.ensure_future(net.rig.go(plugin))
        await eventually(lambda: f"127.0.0.1:{port}" in net.leads.routed)
        await plugin.kill("the test wants it")
        with pytest.raises(PluginFailedError, match="the test wants it"):
            await waiting
        await eventually(lambda: descriptors() == before, "every descriptor closed")


async def test_a_command_that_waits_for_a_connection_can_be_cancelled(net, eventually):
    with full_listener() as port:
        body = f"""
            if options:
                return "alive"
            socket.socket().connect(("127.0.0.1", {port}))
            """
        plugin = await net.rig.start(net.rig.command(body, top=net.top), "network.internal")
        waiting = asyncio.ensure_future(net.rig.go(plugin))
        await eventually(lambda: f"127.0.0.1:{port}" in net.leads.routed)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await net.rig.go(plugin, again=True) == "alive"


async def test_a_blocking_connection_ends_with_the_sockets_own_timeout(net):
    with full_listener() as port:
        body = f"""
            own = socket.socket()
            own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", 0, 50_000))
            return raw(inet("127.0.0.1", {port}), number=own.fileno()), own.getblocking()
            """
        assert await net.run(body, "network.internal") == ["EINPROGRESS", True]


async def test_non_blocking_sockets_stay_so_and_blocking_ones_too(net):
    listener = net.listener()
    body = f"""
        found = []
        for blocking in (True, False):
            own = socket.socket()
            own.setblocking(blocking)
            outcome = raw(inet("127.0.0.1", {listener.port}), number=own.fileno())
            found.append((outcome in ("connected", "EINPROGRESS"), os.get_blocking(own.fileno())))
        return found
        """
    assert await net.run(body, "network.internal") == [[True, True], [True, False]]


async def test_a_refused_port_and_a_second_connect_have_the_kernels_own_errors(net):
    listener = net.listener()
    body = f"""
        own = LIBC.socket(2, 1, 0)
        closed = raw(inet("127.0.0.1", 1))
        return closed, [raw(inet("127.0.0.1", {listener.port}), number=own) for _ in range(2)]
        """
    assert await net.run(body, "network.internal") == ["ECONNREFUSED", ["connected", "EISCONN"]]


async def test_a_hundred_threads_connect_at_the_same_time(net):
    listener = net.listener()
    body = f"""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(100) as pool:
            return list(pool.map(lambda _: greeting("127.0.0.1", {listener.port}), range(300)))
        """
    assert await net.run(body, "network.internal", limits=PATIENT) == ["hello"] * 300


async def test_many_plugins_connect_at_the_same_time(net):
    listener = net.listener()
    body = f"return [greeting('127.0.0.1', {listener.port}) for _ in range(20)]"
    plugins = [net.run(body, "network.internal") for _ in range(8)]
    assert await asyncio.gather(*plugins) == [["hello"] * 20] * 8


@pytest.mark.escape("network")
async def test_without_a_broker_nothing_connects(net):
    listener = net.listener()
    body = f"return raw(inet('127.0.0.1', {listener.port})), attempt(os.fork), LIBC.ptrace(0, 0, 0, 0)"
    plugin = await net.rig.start(net.rig.command(body, top=net.top), "network.internal")
    net.rig.networks[-1].close()
    assert await net.rig.go(plugin) == ["ENOSYS", "EACCES", -1]
    assert listener.greeted == 0


@pytest.mark.escape("resources")
async def test_a_flood_of_refused_calls_is_answered_slowly_and_hurts_nobody_else(net, eventually):
    body = "return [LIBC.ptrace(0, 0, 0, 0) for _ in range(10_000)]"
    flooding = await net.rig.start(net.rig.command(body, top=net.top))
    network = net.rig.networks[-1]
    waiting = asyncio.ensure_future(net.rig.go(flooding))
    await eventually(lambda: network.denials >= 200)
    listener = net.listener()
    body = f"return [greeting('127.0.0.1', {listener.port}) for _ in range(50)]"
    assert await net.run(body, "network.internal") == ["hello"] * 50
    assert not waiting.done()
    assert network.denials < 5_000
    await flooding.kill("the test is over")
    await asyncio.gather(waiting, return_exceptions=True)


@pytest.mark.escape("resources")
async def test_a_flood_of_refused_calls_does_not_flood_the_log(net):
    await net.run("return [LIBC.ptrace(0, 0, 0, 0) for _ in range(190)]")
    lines = [line for line in net.rig.log_text().splitlines() if "ptrace" in line]
    assert 20 <= len(lines) < 60


async def test_a_plugin_that_was_refused_while_loading_says_what_it_lacks(net):
    with pytest.raises(Exception, match=r"cannot be loaded.*'network.internal:10.0.0.1:80'"):
        await net.run("return 1", top="socket.create_connection(('10.0.0.1', 80))\n")
    wrapped = (
        "try: socket.create_connection(('10.0.0.1', 80))\nexcept OSError: raise RuntimeError from None\n"
    )
    with pytest.raises(Exception, match=r"cannot be loaded.*'network.internal:10.0.0.1:80'"):
        await net.run("return 1", top=wrapped)


async def test_an_event_handler_that_was_refused_says_what_it_lacks(net):
    source = """
        from yesman.plugins import HookPlugin
        import socket
        class Demo(HookPlugin):
            def get_hooks(self):
                return {"session.*": self.hear}
            def hear(self, event):
                try:
                    socket.create_connection(("10.0.0.1", 80))
                except OSError:
                    raise RuntimeError("something") from None
        """
    plugin = await net.rig.start(source)
    event = {
        "id": "1",
        "time": 0.0,
        "seq": 1,
        "name": "session.created",
        "source": "x",
        "session": "",
        "version": 1,
    }
    with pytest.raises(PluginFailedError, match=r"lacks permission 'network.internal:10.0.0.1:80'") as caught:
        await plugin.event(event | {"payload": {}}, ("session.*",))
    assert caught.value.failure == "permission"
