"""Which settings are secrets."""

from __future__ import annotations

import pytest

from yesman.model.config_schema import ConfigSchema, Property
from yesman.model.errors import AuthorError
from yesman.model.manifest import as_data, from_data, parse_manifest


def read(rows: str):
    return parse_manifest(f"name: demo\nversion: 1.0.0\nconfig:\n  properties:\n{rows}".encode())


@pytest.mark.parametrize(
    "name",
    [
        "token", "github_token", "githubToken", "GITHUB-TOKEN", "apikey", "api-key", "API_KEY",
        "client_secret", "clientSecret", "password", "dbPassword", "key", "token_", "private-key-",
    ],
)  # fmt: skip
def test_a_name_that_ends_like_a_secret_means_one(name):
    assert Property(name=name, type="string").is_secret
    assert not Property(name=name, type="string", secret=False).is_secret


@pytest.mark.parametrize(
    "name", ["tokens", "max_tokens", "token_file", "keyboard", "keys", "secretary", "passwords", "branch"]
)
def test_other_names_do_not_and_the_author_may_say_so(name):
    assert not Property(name=name, type="string").is_secret
    assert Property(name=name, type="string", secret=True).is_secret


@pytest.mark.parametrize(
    ("written", "meant"), [("", None), (", secret: true", True), (", secret: false", False)]
)
def test_the_manifest_says_it_and_the_registry_keeps_it(written, meant):
    manifest = read(f"    api_key: {{type: string{written}}}\n")
    assert manifest.config.properties[0].secret is meant
    assert from_data(as_data(manifest)) == manifest


def test_records_of_earlier_versions_are_judged_by_the_name():
    data = as_data(read("    api_key: {type: string}\n    branch: {type: string}\n"))
    for row in data["config"]["properties"]:
        del row["secret"]
    schema = from_data(data).config
    assert (schema.secrets, schema.plain) == ({"api_key"}, ("branch",))


def test_anything_but_yes_and_no_is_refused():
    with pytest.raises(AuthorError, match="secret"):
        read("    api_key: {type: string, secret: maybe}\n")


def test_no_message_repeats_a_secret():
    schema = ConfigSchema((Property(name="api_key", type="integer"),))
    with pytest.raises(Exception, match="api_key") as caught:
        schema.parse_text("api_key", "hunter2")
    assert "hunter2" not in str(caught.value)
