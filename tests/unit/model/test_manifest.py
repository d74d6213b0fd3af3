"""plugin.yaml: what it means, and that each mistake is one sentence with line, key and near miss."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from yesman.model.errors import AuthorError, UsageError, VerificationError
from yesman.model.manifest import Activation, Manifest, as_data, check_host_version, from_data, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    Refusal = Callable[[str, str], str]


# What is replaced in the whole manifest, by what, and the line and words of the refusal.
MISTAKES = [
    (
        "- session.read",
        "- sesion.read",
        28,
        "permission 'sesion.read' in 'permissions[0]'; did you mean 'session.read'",
    ),
    ("- session.read", "- filesystem.read: ~/x", 28, "Write 'filesystem.read:SCOPE'"),
    ("    reason: The", "    why: The", 30, "unknown key 'why' in 'permissions[1]'"),
    ("permissions:", "permisions:", 27, "unknown key 'permisions'; did you mean 'permissions'?"),
    (
        "min_version",
        "min-version",
        10,
        "unknown key 'min-version' in 'yesman'; did you mean 'min_version'?",
    ),
    ("- hooks:", "- hook:", 18, "unknown key 'hook' in 'provides[1]'; did you mean 'hooks'?"),
    ("handler: show", "handlr: show", 17, "in 'provides[0].commands[0]'; did you mean 'handler'?"),
    ("minLength", "minlenght", 37, "in 'config.properties.folder'; did you mean 'minLength'?"),
    (
        "items: {type: string",
        "items: {typ: string",
        45,
        "'config.properties.tags.items'; did you mean 'type'?",
    ),
    ("on_startup", "on_start", 48, "unknown key 'on_start' in 'activation'"),
    (
        'version: "1.2"',
        "version: 1.2",
        2,
        "'version' must be text, but is the number 1.2. Quote it: \"1.2\"",
    ),
    ('version: "1.2"', "version: [1]", 2, "'version' must be text, but is a list"),
    ("license: MIT", "license:", 8, "'license' must be text, but is empty"),
    (
        "on_startup: true",
        "on_startup: yes",
        48,
        "must be true or false, but is the text 'yes'; did you mean 'true'",
    ),
    ("  - jinja2>=3.1", "  jinja2: 3", 26, "unknown key 'jinja2' in 'dependencies'"),
    ("dependencies:\n  - jinja2>=3.1", "dependencies: jinja2", 25, "'dependencies' must be a list"),
    ("name: session-diary\n", "", 1, "missing key 'name'"),
    ("        interface: IProvider\n", "", 23, "missing key 'interface' in 'provides[2].providers[0]'"),
    (
        "name: session-diary",
        "name: Session_Diary",
        1,
        "not a valid plugin name; did you mean 'session-diary'?",
    ),
    ("name: session-diary", "name: ../x", 1, "not a valid plugin name"),
    ('version: "1.2"', "version: 1.x", 2, "'1.x' in 'version' is not a version"),
    ("max_version: 1.0.0", "max_version: 0.1.0", 10, "min_version 0.11.0 is above max_version 0.1.0"),
    ("jinja2>=3.1", "jinja2=3.1", 26, "'jinja2=3.1' in 'dependencies[0]'; did you mean 'jinja2==3.1'?"),
    ("jinja2>=3.1", "jinja2 => 3.1", 26, "did you mean 'jinja2 >= 3.1'?"),
    ("jinja2>=3.1", "jinja2 @ https://example.org/j.whl", 26, "names a URL in 'dependencies[0]'"),
    ("jinja2>=3.1", "./jinja2", 26, "bad dependency specifier"),
    ("jinja2>=3.1", "--index-url=https://example.org", 26, "bad dependency specifier"),
    ("type: hook", "type: hok", 12, "unknown plugin type 'hok' in 'type'; did you mean 'hook'?"),
    ("license: MIT", "name: x", 8, "duplicate key 'name', first on line 1"),
    ("license: MIT", "license: &a MIT", 8, "anchors and aliases are refused in 'license'"),
    ("- name: session.created", "- name: session.create", 19, "unknown event 'session.create'"),
    ("- name: pane.*", "- name: pan.*", 21, "did you mean 'pane.*'?"),
    ("- name: pane.*", "- name: session.created", 21, "the hook 'session.created' is declared twice"),
    ("handler: show", "handler: a.b", 17, "not a valid handler name"),
    ("https://example.org/diary", "javascript:x", 7, "not a valid web address"),
    ("The diary lies there", "x" * 501, 30, "more than the 500 allowed"),
    ("The diary lies there", '"a\\tb"', 30, "must be one line"),
    ("The diary lies there", '"\\u202e"', 30, "U+202E is refused"),
    ("required: [folder]", "required: [foldr]", 33, "did you mean 'folder'?"),
    ("default: 3", "default: 30", 42, "'config.properties.depth.default' must be at most 9"),
    ("default: 3", "default: x", 42, "'config.properties.depth.default' must be a whole number"),
    ("minimum: 1", "minimum: 10", 40, "'minimum' in 'config.properties.depth' is above 'maximum'"),
    ("minLength: 1", "minimum: 1", 37, "means nothing for the type 'string'"),
    ("minLength: 1", "default:", 37, "must be text"),
    ("minLength: 1", "minLength: -1", 37, "must be a whole number of at least 0"),
    ("minimum: 1", "minimum: x", 40, "must be a number, but is the text 'x'"),
    ("enum: [work, play]", "enum: []", 45, "'config.properties.tags.items.enum' is empty"),
    ("  - hooks:", "    hooks:", 14, "'provides[0]' must have one key, but has 2"),
    (
        "- session.read",
        "- filesystem.write:~/diary",
        29,
        "the permission 'filesystem.write:~/diary' is listed twice",
    ),
    ("jinja2>=3.1", "jinja2; " + "(" * 90, 26, "bad dependency specifier"),
    ("license: MIT", "license: 12", 8, 'Quote it: "12"'),
    ("minLength: 1", "enum: [1]", 37, 'Quote it: "1"'),
    ("    folder:\n", "    the folder:\n", 35, "not a valid setting name"),
]


def test_the_plans_example_parses_verbatim(plan_text: str) -> None:
    (example,) = re.findall(r"```yaml\n(# plugin\.yaml\n.*?)```", plan_text, re.DOTALL)
    manifest = parse_manifest(example.encode(), host="0.11.0")
    assert (manifest.name, manifest.version, manifest.type) == ("github-integration", "1.0.0", "integration")
    assert [command.name for command in manifest.commands] == ["gh-create-pr", "gh-sync"]
    assert {hook.name: hook.handler for hook in manifest.hooks}["session.closed"] == "on_session_closed"
    assert [provider.interface for provider in manifest.providers] == ["IVersionControlProvider"]
    assert manifest.dependencies == ("pygithub>=1.55", "gitpython>=3.1.0")
    assert str(manifest.permissions[0]) == "network.external"
    assert manifest.config.missing({}) == ("github_token",)
    assert manifest.config.check({}) == {"default_branch": "main"}


def test_every_key_is_read(whole: str) -> None:
    manifest = parse_manifest(whole.encode())
    assert manifest.description == "Keeps a diary of sessions"
    assert (manifest.min_version, manifest.max_version) == ("0.11.0", "1.0.0")
    assert manifest.commands[0].handler == "show"
    assert [hook.name for hook in manifest.hooks] == ["session.created", "pane.*"]
    assert str(manifest.permissions[1]) == "filesystem.write:~/diary"
    assert manifest.permissions[1].reason == "The diary lies there"
    assert manifest.config.missing({}) == ("folder",)
    assert manifest.config.check({}) == {"depth": 3, "tags": ["work"]}
    assert manifest.activation == Activation(on_startup=True)


def test_name_and_version_are_enough() -> None:
    assert parse_manifest(b"name: a\nversion: 1.0.0\n") == Manifest(name="a", version="1.0.0")


@pytest.mark.parametrize(("old", "new", "line", "part"), MISTAKES)
def test_each_mistake_is_one_sentence_with_its_line(
    refusal: Refusal, old: str, new: str, line: int, part: str
) -> None:
    sentence = refusal(old, new)
    assert sentence.startswith(f"plugin.yaml:{line}: ")
    assert part in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("file", [b"- a\n", b"just text\n", b"5\n", b"~\n"])
def test_a_file_that_is_no_map_is_the_authors_error(file: bytes) -> None:
    with pytest.raises(AuthorError, match="the file must be a map of keys and values"):
        parse_manifest(file)


@pytest.mark.parametrize("name", ["--json", "-x", "Run", "a_b", "a b", "ünder", "x" * 65, ""])
def test_a_command_name_can_be_no_option_and_no_surprise(refusal: Refusal, name: str) -> None:
    assert "provides[0].commands[0].name" in refusal(
        "- name: diary\n        description", f'- name: "{name}"\n        description'
    )


@pytest.mark.parametrize("name", ["plugin.*", "plugin.crashed", "plugin.notes.saved", '"*"', "session.*"])
def test_hooks_may_use_wildcards_and_other_plugins_events(whole: str, name: str) -> None:
    manifest = parse_manifest(whole.replace("name: pane.*", f"name: {name}").encode())
    assert manifest.hooks[1].name == name.strip('"')


@pytest.mark.parametrize(
    ("host", "fits"), [("0.10.9", False), ("0.11.0", True), ("1.0.0", True), ("1.0.1", False)]
)
def test_the_host_range_is_inclusive(whole: str, host: str, fits: bool) -> None:  # noqa: FBT001 - a data row
    manifest = parse_manifest(whole.encode())
    if fits:
        check_host_version(manifest, host)
        assert parse_manifest(whole.encode(), host=host) == manifest
        return
    with pytest.raises(UsageError, match=r"'session-diary' 1\.2 needs yesman 0\.11\.0 to 1\.0\.0"):
        check_host_version(manifest, host)
    with pytest.raises(UsageError, match=r"^plugin\.yaml:9: "):
        parse_manifest(whole.encode(), host=host)


def test_the_registry_gives_back_the_same_manifest(whole: str) -> None:
    manifest = parse_manifest(whole.encode())
    assert from_data(msgspec.json.decode(msgspec.json.encode(as_data(manifest)))) == manifest


@pytest.mark.parametrize(
    "record", [{}, {"name": 1}, {"name": "a", "version": "1", "permissions": [{"name": "root"}]}]
)
def test_a_damaged_record_is_named_as_such(record: dict[str, object]) -> None:
    with pytest.raises(VerificationError, match="the recorded manifest cannot be read"):
        from_data(record)


@pytest.mark.parametrize("name", ["yesman", "host", "user", "yesman-update"])
def test_a_name_that_stands_for_others_is_refused(name):
    with pytest.raises(AuthorError, match="a name of yesman's own"):
        parse_manifest(f"name: {name}\nversion: 1.0.0\n".encode())
