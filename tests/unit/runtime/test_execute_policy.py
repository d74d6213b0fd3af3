"""Which programs a grant means, and that nothing is both written and executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.model.permissions import parse_permission
from yesman.runtime.grants_policy import COMMANDS, Machine, Places, decide, refused_scopes, why_not_executed
from yesman.sandbox.policy import Policy


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for name in ("home/tools", "home/.yesman", "home/.ssh", "plugin/code", "plugin/site", "plugin/data"):
        (tmp_path / name).mkdir(parents=True)
    home = str(tmp_path.resolve() / "home")
    return Machine(home, f"{home}/.yesman", ("/usr/bin",))


def granted(machine: Machine, *texts: str) -> Policy:
    plugin = Path(machine.home).parent / "plugin"
    places = Places(*(str(plugin / name) for name in ("code", "site", "data", "tmp")))
    return decide("p", places, tuple(map(parse_permission, texts)), (), machine)


def test_without_the_grant_nothing_is_executed(machine):
    assert granted(machine, "filesystem.read:~/tools").execute == ()


def test_a_scope_is_that_program_or_folder(machine):
    policy = granted(machine, "system.execute:/usr/bin/env", f"system.execute:{machine.home}/tools")
    assert set(policy.execute) == {"/usr/bin/env", f"{machine.home}/tools"}


def test_the_bare_form_is_the_systems_programs_and_the_plugins_own(machine):
    policy = granted(machine, "system.execute")
    real = {str(Path(folder).resolve()) for folder in COMMANDS}
    assert set(policy.execute) == real | {policy.code, policy.packages}


def test_a_link_of_the_system_is_followed(machine):
    assert granted(machine, "system.execute:/bin/sh").execute == (str(Path("/bin/sh").resolve()),)


def test_a_link_of_anybody_else_is_not(machine):
    link = Path(machine.home) / "link"
    link.symlink_to("/usr/bin/env")
    assert "symbolic link" in why_not_executed(str(link), machine, ())


@pytest.mark.parametrize("scope", ["{home}/.ssh", "{home}/.yesman/plugins/x", "/proc/self/exe", "{home}"])
def test_what_is_never_granted_is_never_executed(machine, scope):
    assert why_not_executed(scope.format(home=machine.home), machine, ())


@pytest.mark.parametrize("written", ["{home}/tools", "{home}/tools/deep"])
@pytest.mark.parametrize("executed", ["{home}/tools", "{home}/tools/deep", "{home}/tools/deep/program"])
def test_what_is_written_is_not_executed(machine, written, executed):
    (Path(machine.home) / "tools/deep").mkdir(exist_ok=True)
    texts = [f"filesystem.write:{written}", f"system.execute:{executed}"]
    texts = [text.format(home=machine.home) for text in texts]
    assert granted(machine, *texts).execute == ()
    told = refused_scopes(map(parse_permission, texts), machine)
    assert list(told) == [texts[1]]
    assert "would choose what to execute" in told[texts[1]]


def test_own_files_that_may_be_written_are_not_executed(machine):
    code = granted(machine).code
    assert code not in granted(machine, "system.execute", f"filesystem.write:{code}").execute


def test_its_own_data_is_not_executed(machine):
    data = granted(machine).data
    assert granted(machine, f"system.execute:{data}").execute == ()


def test_executing_less_needs_a_restart(machine):
    wide, narrow = granted(machine, "system.execute"), granted(machine)
    assert not narrow.allows_all_of(wide)
    assert wide.allows_all_of(narrow)
    assert Policy.from_data(wide.as_data()) == wide
