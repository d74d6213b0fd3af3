"""Real uv, real wheels: environments are whole, read-only, shared and reproducible."""

from __future__ import annotations

import asyncio
import shutil
import stat
import subprocess

import pytest

from yesman.model.errors import PlatformError, VerificationError
from yesman.package import Environments, digest_folder


def quiet(_line):
    """Take a progress line and say nothing."""


def tell(python, environment, code):
    """Run ``code`` with the environment's folder set up as the sandbox does it."""
    program = f"import site; site.addsitedir({str(environment.path)!r}); {code}"
    done = subprocess.run([python, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


async def test_the_versions_asked_for_are_importable_with_their_metadata(house, environments, python):
    house.add("alpha", "1.0", requires=["beta>=1"])
    house.add("alpha", "2.0", requires=["beta>=1"])
    house.add("beta", "1.5")
    lines: list[str] = []
    made = await environments.ensure(("alpha<2",), report=lines.append)
    assert made.packages == ("alpha==1.0", "beta==1.5")
    code = (
        "import alpha, beta, importlib.metadata as m; print(alpha.VERSION, beta.VERSION, m.version('beta'))"
    )
    assert tell(python, made, code) == "1.0 1.5 1.5"
    assert lines == ["resolving 1 requirement", "installing 2 packages"]


async def test_no_requirements_need_no_environment(environments, root):
    assert await environments.ensure((), report=quiet) is None
    assert not root.exists()


@pytest.mark.escape("environment")
async def test_nothing_in_an_environment_can_be_written(house, environments, root):
    house.add("alpha")
    made = await environments.ensure(("alpha",), report=quiet)
    found = [made.path.parent, *made.path.parent.rglob("*")]
    assert made.path / "alpha.py" in found
    assert not [path for path in found if stat.S_IMODE(path.lstat().st_mode) & 0o7222]
    assert [path.name for path in root.iterdir()] == [made.digest]


@pytest.mark.escape("environment")
async def test_locking_and_installing_never_run_what_a_wheel_brings(house, environments, python, tmp_path):
    ran, ran_too = tmp_path / "pth-ran", tmp_path / "sitecustomize-ran"
    files = {"evil.pth": f"import os; open({str(ran)!r}, 'w')\n", "evil.py": ""}
    files["sitecustomize.py"] = f"open({str(ran_too)!r}, 'w')\n"
    house.add("evil", files=files, requires=["more"])
    house.add("more")
    made = await environments.ensure(("evil",), report=quiet)
    await environments.ensure(("evil",), report=quiet, lock=made.lock)
    assert (made.path / "evil.pth").exists()
    assert not ran.exists()
    assert not ran_too.exists()
    # The control: an interpreter started on the same environment does run both.
    tell(python, made, "pass")
    assert ran.exists()
    await asyncio.to_thread(subprocess.run, [python, "-c", ""], env={"PYTHONPATH": made.path}, check=True)
    assert ran_too.exists()


async def test_two_plugins_with_the_same_requirements_share_one_environment(house, environments, root):
    house.add("alpha")
    both = await asyncio.gather(*(environments.ensure(("alpha",), report=quiet) for _ in range(2)))
    assert both[0] == both[1]
    assert [path.name for path in root.iterdir()] == [both[0].digest]


async def test_a_recorded_lock_gives_the_same_environment_although_newer_versions_exist(house, environments):
    house.add("alpha", "1.0")
    made = await environments.ensure(("alpha",), report=quiet)
    before = digest_folder(made.path)
    environments.collect(())
    house.add("alpha", "2.0")
    again = await environments.ensure(("alpha",), report=quiet, lock=made.lock)
    assert again == made
    assert digest_folder(again.path) == before


async def test_a_recorded_lock_needs_no_network_while_the_wheels_are_cached(house, served, over_http):
    house.add("alpha")
    made = await over_http.ensure(("alpha",), report=quiet)
    over_http.collect(())
    served.status = 503
    assert await over_http.ensure(("alpha",), report=quiet, lock=made.lock) == made


async def test_a_recorded_lock_is_installed_from_the_index_when_the_cache_is_gone(house, over_http, root):
    house.add("alpha")
    made = await over_http.ensure(("alpha",), report=quiet)
    over_http.collect(())
    shutil.rmtree(root.parent / "cache")
    house.add("alpha", "2.0")
    assert await over_http.ensure(("alpha",), report=quiet, lock=made.lock) == made


@pytest.mark.escape("environment")
async def test_a_file_that_is_not_the_one_locked_is_refused(house, environments, root):
    house.add("alpha")
    made = await environments.ensure(("alpha",), report=quiet)
    environments.collect(())
    shutil.rmtree(root.parent / "cache")
    house.add("alpha", files={"alpha.py": "VERSION = 'forged'\n"})
    with pytest.raises(VerificationError, match=r"another file for 'alpha==1\.0' than was locked"):
        await environments.ensure(("alpha",), report=quiet, lock=made.lock)
    assert not list(root.iterdir())


async def test_a_recorded_lock_of_other_requirements_is_refused(house, environments):
    house.add("alpha")
    made = await environments.ensure(("alpha",), report=quiet)
    with pytest.raises(VerificationError, match="does not cover 'beta'"):
        await environments.ensure(("alpha", "beta"), report=quiet, lock=made.lock)


@pytest.mark.escape("environment")
async def test_a_wheel_cannot_write_outside_its_environment(house, environments, root):
    house.add("alpha", files={"../../../escaped.py": "", "/escaped.py": "", "alpha.py": ""})
    made = await environments.ensure(("alpha",), report=quiet)
    assert (made.path / "alpha.py").exists()
    outside = [path for path in root.parent.rglob("escaped.py") if not path.is_relative_to(made.path)]
    assert not outside


async def test_an_unusable_state_folder_is_one_sentence(environ, python, tmp_path):
    (tmp_path / "file").touch()
    environments = Environments(tmp_path / "file" / "root", tmp_path / "cache", python, environ=environ)
    with pytest.raises(PlatformError, match="cannot be changed"):
        await environments.ensure(("alpha",), report=quiet)


async def test_cancelling_leaves_nothing(house, environments, root):
    house.add("alpha")
    resolving = asyncio.Event()
    task = asyncio.create_task(environments.ensure(("alpha",), report=lambda _line: resolving.set()))
    await resolving.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not list(root.iterdir())


async def test_collecting_removes_exactly_what_is_not_used(house, environments, root):
    house.add("alpha")
    house.add("beta")
    alpha = await environments.ensure(("alpha",), report=quiet)
    beta = await environments.ensure(("beta",), report=quiet)
    assert environments.collect([alpha.digest]) == [beta.digest]
    assert [path.name for path in root.iterdir()] == [alpha.digest]
    assert environments.collect([alpha.digest]) == []
