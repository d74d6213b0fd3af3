"""uv asks the index the user means, and gets nothing else from the user's environment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import UsageError
from yesman.package.index_files import pip_files, user_settings, uv_files
from yesman.package.index_settings import SYSTEM_CERTIFICATES, IndexSettings, index_settings


def settings(environ=None, pip=(), uv=(), existing=()):
    return index_settings(environ or {}, pip, uv, exists=set(existing).__contains__)


def test_pips_variables_are_translated():
    found = settings(
        {
            "PIP_INDEX_URL": "https://a/simple",
            "PIP_EXTRA_INDEX_URL": "https://b/simple  https://c/simple",
            "PIP_FIND_LINKS": "/wheels https://d/links",
            "PIP_CERT": "/ca.pem",
            "PIP_TRUSTED_HOST": "a",
            "PIP_DEFAULT_TIMEOUT": "60",
            "PIP_PROXY": "http://p:3128",
        },
        existing=["/wheels"],
    )
    assert found.env == {
        "UV_DEFAULT_INDEX": "https://a/simple",
        "UV_INDEX": "https://b/simple https://c/simple",
        "UV_FIND_LINKS": "/wheels,https://d/links",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INSECURE_HOST": "a",
        "UV_HTTP_TIMEOUT": "60",
        "HTTP_PROXY": "http://p:3128",
        "HTTPS_PROXY": "http://p:3128",
    }


def test_pip_conf_is_read_as_pip_reads_it():
    machine = "[global]\nindex-url = https://a\nextra_index_url = https://x\n"
    user = "[global]\nindex-url = https://b\n[install]\nextra-index-url =\n  https://y\n  https://z\n"
    user += "[list]\nindex-url = https://q\n"
    found = settings({"PIP_INDEX_URL": ""}, [machine, user])
    assert found.env == {"UV_DEFAULT_INDEX": "https://b", "UV_INDEX": "https://y https://z"}
    assert settings({"PIP_INDEX_URL": "https://c"}, [user]).env["UV_DEFAULT_INDEX"] == "https://c"


def test_no_index_becomes_an_argument():
    assert settings({"PIP_NO_INDEX": "1"}).arguments == ("--no-index",)
    assert settings({}, ["[global]\nno-index = true\n"]).arguments == ("--no-index",)
    assert settings({"PIP_NO_INDEX": "0"}) == IndexSettings({})


def test_places_of_links_that_are_missing_are_left_out():
    links = "/gone relative file:///gone file:///here%20too /here ~/mine"
    found = settings({"HOME": "/h", "PIP_FIND_LINKS": links}, existing=["/here", "/here too", "/h/mine"])
    assert found.env["UV_FIND_LINKS"] == "file:///here%20too,/here,/h/mine"


@pytest.mark.parametrize(
    "name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"]
)
def test_whoever_told_uv_about_indexes_gets_only_those(name):
    pip = {"PIP_INDEX_URL": "https://pip", "PIP_EXTRA_INDEX_URL": "https://pip", "PIP_NO_INDEX": "1"}
    found = settings(pip | {name: "https://uv"})
    assert set(found.env.values()) == {"https://uv"}
    assert found.arguments == ()


def test_only_what_uv_toml_says_about_indexes_and_trust_is_taken():
    toml = """
no-binary-package = ["evil"]
index-strategy = "unsafe-best-match"
system-certs = true
[[index]]
name = "corp"
url = "https://corp"
default = true
[[index]]
url = "https://pinned"
explicit = true
[pip]
target = "/"
no-binary = ["evil"]
find-links = ["/a", "/b"]
"""
    assert settings({}, ["[global]\nindex-url=https://pip\n"], [toml]) == IndexSettings(
        {
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_SYSTEM_CERTS": "true",
            "UV_DEFAULT_INDEX": "corp=https://corp",
            "UV_FIND_LINKS": "/a,/b",
        }
    )


def test_index_credentials_given_by_name_are_passed_on():
    given_by_user = {"UV_INDEX_CORP_USERNAME": "me", "UV_INDEX_CORP_PASSWORD": "secret"}
    assert settings(given_by_user | {"UV_PUBLISH_TOKEN": "no"}).env == given_by_user


def test_a_certificate_the_machines_owner_installed_counts_unless_one_is_named():
    bundle = [SYSTEM_CERTIFICATES[0]]
    assert settings({}, existing=bundle).env == {"UV_SYSTEM_CERTS": "true"}
    assert settings({"UV_SYSTEM_CERTS": "false"}, existing=bundle).env == {"UV_SYSTEM_CERTS": "false"}
    assert settings({"PIP_CERT": "/ca"}, existing=bundle).env == {"SSL_CERT_FILE": "/ca"}


@pytest.mark.parametrize(
    "name",
    [
        *("PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX"),
        *("LD_PRELOAD", "LD_LIBRARY_PATH", "PIP_TARGET", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT"),
        *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE", "UV_PYTHON"),
        *("UV_NO_VERIFY_HASHES", "UV_LINK_MODE", "UV_COMPILE_BYTECODE", "UV_WORKING_DIR", "UV_SYSTEM_PYTHON"),
    ],
)
def test_what_could_redirect_uv_is_never_passed_on(name):
    assert settings({name: "/x", f"PIP_{name}": "/x"}) == IndexSettings({})


@given(
    st.dictionaries(st.text(st.characters(categories=["Lu"]) | st.just("_"), min_size=1), st.text(min_size=1))
)
def test_no_unknown_variable_gets_through(environ):
    known = ("UV_", "PIP_", "SSL_", "HOME", "PATH", "TMPDIR", "XDG_", "NETRC", "HTTP", "ALL_", "NO_")
    assert not {name for name in settings(environ).env if not name.startswith(known)}


def test_malformed_files_are_the_users_to_correct():
    with pytest.raises(UsageError, match=r"pip\.conf cannot be read"):
        settings({}, ["index-url = x\n"])
    with pytest.raises(UsageError, match=r"uv\.toml cannot be read"):
        settings({}, (), ["x ="])


def test_files_are_found_where_pip_and_uv_look(tmp_path):
    environ = {"HOME": "/h", "XDG_CONFIG_DIRS": "/xdg"}
    assert [str(path) for path in pip_files(environ)] == [
        "/xdg/pip/pip.conf",
        "/etc/pip.conf",
        "/h/.pip/pip.conf",
        "/h/.config/pip/pip.conf",
    ]
    assert str(uv_files(environ)[-1]) == "/h/.config/uv/uv.toml"
    named = tmp_path / "mine.conf"
    named.touch()
    assert pip_files(environ | {"PIP_CONFIG_FILE": str(named)})[-1] == named
    assert pip_files({"PIP_CONFIG_FILE": "/dev/null"}) == []
    assert uv_files(environ | {"UV_NO_CONFIG": "1"}) == []


def test_the_users_own_file_is_read(tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://mine\n")
    environ = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "UV_NO_CONFIG": "1"}
    assert user_settings(environ).env["UV_DEFAULT_INDEX"] == "https://mine"
