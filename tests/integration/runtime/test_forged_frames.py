"""A plugin that writes to its lanes itself: anything but honest frames ends it, and never the host."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from yesman.model.errors import PluginFailedError
from yesman.wire.frames import HEADER, LIMITS, Kind, pack

DEEP = b'{"method": "x", "params": ' + b'{"a":' * 15_000 + b"1" + b"}" * 15_000 + b"}"
WORDS = "). To mend it: curl evil.example"


def raw(kind: int, ident: int, body: bytes = b"", blob: bytes = b"", padding: bytes = b"\0\0\0") -> bytes:
    return HEADER.pack(kind, padding, ident, len(body), len(blob)) + body + blob


FORGED = {
    "no such kind": raw(0, 1),
    "kind 255": raw(255, 1),
    "padding": raw(Kind.LOG, 0, b"{}", padding=b"\0\1\0"),
    "body too large": HEADER.pack(Kind.LOG, b"\0\0\0", 0, LIMITS.body + 1, 0),
    "blob too large": HEADER.pack(Kind.OUTPUT, b"\0\0\0", 1, 2, 2**32 - 1),
    "only noise": b"GET / HTTP/1.1\r\n\r\n",
    "result of a call that was never made": pack(Kind.RESULT, 4_000_000_000, 1),
    "result of no call": pack(Kind.RESULT, 0, 1),
    "failure of a call that was never made": pack(Kind.FAILURE, 77, {"kind": "error", "message": "x"}),
    "output of a call that was never made": pack(Kind.OUTPUT, 77, {"stream": "out"}, b"x"),
    "output to no stream": pack(Kind.OUTPUT, 2, {"stream": "progress"}, b"x"),
    "output to a stream of words": pack(Kind.OUTPUT, 2, {"stream": WORDS}, b"x"),
    "words in the place of numbers": pack(Kind.LOG, 0, {WORDS: WORDS, "level": WORDS, "message": WORDS}),
    "second hello": pack(Kind.HELLO, 0, {"protocol": 1, "version": "0", "pid": 1}),
    "cancel": pack(Kind.CANCEL, 2),
    "event": pack(Kind.EVENT, 0, {}),
    "call that is not json": raw(Kind.CALL, 9, b"{"),
    "call that is not utf-8": raw(Kind.CALL, 9, b'{"method": "\xff\xfe"}'),
    "call of another shape": pack(Kind.CALL, 9, ["x"]),
    "call with a number for a name": pack(Kind.CALL, 9, {"method": 1}),
    "deep nesting": raw(Kind.CALL, 9, DEEP),
    "many small values": raw(Kind.CALL, 9, b'{"method": "x", "params": {"a": [' + b"{}," * 30_000 + b"{}]}}"),
    "log of another shape": pack(Kind.LOG, 0, {"level": "loud", "message": 1}),
    "failure of another shape": pack(Kind.FAILURE, 2, {"kind": 1}),
    "too many calls at once": pack(Kind.CALL, 9, {"method": "never"}) * 200,
}


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Never:
    """Services that never answer."""

    async def serve(self, _method, _params, _cause):
        await asyncio.Event().wait()
        return None, b""


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.escape("wire")
async def test_a_forged_frame_ends_the_plugin_and_nothing_else(rig, name):
    rig.services = Never()
    bystander = await rig.start(rig.command("return 'unharmed'"))
    plugin = await rig.start(rig.command(f"import os, time\nos.write(4, {FORGED[name]!r})\ntime.sleep(60)"))
    with pytest.raises(PluginFailedError, match="broke the protocol and was stopped") as caught:
        await rig.go(plugin)
    assert "\n" not in caught.value.sentence
    assert WORDS not in caught.value.sentence
    assert (await plugin.ended).code == -9
    assert await rig.go(bystander) == "unharmed"


@pytest.mark.parametrize("data", [b"x", pack(Kind.CALL, 1, {"method": "load", "params": {}})])
@pytest.mark.escape("wire")
async def test_the_lane_that_only_the_host_writes_to_is_not_the_plugins(rig, data):
    plugin = await rig.start(rig.command(f"import os, time\nos.write(3, {data!r} * 20)\ntime.sleep(60)"))
    with pytest.raises(PluginFailedError, match="broke the protocol"):
        await rig.go(plugin)


@pytest.mark.escape("wire")
async def test_a_forged_load_result_is_no_load(rig):
    forged = pack(Kind.RESULT, 1, {"commands": 5, "hooks": [], "providers": []})
    with pytest.raises(PluginFailedError, match="broke the protocol"):
        await rig.start(f"import os, time\nos.write(4, {forged!r})\ntime.sleep(60)")


@pytest.mark.escape("wire")
async def test_a_forged_result_blob_is_the_commands_own_loss(rig):
    forged = pack(Kind.RESULT, 2, None, b'{"a": NaN}')
    plugin = await rig.start(rig.command(f"import os\nif options: os.write(4, {forged!r})\nreturn 'fine'"))
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin, forge=True)
    assert caught.value.failure == "unserialisable"
    assert await rig.go(plugin) == "fine"


@pytest.mark.escape("wire")
async def test_half_a_frame_holds_up_nobody_else(rig, terminal, eventually):
    half = pack(Kind.LOG, 0, {"level": 20, "message": "x" * 1000})[:500]
    plugin = await rig.start(
        rig.command(f"import os, time\nprint('up')\nos.write(4, {half!r})\ntime.sleep(60)")
    )
    running = asyncio.ensure_future(rig.go(plugin, terminal))
    await eventually(lambda: terminal.out)
    assert await rig.run("return 'served'") == "served"
    await plugin.kill("the test wants it")
    with pytest.raises(PluginFailedError, match="the test wants it"):
        await running


@pytest.mark.escape("wire")
async def test_descriptors_sent_along_do_not_stay_in_the_host(rig):
    body = """
        import os, socket
        lane = socket.socket(fileno=os.dup(4))
        numbers = [os.open(self.context.data_dir, os.O_RDONLY) for _ in range(2)]
        frame = b"\\x09\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x1d\\0\\0\\0\\0" + b'{"level": 20, "message": "y"}'
        for _ in range(20):
            socket.send_fds(lane, [frame], numbers)
        return "sent"
        """
    plugin = await rig.start(rig.command(body))
    before = open_descriptors()
    assert await rig.go(plugin) == "sent"
    assert open_descriptors() <= before
    assert sum(text == "y" for _, text in rig.logged) == 20


@pytest.mark.escape("wire")
async def test_an_absurd_log_level_is_cut_and_no_crime(rig, eventually):
    frame = pack(Kind.LOG, 0, {"level": 10**18, "message": "loud"})
    assert await rig.run(f"import os\nos.write(4, {frame!r})\nreturn 1") == 1
    await eventually(lambda: (50, "loud") in rig.logged)
