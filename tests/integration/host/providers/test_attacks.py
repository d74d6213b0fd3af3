"""What crosses between two plugins that do not trust each other; each attack stands beside a control."""

from __future__ import annotations

import json
import time

import pytest

USING = "from yesman.plugins import IVersionControlProvider"
RAW = "call = self.context.providers._transport.call\n"
TRY = """
def tried(act):
    try:
        return act()
    except Exception as error:
        return [type(error).__name__, str(error)]
"""


def raw(method: str, arguments: str = "{}") -> str:
    """Return a body that calls a method past the stand-in, as a forged client would."""
    call = (
        f"call('provider.call', name='git', interface='IVersionControlProvider', method={method!r}, "
        f"arguments={arguments})"
    )
    return f"{RAW}{TRY}\nreturn tried(lambda: {call})"


@pytest.fixture
def both(server, provider, consumer):
    """Install a provider and a consumer, and return what the consumer's command returns."""

    def run(body, permissions=("provider.use:git",), **made):
        server.install(provider(**made))
        server.install(consumer(body, permissions=permissions))
        return server.value("consumer", "go")

    return run


NAMES = ["__class__", "__init__", "_hidden", "extra", "secret", "plugin", "get_providers", "", "commit\n"]


@pytest.mark.escape("grants")
@pytest.mark.parametrize("method", NAMES)
def test_nothing_but_the_interfaces_methods_is_called(both, notes, method):
    kind, said = both(raw(method))
    assert kind == "ValueError"
    assert "unknown method of IVersionControlProvider" in said
    assert notes() == []


def test_the_control_calls_a_method_past_the_stand_in(both, notes):
    assert both(raw("push", "{'branch': 'b'}")) is None
    assert notes() == ["connect", "push b"]


@pytest.mark.escape("grants")
@pytest.mark.parametrize(
    "arguments",
    ["{}", "{'branch': 1}", "{'branch': None}", "{'branch': 'b', 'self': 1}", "{'branch': ['b']}"],
)
def test_arguments_of_other_types_never_reach_the_provider(both, notes, arguments):
    kind, said = both(raw("push", arguments))
    assert (kind, said.startswith("'push' was called wrongly")) == ("ValueError", True)
    assert notes() == []


@pytest.mark.escape("resources")
@pytest.mark.parametrize(("size", "accepted"), [(100_000, True), (150_000, False)])
def test_arguments_are_bounded(both, size, accepted):
    answer = both(f"{TRY}\nreturn tried(lambda: git.commit('x' * {size}, []))", commit="return 'c0ffee'")
    if accepted:
        assert answer == "c0ffee"
    else:
        assert answer[0] == "ValueError"
        assert "more than 131072" in answer[1]


@pytest.mark.escape("resources")
@pytest.mark.parametrize("size", [100_000, 150_000, 5_000_000])
def test_results_are_bounded(both, size):
    answer = both(
        f"{TRY}\nanswer = tried(lambda: git.commit('m', []))\nreturn answer if isinstance(answer, list) "
        "else len(answer)",
        commit=f"return 'x' * {size}",
    )
    if size == 100_000:
        assert answer == size
    else:
        assert answer[0] == "ProviderError"


WRONG = ["5", "None", "['c0ffee']", "{'id': 'c0ffee'}", "object()", "float('nan')", "b'c0ffee'", "'\\ud800'"]


@pytest.mark.escape("grants")
@pytest.mark.parametrize("value", WRONG)
def test_a_result_of_another_type_is_the_providers_failure(both, value):
    kind, said = both(f"{TRY}\nreturn tried(lambda: git.commit('m', []))", commit=f"return {value}")
    assert kind == "ProviderError"
    assert "plugin 'git-plugin'" in said


@pytest.mark.escape("grants")
@pytest.mark.parametrize("permissions", [[], ["provider.use:hub"], ["session.modify", "plugin.manage"]])
def test_without_the_grant_nobody_learns_whether_there_is_one(server, provider, plugins, notes, permissions):
    get = "self.context.providers.get(name, IVersionControlProvider)"
    refused = f"{TRY}\nreturn [tried(lambda: {get}) for name in ('git', 'no-such')]"
    server.install(provider())
    server.install(
        plugins.make(
            "consumer",
            commands={"go": refused, "raw": raw("push", "{'branch': 'b'}")},
            top=USING,
            permissions=permissions,
        )
    )
    said = server.value("consumer", "go")
    assert [kind for kind, _ in said] == ["PermissionError"] * 2
    assert said[0][1].replace("git", "no-such") == said[1][1]
    assert server.value("consumer", "raw")[0] == "PermissionError"
    assert notes() == []


def test_a_grant_that_is_taken_back_counts_from_then_on(server, provider, consumer, notes):
    server.install(provider())
    server.install(consumer("git.push('b')"))
    server.value("consumer", "go")
    assert server.yesman("plugin", "revoke", "consumer", "provider.use:git").returncode == 0
    refused = server.yesman("go")
    assert refused.returncode == 3
    assert "lacks permission 'provider.use:git'" in refused.stderr
    assert "yesman plugin grant consumer provider.use:git" in refused.stderr
    assert notes() == ["connect", "push b"]


