"""The user's own configuration is read strictly, and only its limits are ever changed for the user."""

from __future__ import annotations

import pytest

from yesman.host.user_config import ConfigFile, UserConfig, with_limits
from yesman.model.errors import UsageError
from yesman.model.limits import MIB


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("roots: [~/projects, /srv]", ("~/projects", "/srv")),
        ("roots: []", ()),
        ("roots:\n  - /a b\n", ("/a b",)),
        ("{}", None),
        ("", None),
        ("# nothing yet\n\n", None),
    ],
)
def test_roots_are_read(path, text, roots):
    path.write_text(text)
    assert ConfigFile(path).read().roots == roots


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("limits: {demo: {memory: 2GB, cpu: 60s}}", {"demo": {"memory": 2 * 10**9, "cpu": 60.0}}),
        ("limits:\n  demo:\n    disk: none\n    nice: 0\n", {"demo": {"disk": 0, "nice": 0}}),
        ("limits: {a: {command: 1.5m}, b: {}}", {"a": {"command": 90.0}, "b": {}}),
        ("limits: {}", {}),
    ],
)
def test_limits_are_read(path, text, limits):
    path.write_text(text)
    assert ConfigFile(path).read().limits == limits


@pytest.mark.parametrize("where", ["keyring", "file"])
def test_where_secrets_go_is_read_and_outlives_a_change_of_limits(path, where):
    path.write_text(f"secrets: {where}\n")
    ConfigFile(path).change_limits("demo", {"memory": 512 * MIB}, ())
    assert ConfigFile(path).read().secrets == where


@pytest.mark.parametrize("text", ["secrets: plain", "secrets: [file]", "secrets: yes", "secrets:"])
def test_they_go_nowhere_else(path, text):
    path.write_text(text)
    with pytest.raises(UsageError, match="'secrets' must be 'keyring' or 'file'"):
        ConfigFile(path).read()


def test_no_file_means_that_nothing_was_chosen(path):
    assert ConfigFile(path).read() == UserConfig(None, {})


@pytest.mark.parametrize(
    "text",
    ["roots: /a", "roots: [a]", "roots: [3]", "root: [/a]", "- /a", "roots: [/a", "roots: [[/a]]", "a: &x b"],
)
def test_a_malformed_configuration_is_the_users_mistake(path, text):
    path.write_text(text)
    with pytest.raises(UsageError, match=r"config\.yaml"):
        ConfigFile(path).read()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n\nlimit: {}", r"config\.yaml:3: unknown key 'limit'; did you mean 'limits'"),
        (
            "limits:\n  demo:\n    memmory: 2GB",
            r"config\.yaml:3: unknown limit 'memmory'.*did you mean 'memory'",
        ),
        ("limits:\n  demo:\n    memory: 2", r"config\.yaml:3: '2' is no value for the limit 'memory'"),
        ("limits:\n  demo: {memory: [1]}", r"config\.yaml:2: the limit 'memory' must be one value"),
        ("limits:\n  demo: 2GB", r"config\.yaml:2: the limits of 'demo' must be names and values"),
        ("limits: 2GB", r"config\.yaml:1: 'limits' must hold plugins by name"),
        ("limits:\n  demo:\n    memory: 1kB", r"config\.yaml:3: the limit 'memory' cannot be '1kB'"),
        ("limits: {demo: {memory: none}}", r"config\.yaml:1: 'none' is no value"),
        ("limits: {demo: {cpu: -1s}}", r"config\.yaml:1: '-1s' is no value"),
        ("limits: {demo: {nice: 1.5}}", r"config\.yaml:1: '1.5' is no value"),
    ],
)
def test_a_mistake_in_limits_is_named_with_its_line(path, text, message):
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        ConfigFile(path).read()


def test_a_configuration_that_is_no_file_is_the_users_mistake(path):
    path.mkdir()
    with pytest.raises(UsageError, match=r"config\.yaml"):
        ConfigFile(path).read()


def test_a_changed_file_is_read_again(path):
    path.write_text("limits: {demo: {nice: 1}}")
    file = ConfigFile(path)
    assert file.read().limits == {"demo": {"nice": 1}}
    path.write_text("limits: {demo: {nice: 2}}\n")
    assert file.read().limits == {"demo": {"nice": 2}}
    path.unlink()
    assert file.read().limits == {}


AROUND = "# mine\nroots:  [~/projects]  # here\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "limits:\n  demo: {memory: 1GiB}\n"),
        (AROUND, f"{AROUND}limits:\n  demo: {{memory: 1GiB}}\n"),
        (AROUND.rstrip("\n"), f"{AROUND}limits:\n  demo: {{memory: 1GiB}}\n"),
        ("limits:\n  demo: {nice: 1}\n" + AROUND, f"{AROUND}limits:\n  demo: {{memory: 1GiB}}\n"),
        ("{}\n", "limits:\n  demo: {memory: 1GiB}\n"),
    ],
)
def test_only_the_limits_are_written_anew(before, after):
    changed = with_limits(before, {"demo": {"memory": 1024 * MIB}})
    assert changed.replace("# mine\n", "") == after.replace("# mine\n", "")


def test_limits_are_set_and_unset_one_by_one(path):
    path.write_text(AROUND + "limits:\n  other: {nice: 3}\n")
    file = ConfigFile(path)
    file.change_limits("demo", {"memory": 1024 * MIB, "cpu": 90.0}, ())
    assert file.read().limits == {"other": {"nice": 3}, "demo": {"memory": 1024 * MIB, "cpu": 90.0}}
    file.change_limits("demo", {}, ("memory", "cpu"))
    assert file.read().limits == {"other": {"nice": 3}}
    assert path.read_text() == AROUND + "limits:\n  other: {nice: 3}\n"


def test_the_last_limit_leaves_nothing_behind(path):
    file = ConfigFile(path)
    file.change_limits("demo", {"nice": 0}, ())
    file.change_limits("demo", {}, ("nice",))
    assert file.read() == UserConfig(None, {})
    file.change_limits("demo", {"nice": 0}, ())
    assert file.read().limits == {"demo": {"nice": 0}}


@pytest.mark.parametrize(
    "text", ["{roots: [/a], limits: {demo: {nice: 1}}}", "{roots: [/a],\n limits: {demo: {nice: 1}}}"]
)
def test_what_cannot_be_changed_in_place_is_left_to_the_user(path, text):
    path.write_text(text)
    with pytest.raises(UsageError, match="cannot be changed here"):
        ConfigFile(path).change_limits("demo", {"nice": 0}, ())
    assert path.read_text() == text


def test_a_link_to_the_file_stays_a_link(path, tmp_path):
    (tmp_path / "dotfiles").mkdir()
    path.symlink_to(tmp_path / "dotfiles/config.yaml")
    ConfigFile(path).change_limits("demo", {"nice": 0}, ())
    assert path.is_symlink()
    assert ConfigFile(path).read().limits == {"demo": {"nice": 0}}
