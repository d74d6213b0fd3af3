"""Providers are called by the user and by other plugins, connected before the first use, told of the end."""

from __future__ import annotations

import json


def test_a_user_calls_a_provider_by_hand(server, provider, notes):
    server.install(provider())
    done = server.yesman("provider", "call", "git", "commit", "message=m", "files=a", "files=b")
    assert (done.returncode, done.stdout) == (0, "c0ffee\n"), done.stderr
    assert notes() == ["connect", "commit m ['a', 'b']"]


def test_a_provider_is_connected_once_and_disconnected_before_the_plugin_cleans_up(server, provider, notes):
    server.install(provider())
    for name in ("one", "two"):
        server.call("provider.call", name="git", operation="create_branch", arguments={"name": name})
    assert notes() == ["connect", "branch one", "branch two"]
    server.call("plugin.disable", name="git-plugin")
    assert notes()[3:] == ["disconnect", "cleanup"]


def test_one_that_was_never_used_is_not_disconnected(server, provider, notes):
    server.install(provider())
    server.value("git-plugin", "git-go")
    server.call("plugin.disable", name="git-plugin")
    assert notes() == ["cleanup"]


def test_each_process_connects_anew(server, provider, notes, until):
    server.install(provider())
    server.call("provider.check", names=["git"])
    server.call("plugin.disable", name="git-plugin")
    server.call("plugin.enable", name="git-plugin")
    assert server.call("provider.list")[0]["state"] == "idle"
    server.call("provider.call", name="git", operation="push", arguments={"branch": "b"})
    assert notes() == ["connect", "disconnect", "cleanup", "connect", "push b"]


def test_another_plugin_calls_it_as_if_it_were_its_own(server, provider, consumer):
    server.install(provider())
    body = """
    assert await git.connect() is not None
    same = self.context.providers.get("git", IVersionControlProvider)
    answers = [git.commit("m", ["a"]), await git.commit(message="m", files=[]), bool(git.push("b"))]
    return [*answers, await git.create_branch("x") == same.disconnect(), (await git) is git]
    """
    server.install(consumer(body))
    assert server.value("consumer", "go") == ["c0ffee", "c0ffee", False, True, True]


def test_states_are_shown_with_the_last_error(server, provider):
    assert server.yesman("provider", "list").stderr.startswith("No plugin provides anything.")
    server.install(provider())
    assert "idle" in server.yesman("provider", "list").stdout
    assert server.yesman("provider", "check").returncode == 0
    arguments = {"title": "t", "body": "", "base": "a", "head": "b"}
    failure = server.refusal(
        "provider.call", name="git", operation="create_pull_request", arguments=arguments
    )
    assert failure["kind"] == "provider"
    (row,) = json.loads(server.yesman("provider", "list", "--json").stdout)
    assert (row["state"], row["reason"], row["plugin"]) == ("connected", "", "git-plugin")
    assert "NotImplementedError: there is no forge" in row["last_error"]["message"]
    shown = server.yesman("provider", "show", "git").stdout
    assert "commit(message: str, files: list[str])" in shown
    assert "there is no forge" in shown


def test_one_that_cannot_connect_says_why_and_is_tried_again(server, provider, notes):
    server.install(provider(connect="self.plugin.note('connect'); raise OSError('no network')"))
    done = server.yesman("provider", "check", "git")
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert "no network" in done.stdout
    failure = server.refusal("provider.call", name="git", operation="push", arguments={"branch": "b"})
    assert failure["message"].startswith("provider 'git': it cannot connect: plugin 'git-plugin': OSError")
    assert notes() == ["connect", "connect"]


def test_a_disabled_plugins_provider_is_unavailable(server, provider):
    server.install(provider())
    server.call("plugin.disable", name="git-plugin")
    (row,) = server.call("provider.list")
    assert (row["state"], row["reason"]) == ("unavailable", "disabled")
    failure = server.refusal("provider.call", name="git", operation="push", arguments={"branch": "b"})
    assert "disabled" in failure["message"]


def test_calls_are_on_record_with_who_made_them(server, provider, consumer, until):
    server.install(provider())
    server.install(consumer("git.push('b')"))
    server.value("consumer", "go")

    def found():
        done = server.yesman("plugin", "audit", "git-plugin", "--kind", "call", "--json")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return [(r["what"], r["detail"]["by"]) for r in rows if r["detail"]["form"] == "provider"]

    until(lambda: found() == [("git.push", "plugin:consumer")])


def test_an_object_that_is_not_what_it_is_declared_to_be_is_named_at_install(server, provider):
    folder = provider(providers="{'git': 'a text', 'other': Git(self)}")
    warnings = server.install(folder)["warnings"]
    assert warnings == [
        "provider 'other' is provided but not declared in plugin.yaml, so it is ignored",
        "provider 'git' is declared as IVersionControlProvider and is none: 'it has no method connect()'",
    ]
    failure = server.refusal("provider.call", name="git", operation="push", arguments={"branch": "b"})
    assert "does not provide it as IVersionControlProvider" in failure["message"]


def test_two_plugins_cannot_provide_the_same_name(server, provider):
    server.install(provider())
    refused = server.yesman("plugin", "install", str(provider("second")), "--yes")
    assert refused.returncode == 2
    assert "provides 'git', which plugin 'git-plugin' provides already" in refused.stderr


def test_users_are_shown_whose_powers_a_plugin_would_have(server, provider, consumer):
    first = server.yesman("plugin", "install", str(consumer("pass")), "--yes")
    assert "No plugin provides 'git' yet." in first.stderr
    second = server.yesman(
        "plugin", "install", str(provider(permissions=["system.execute:/usr/bin/git"])), "--yes"
    )
    assert "Its provider 'git' may be called by consumer, with what this plugin is granted." in second.stderr
    again = server.yesman("plugin", "install", str(consumer("pass  # anew")), "--yes")
    assert "acts with what plugin 'git-plugin' is granted: system.execute:/usr/bin/git." in again.stderr


def test_a_newcomer_does_not_answer_for_the_one_before(server, provider):
    server.install(provider(connect="raise RuntimeError('the old one')"))
    assert server.call("provider.check")[0]["state"] == "failed"
    server.call("plugin.remove", name="git-plugin", purge=True)
    server.install(provider(name="another"))
    (row,) = server.call("provider.list")
    assert (row["plugin"], row["state"], row["last_error"]) == ("another", "idle", None)
