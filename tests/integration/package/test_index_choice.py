"""Which index is asked, and what is said when it has no answer."""

from __future__ import annotations

import asyncio
import io
import subprocess
import tarfile

import pytest
from uv import find_uv_bin

from yesman.model.errors import AuthorError, RemoteError
from yesman.package import Environments


def quiet(_line):
    """Take a progress line and say nothing."""


@pytest.fixture
def with_settings(root, environ, python):
    """Make environments for a user with these settings instead of the folder of wheels."""

    def make(**settings):
        plain = {name: environ[name] for name in ("HOME", "PATH", "PIP_CONFIG_FILE")}
        return Environments(root, root.parent / "cache", python, environ=plain | settings)

    return make


async def test_an_extra_index_may_lack_packages_and_a_folder_of_links_may_be_missing(
    house, served, with_settings, tmp_path
):
    house.add("alpha")
    (tmp_path / "extra" / "other").mkdir(parents=True)
    environments = with_settings(
        PIP_INDEX_URL=served.url,
        PIP_EXTRA_INDEX_URL=f"{(tmp_path / 'extra').as_uri()} {(tmp_path / 'gone').as_uri()}",
        PIP_FIND_LINKS=str(tmp_path / "gone"),
    )
    made = await environments.ensure(("alpha",), report=quiet)
    assert made.packages == ("alpha==1.0",)


async def test_pip_conf_in_the_users_home_is_respected(house, served, with_settings, tmp_path):
    house.add("alpha")
    folder = tmp_path / "home" / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(f"[global]\nindex-url = {served.url}\n")
    environments = with_settings(PIP_CONFIG_FILE="", UV_HTTP_RETRIES="0")
    made = await environments.ensure(("alpha",), report=quiet)
    assert made.packages == ("alpha==1.0",)


CASES = {
    "nosuch>=1": (AuthorError, "no package 'nosuch'"),
    "needs-nosuch": (AuthorError, r"no package 'nosuch' \(which 'needs-nosuch' depends on\)"),
    "sourceonly": (AuthorError, "'sourceonly\\S*' has no wheel"),
    "elsewhere": (AuthorError, "'elsewhere\\S*' has no wheel"),
    "old>=9": (AuthorError, "No version satisfies 'old>=9': only 'old"),
    "old==9": (AuthorError, "There is no 'old==9'"),
    "old>3,<4": (AuthorError, "No version satisfies 'old>3,<4'"),
    "future": (AuthorError, "'future\\S*' does not support this version of Python"),
    "left right": (AuthorError, "versions conflict: .*right"),
    "damaged": (RemoteError, "damaged file for 'damaged"),
}


@pytest.mark.parametrize("requirements", CASES)
async def test_what_cannot_be_installed_is_named_in_one_sentence(house, environments, root, requirements):
    house.add("needs_nosuch", requires=["nosuch"])
    house.add("old")
    house.add("future", python=">=3.99")
    house.add("left", requires=["old==1"])
    house.add("right", requires=["old==2"])
    house.add("elsewhere", tag="cp39-cp39-win_amd64")
    (house.folder / "sourceonly-1.0.tar.gz").write_bytes(b"")
    (house.folder / "damaged-1.0-py3-none-any.whl").write_bytes(b"no zip")
    kind, message = CASES[requirements]
    with pytest.raises(kind, match=message) as caught:
        await environments.ensure(tuple(requirements.split()), report=quiet)
    assert caught.value.next_step
    assert not list(root.iterdir())


@pytest.mark.parametrize(
    ("status", "message"), [(500, "cannot be reached"), (401, "credentials"), (403, "credentials")]
)
async def test_an_index_that_refuses_or_fails_is_not_the_authors_fault(
    house, served, over_http, status, message
):
    house.add("alpha")
    served.status = status
    with pytest.raises(RemoteError, match=message):
        await over_http.ensure(("alpha",), report=quiet)


async def test_an_index_that_is_not_there_cannot_be_reached(with_settings):
    environments = with_settings(PIP_INDEX_URL="http://127.0.0.1:1/simple", UV_HTTP_RETRIES="0")
    with pytest.raises(RemoteError, match=r"cannot be reached: .*Connection refused"):
        await environments.ensure(("alpha",), report=quiet)


def add_source_distribution(house, marker):
    """A source distribution whose build leaves a mark."""
    backend = f"open({str(marker)!r}, 'w').close()\nraise SystemExit\n"
    project = '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
    meta = "Metadata-Version: 2.1\nName: source\nVersion: 1.0\nDynamic: Requires-Dist\n"
    file = house.folder / "source-1.0.tar.gz"
    with tarfile.TarFile.open(file, "w:gz") as archive:
        for name, text in (("b.py", backend), ("pyproject.toml", project), ("PKG-INFO", meta)):
            entry = tarfile.TarInfo(f"source-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))


@pytest.mark.escape("environment")
async def test_not_even_the_users_own_uv_toml_makes_a_build_happen(
    house, environments, environ, python, tmp_path
):
    marker = tmp_path / "built"
    add_source_distribution(house, marker)
    settings = tmp_path / "home" / ".config" / "uv"
    settings.mkdir(parents=True)
    toml = f'no-binary-package = ["source"]\nno-index = true\nfind-links = ["{house.folder}"]\n'
    (settings / "uv.toml").write_text(toml)
    with pytest.raises(AuthorError, match="never built from source"):
        await environments.ensure(("source",), report=quiet)
    assert not marker.exists()
    # The control: uv told "wheels only" in the usual way follows that file and builds.
    argv = [find_uv_bin(), "pip", "compile", "--only-binary", ":all:", "--python", str(python), "-"]
    env = {name: environ[name] for name in ("HOME", "PATH")} | {"UV_CACHE_DIR": str(tmp_path / "cache")}
    await asyncio.to_thread(
        subprocess.run, argv, input=b"source\n", env=env, cwd=tmp_path, check=False, capture_output=True
    )
    assert marker.exists()


async def test_a_project_around_our_state_has_no_say(house, environments, root):
    house.add("alpha")
    root.mkdir(parents=True)
    for folder in (root, root.parent):
        (folder / "uv.toml").write_text("this is = not toml at all")
        (folder / "pyproject.toml").write_text('[tool.uv.pip]\nindex-url = "http://127.0.0.1:1"\n')
    assert (await environments.ensure(("alpha",), report=quiet)).packages == ("alpha==1.0",)
