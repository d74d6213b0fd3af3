"""What can never be granted, what scopes mean, and what every plugin gets."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.limits import Limits
from yesman.model.permissions import parse_permission
from yesman.runtime.grants_policy import (
    SECRETS,
    TRUST,
    Machine,
    Places,
    decide,
    expand,
    refused_scopes,
    why_refused,
)

if TYPE_CHECKING:
    from yesman.sandbox.policy import Policy

PLACES = Places("/s/code", "/s/env", "/s/data", "/s/tmp")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    home = tmp_path.resolve() / "home"
    for name in (".ssh", "projects/one", "projects/two", ".local/bin", "bin"):
        (home / name).mkdir(parents=True)
    return Machine(str(home), str(home / ".yesman"), ("/usr/bin", str(home / "bin")), (("TZ", "UTC"),))


def granted(machine: Machine, *texts: str, roots: tuple[str, ...] = ()) -> Policy:
    return decide("p", PLACES, tuple(parse_permission(text) for text in texts), roots, machine)


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_never_granted(machine, name, writes):
    secret = f"{machine.home}/{name}"
    assert "never granted" in why_refused(secret, machine, writes=writes)
    assert "never granted" in why_refused(f"{secret}/inside", machine, writes=writes)


@pytest.mark.parametrize("below", ["", "/one", "/one/two.jsonl"])
def test_logs_of_an_agent_are_read_where_a_permission_names_them(machine, below):
    scope = f"~/.claude/projects{below}"
    path = expand(scope, machine)
    assert granted(machine, f"filesystem.read:{scope}").read == (path,)
    assert refused_scopes([parse_permission(f"filesystem.write:{scope}")], machine)
    assert granted(machine, f"filesystem.write:{scope}").write == ()
    assert granted(machine, "filesystem.read", roots=(path,)).read == ()


@pytest.mark.parametrize("state", [".claude/projects/yesman", ".claude/projects", ".claude"])
def test_what_is_said_to_claude_code_is_not_opened_where_our_state_lies_with_it(machine, state):
    Path(machine.home, ".claude/projects").mkdir(parents=True)
    machine = dataclasses.replace(machine, state=f"{machine.home}/{state}")
    assert granted(machine, "filesystem.read:~/.claude/projects").read == ()


@pytest.mark.parametrize("scope", ["~/.claude", "~/.claude/projects2", "~/.claude/.credentials.json", "~"])
def test_nothing_beside_an_agents_logs_is_read(machine, scope):
    assert granted(machine, f"filesystem.read:{scope}").read == ()


def test_a_link_in_the_place_of_an_agents_logs_is_refused(machine):
    logs = Path(machine.home, ".claude", "projects")
    logs.parent.mkdir()
    logs.symlink_to(Path(machine.home, ".ssh"))
    assert granted(machine, "filesystem.read:~/.claude/projects").read == ()


@pytest.mark.parametrize(
    "path", ["/proc", "/proc/1/environ", "/sys", "/dev/mem", "/run/user/0", "/etc/shadow"]
)
def test_places_of_the_system_are_never_granted(machine, path):
    assert why_refused(path, machine, writes=False)


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/root", "{home}", "{home}/.config", "{home}/.local", "{home}/.."]
)
def test_a_folder_that_contains_a_secret_is_refused_whole(machine, path):
    full = expand(path.format(home=machine.home), machine)
    assert why_refused(full, machine, writes=False)


def test_yesmans_own_state_is_never_granted(machine):
    assert why_refused(f"{machine.state}/plugins/other", machine, writes=False)


@pytest.mark.parametrize("path", ["/usr/bin", "/usr/bin/git", "{home}/bin", "{home}/bin/sub"])
def test_folders_that_programs_start_from_may_be_read_but_not_written(machine, path):
    full = path.format(home=machine.home)
    assert "programs" in why_refused(full, machine, writes=True)
    assert why_refused(full, machine, writes=False) == ""


@pytest.mark.parametrize(
    "path", ["/usr/lib/python3", "/etc/cron.d", "/lib", "/usr", "{home}/.bashrc", "{home}/.config/x"]
)
def test_what_decides_what_programs_do_is_not_written(machine, path):
    assert "decide" in why_refused(path.format(home=machine.home), machine, writes=True) or path in {
        "/lib",
        "/usr",
    }
    assert why_refused(path.format(home=machine.home), machine, writes=True)


def test_a_link_is_not_granted_by_its_name(machine):
    link = f"{machine.home}/projects/link"
    Path(link).symlink_to(f"{machine.home}/.ssh")
    assert "symbolic link" in why_refused(link, machine, writes=False)


def test_names_that_only_begin_alike_are_different_folders(machine):
    assert why_refused(f"{machine.home}/.sshfs", machine, writes=False) == ""
    assert why_refused("/procfs", machine, writes=False) == ""


def test_a_scoped_grant_opens_its_path_and_no_other(machine):
    policy = granted(machine, "filesystem.read:~/projects/one")
    assert (policy.read, policy.write) == ((f"{machine.home}/projects/one",), ())


def test_reading_and_writing_are_separate_grants(machine):
    policy = granted(machine, "filesystem.write:~/projects/one", "filesystem.read:~/projects/two")
    assert policy.read == (f"{machine.home}/projects/two",)
    assert policy.write == (f"{machine.home}/projects/one",)


def test_the_bare_form_means_the_roots(machine):
    roots = (f"{machine.home}/projects/one", "~/projects/two")
    policy = granted(machine, "filesystem.read", roots=roots)
    assert policy.read == tuple(f"{machine.home}/projects/{name}" for name in ("one", "two"))


def test_a_root_that_holds_secrets_is_left_out(machine):
    policy = granted(machine, "filesystem.read", roots=(machine.home, f"{machine.home}/projects"))
    assert policy.read == (f"{machine.home}/projects",)


def test_without_a_filesystem_grant_roots_open_nothing(machine):
    policy = granted(machine, "session.read", "network.external", roots=(f"{machine.home}/projects",))
    assert (policy.read, policy.write) == ((), ())


@pytest.mark.parametrize(("scope", "expected"), [("~", ""), ("~/a/../b", "/b"), ("~/x/", "/x")])
def test_a_tilde_means_the_home_folder(machine, scope, expected):
    assert expand(scope, machine) == machine.home + expected


def test_another_users_tilde_is_not_the_home_folder(machine):
    assert not expand("/srv/~/x", machine).startswith(machine.home)


def test_what_is_refused_is_told_with_its_reason(machine):
    asked = [
        parse_permission(t) for t in ("filesystem.read:~/.ssh", "filesystem.read:~/projects", "session.read")
    ]
    refused = refused_scopes(asked, machine)
    assert list(refused) == ["filesystem.read:~/.ssh"]
    assert refused["filesystem.read:~/.ssh"].endswith("never granted")


def test_the_environment_is_made_from_nothing(machine, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment = granted(machine).environment
    assert environment["HOME"] == PLACES.data
    assert environment["TMPDIR"] == PLACES.tmp
    assert environment["TZ"] == "UTC"
    assert "AWS_SECRET_ACCESS_KEY" not in environment


def test_plugins_trust_other_authorities_only_where_the_machine_says_so(machine, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/home/me/mine.pem")
    assert not set(TRUST) & set(granted(machine).environment)
    policy = granted(dataclasses.replace(machine, authorities="/tests/own.pem"))
    assert {policy.environment[name] for name in TRUST} == {"/tests/own.pem"}
    assert set(policy.read) - set(granted(machine).read) == {"/tests/own.pem"}
    assert policy.write == granted(machine).write


def test_limits_are_passed_on(machine):
    limits = dataclasses.replace(Limits(), open_files=64)
    assert decide("p", PLACES, (), (), machine, limits=limits).limits.open_files == 64


@given(st.text("./~ab", max_size=12), st.booleans())
def test_no_spelling_of_a_path_opens_a_secret(text, writes):
    machine = Machine("/nowhere/h", "/nowhere/h/.yesman", ())
    path = expand(f"/nowhere/h/.ssh/{text}", machine)
    if path == "/nowhere/h/.ssh" or path.startswith("/nowhere/h/.ssh/"):
        assert why_refused(path, machine, writes=writes)
