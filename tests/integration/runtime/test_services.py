"""Plugins call the host from anywhere, any number of threads at a time, and get typed failures."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import (
    NotFoundError,
    PermissionDeniedError,
    PlatformError,
    PluginFailedError,
    UsageError,
)

CALL = "self.context.session_manager._transport.call"


async def test_a_service_answers_sync_and_async_code_alike(rig):
    body = f"value = {CALL}('echo', n=1)\nreturn value['params']"
    for kind in ("def", "async def"):
        plugin = await rig.start(rig.command(body, kind=kind))
        assert await rig.go(plugin) == {"n": 1}


async def test_many_threads_call_the_host_while_the_loop_does(rig):
    body = f"""
        import asyncio, concurrent.futures
        def ask(n):
            return [{CALL}("echo", n=n, i=i)["params"] == {{"n": n, "i": i}} for i in range(25)]
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            threads = [pool.submit(ask, n) for n in range(100)]
            mine = []
            while not all(t.done() for t in threads):
                mine += ask(-1)
                await asyncio.sleep(0)
        answers = [a for t in threads for a in t.result()] + mine
        return [all(answers), len(answers) >= 2500]
        """
    assert await rig.go(await rig.start(rig.command(body, kind="async def"))) == [True, True]


async def test_two_commands_with_threads_of_their_own_do_not_block_each_other(rig):
    body = f"""
        import asyncio
        asked = [asyncio.to_thread({CALL}, "echo", n=n) for n in range(30)]
        return [answer["params"]["n"] for answer in await asyncio.gather(*asked)]
        """
    plugin = await rig.start(rig.command(body, kind="async def"))
    answers = await asyncio.gather(*(rig.go(plugin) for _ in range(4)))
    assert answers == [list(range(30))] * 4


async def test_an_answer_reaches_its_thread_even_if_another_one_waits_for_ever(rig):
    class Uneven:
        async def serve(self, method, params, _cause):
            if method == "never":
                await asyncio.Event().wait()
            return params["n"], b""

    rig.services = Uneven()
    body = f"""
        import threading, time
        threading.Thread(target={CALL}, args=("never",), daemon=True).start()
        return [{CALL}("echo", n=n) for n in range(200)]
        """
    assert await rig.run(body) == list(range(200))


FAILURES = {
    "PermissionError": PermissionDeniedError("plugin 'demo' lacks permission 'session.read'", "Grant it"),
    "LookupError": NotFoundError("there is no session 'x'"),
    "ValueError": UsageError("a session's name may not hold ':'"),
    "RuntimeError": PlatformError("tmux is not there"),
}


class Failing:
    """Services that fail as they are told to."""

    async def serve(self, _method, params, _cause):
        raise FAILURES[params["which"]]


@pytest.mark.parametrize("name", FAILURES)
async def test_failures_are_exceptions_of_the_right_type(rig, name):
    rig.services = Failing()
    body = f"""
        try:
            {CALL}("x", which=options["which"])
        except Exception as error:
            return [type(error).__name__, str(error)]
        """
    plugin = await rig.start(rig.command(body))
    kind, text = await rig.go(plugin, which=name)
    assert kind == name
    assert text.startswith(FAILURES[name].message)


async def test_a_denial_that_the_handler_lets_through_is_a_permission_failure(rig):
    rig.services = Failing()
    plugin = await rig.start(rig.command(f"{CALL}('x', which='PermissionError')"))
    with pytest.raises(PluginFailedError, match=r"lacks permission 'session.read'") as caught:
        await rig.go(plugin)
    assert (caught.value.failure, caught.value.code) == ("permission", 3)


async def test_an_argument_that_is_not_data_never_leaves_the_plugin(rig):
    body = f"""
        try:
            {CALL}("x", value=object())
        except ValueError as error:
            return str(error)[:19]
        """
    assert await rig.run(body) == "not plain JSON data"