@pytest.mark.escape("resources")
@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass", "await asyncio.sleep(60)"])
def test_a_provider_that_hangs_is_waited_for_no_longer_than_its_limit(
    server, provider, consumer, plugins, body
):
    server.install(provider(commit=f"if message != 'ok':\n    {body}\nreturn 'ok'"))
    server.install(plugins.make("other", commands={"hello": "return 'hello'"}))
    assert server.yesman("plugin", "limits", "git-plugin", "provider=2s").returncode == 0
    server.install(consumer(f"{TRY}\nreturn [git.commit('ok', []), tried(lambda: git.commit('m', []))]"))
    running = server.begin("consumer", "go")
    assert server.value("other", "hello") == "hello"
    assert "did not" in json.dumps(running.value())
    assert server.call("provider.check")[0]["state"] == "connected"


@pytest.mark.escape("resources")
@pytest.mark.parametrize("body", ["os._exit(3)", "os.kill(os.getpid(), 11)", "raise SystemExit(3)"])
def test_a_provider_that_dies_in_a_call_fails_that_call_alone(both, server, body):
    calls = "return [git.commit('ok', []), tried(lambda: git.commit('m', [])), git.commit('ok', [])]"
    before = server.pid
    first, died, last = both(f"{TRY}\n{calls}", commit=f"if message != 'ok': {body}\nreturn 'ok'")
    assert (first, died[0], last) == ("ok", "ProviderError", "ok")
    assert server.call("server.status")["pid"] == before


def test_what_the_provider_may_not_do_is_not_the_callers_lack(both):
    kind, said = both(
        f"{TRY}\nreturn tried(lambda: git.commit('m', []))",
        commit="open('/etc/passwd')",
    )
    assert kind == "ProviderError"
    assert "plugin 'git-plugin' lacks permission 'filesystem.read:/etc/passwd'" in said


CIRCLE = (
    "git = self.plugin.context.providers.get({!r}, IVersionControlProvider)\nreturn git.commit(message, [])"
)
START = "return self.context.providers.get('hub', IVersionControlProvider).commit('m', [])"


def circle(server, provider, back=CIRCLE):
    interface = "IVersionControlProvider"
    server.install(
        provider("one", commit=CIRCLE.format("hub"), go=START, permissions=["provider.use:hub"]),
    )
    server.install(
        provider(
            "two",
            commit=back.format("git"),
            providers="{'hub': Git(self)}",
            offered=(("hub", interface),),
            permissions=["provider.use:git"],
            provides=[{"providers": [{"name": "hub", "interface": interface}]}],
        )
    )


@pytest.mark.escape("resources")
def test_plugins_that_call_each_other_in_a_circle_are_told_so(server, provider):
    circle(server, provider)
    began = time.monotonic()
    by_plugin = server.explained(server.run("one", "git-go"))["message"]
    by_user = server.refusal(
        "provider.call", name="git", operation="commit", arguments={"message": "m", "files": []}
    )
    assert "plugin 'one' waits for the caller itself" in by_plugin
    assert "plugin 'one' waits for the caller itself" in by_user["message"]
    assert time.monotonic() - began < 30, "no deadline was waited for"


@pytest.mark.escape("resources")
def test_a_circle_that_is_hidden_from_the_host_ends_with_the_deadline(server, provider):
    hidden = """
    import contextvars
    from concurrent.futures import ThreadPoolExecutor
    def again():
        return self.plugin.context.providers.get({!r}, IVersionControlProvider).commit(message, [])
    with ThreadPoolExecutor() as pool:
        return pool.submit(contextvars.Context().run, again).result()
    """
    circle(server, provider, hidden)
    for name in ("one", "two"):
        assert server.yesman("plugin", "limits", name, "provider=2s").returncode == 0
    message = server.explained(server.run("one", "git-go"))["message"]
    assert "did not answer within 2 seconds" in message
    assert server.call("provider.check", names=["git", "hub"])[0]["state"] == "connected"


def test_nobody_reaches_its_own_provider_through_the_host(server, provider):
    go = "return self.context.providers.get('git', IVersionControlProvider).commit('m', [])"
    server.install(provider(go=go, permissions=["provider.use"]))
    assert "waits for the caller itself" in server.explained(server.run("git-plugin", "git-go"))["message"]


@pytest.mark.escape("resources")
def test_a_caller_that_leaves_is_nobodys_crash(server, provider, notes, until):
    deaf = "import ctypes, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())"
    busy = f"{deaf}\nself.plugin.note('begun')\nctypes.PyDLL(None).sleep(60)"
    server.install(provider(commit=busy))
    for number in range(1, 4):
        wire = server.wire()
        arguments = {"message": "x", "files": []}
        wire.send("provider.call", name="git", operation="commit", arguments=arguments)
        until(lambda: notes().count("begun") == number)  # noqa: B023 - asked for within the round
        pid = server.plugin_pid("git-plugin")
        wire.close()
        until(lambda: server.plugin_pid("git-plugin") != pid)  # noqa: B023 - likewise
    shown = server.call("plugin.show", name="git-plugin")
    assert (shown["state"], shown["crashes"]) == ("enabled", [])
