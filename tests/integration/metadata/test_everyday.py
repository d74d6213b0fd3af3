"""What everybody's code does with modes and times works in a plugin's own folders and its grants."""

from __future__ import annotations

import textwrap

import pytest

COPIES = """
    os.makedirs("from/deep")
    os.chmod(make("from/deep/file"), 0o640)
    os.utime("from/deep/file", (1000, 2000))
    shutil.copy("from/deep/file", "copied")
    shutil.copy2("from/deep/file", "copied2")
    shutil.copytree("from", "tree")
    shutil.copytree("from", "tree", dirs_exist_ok=True)
    shutil.move("tree", "moved")
    kept = [[mode(path), os.stat(path).st_mtime] for path in ("copied2", "moved/deep/file")]
    return [*kept, mode("copied")]
"""
ARCHIVES = """
    import tarfile, tempfile, zipfile
    os.mkdir("packed")
    os.chmod(make("packed/file"), 0o750)
    os.utime("packed/file", (10**9, 10**9))
    for kind in ("gztar", "zip"):
        shutil.unpack_archive(shutil.make_archive("archive", kind, "packed"), f"out-{kind}")
    tarfile.open("archive.tar.gz", errorlevel=2).extractall("strict")
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile(dir=folder) as file:
        os.chmod(folder, 0o755), os.fchmod(file.fileno(), 0o644)
    with tempfile.TemporaryFile() as file:
        os.fchmod(file.fileno(), 0o644)
    strict = os.stat("strict/file").st_mtime
    return [mode("strict/file"), strict, mode("out-gztar/file"), os.listdir("out-zip")]
"""
TIMES = """
    import pathlib
    def of(path):
        found = os.lstat(path)
        return [found.st_atime_ns, found.st_mtime_ns]
    make("file"), os.symlink("file", "link")
    os.utime("file", ns=(1, 2)); first = of("file")
    os.utime("link", ns=(3, 4), follow_symlinks=False)
    os.utime("link", ns=(5, 6))
    own = os.open("file", os.O_RDONLY)
    folder = os.open(".", os.O_RDONLY)
    second = of("file")
    os.utime(own, ns=(7, 8)); third = of("file")
    os.utime("file", ns=(9, 10), dir_fd=folder); fourth = of("file")
    pathlib.Path("file").touch()
    return [first, of("link")[1], second, third, fourth, of("file")[1] > 10**18]
"""
EACH_CALL = """
    path, at = make("file"), os.open(".", os.O_RDONLY)
    own = os.open(path, os.O_RDWR)
    two, four = struct.pack("=2q", 10, 20), struct.pack("=4q", 10, 1, 20, 2)
    told = []
    for number, (name, *arguments) in enumerate([
        ("fchmod", own), ("fchmodat", at, path), ("fchmodat", -100, path), ("fchmodat2", at, path),
        ("fchmodat2", own, ""), ("chmod", path), ("fchmodat", -100, f"/proc/self/fd/{own}"),
    ]):
        bits, flags = 0o600 + number, {"fchmodat2": [0x1000 if "" in arguments else 0]}.get(name, [])
        if name in NUMBERS and (call(name, *arguments, bits, *flags) != "done" or mode(path) != oct(bits)):
            told.append([name, arguments])
    for name, arguments, after in [
        ("utimensat", (at, path, four, 0), 20 * 10**9 + 2),
        ("utimensat", (own, None, four, 0), 20 * 10**9 + 2),
        ("utimensat", (own, "", four, 0x1000), 20 * 10**9 + 2), ("utime", (path, two), 20 * 10**9),
        ("utimes", (path, four), 20 * 10**9 + 2000), ("futimesat", (at, path, four), 20 * 10**9 + 2000),
        ("utimensat", (at, path, struct.pack("=4q", 0, 0x3ffffffe, 30, 0), 0), 30 * 10**9),
    ]:
        if name in NUMBERS:
            os.utime(path, ns=(0, 0))
            if call(name, *arguments) != "done" or os.stat(path).st_mtime_ns != after:
                told.append([name, str(arguments), os.stat(path).st_mtime_ns])
    return told
"""


async def test_copies_keep_modes_and_times(metadata):
    assert await metadata.run(COPIES) == [["0o640", 2000], ["0o640", 2000], "0o640"]


async def test_the_same_in_a_folder_that_was_granted(metadata):
    granted = metadata.granted()
    body = f"os.chdir({str(granted)!r})\n{textwrap.dedent(COPIES)}"
    assert await metadata.run(body, f"filesystem.write:{granted}") == [
        ["0o640", 2000], ["0o640", 2000], "0o640"
    ]  # fmt: skip
    assert granted.joinpath("copied").stat().st_mode & 0o777 == 0o640


async def test_archives_are_unpacked_as_they_were_packed(metadata):
    assert await metadata.run(ARCHIVES) == ["0o750", 10**9, "0o750", ["file"]]


async def test_times_of_files_links_and_descriptors(metadata):
    assert await metadata.run(TIMES) == [[1, 2], 4, [5, 6], [7, 8], [9, 10], True]


async def test_every_call_does_what_the_kernel_would_do(metadata):
    assert await metadata.run(EACH_CALL) == []


async def test_errors_are_the_kernels(metadata):
    body = """
        make("file"), os.symlink("file", "link"), os.symlink("loop", "loop")
        return [call("fchmodat", -100, "none", 0o600), call("fchmodat", -100, "file/x", 0o600),
                call("fchmodat", -100, "", 0o600), call("fchmodat2", -100, "link", 0o600, 0x100),
                call("fchmodat", -100, "loop", 0o600), call("fchmod", 99, 0o600), call("fchmod", -100, 0o600),
                call("fchmodat", 99, "file", 0o600), call("fchmodat2", -100, "file", 0o600, 4),
                call("utimensat", -100, "file", struct.pack("=4q", 0, 10**9, 0, 0), 0)]
        """
    assert await metadata.run(body) == [
        "ENOENT", "ENOTDIR", "ENOENT", "ENOTSUP", "ELOOP", "EBADF", "EBADF", "EBADF", "EINVAL", "EINVAL"
    ]  # fmt: skip


async def test_an_owner_may_be_set_to_what_it_is(metadata):
    body = """
        path = make("file")
        os.chown(path, -1, -1), os.chown(path, os.getuid(), os.getgid()), os.lchown(path, os.getuid(), -1)
        own = os.open(path, os.O_RDONLY)
        os.fchown(own, -1, os.getgid())
        return [call("fchownat", -100, path, 12345, -1, 0), call("fchown", own, -1, 12345)]
        """
    assert await metadata.run(body) == ["EPERM", "EPERM"]


GIT = """
    set -e
    export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
    export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
    cd "$0"
    git init -q first
    git -C first config core.autocrlf false
    echo text > first/file
    git -C first add file
    git -C first commit -qm One
    git clone -q first second
    git -C second log --format=%s
"""


@pytest.mark.parametrize("where", ["data", "granted"])
async def test_git_makes_configures_and_clones(metadata, where):
    granted = metadata.granted()
    body = f"""
    where = {{"data": self.context.data_dir, "granted": {str(granted)!r}}}[options["where"]]
    done = subprocess.run(["/bin/sh", "-c", {GIT!r}, str(where)], capture_output=True, text=True)
    return [done.stdout, done.stderr]
    """
    grants = ("system.execute", "system.execute:/usr/lib/git-core", f"filesystem.write:{granted}")
    assert await metadata.run(body, *grants, where=where) == ["One\n", ""]


async def test_the_usual_programs_work(metadata):
    script = """
        set -e
        echo text > a; touch -d 2001-01-01 a; chmod 640 a
        cp -p a b; cp -a a c; install -m 600 a d; sed -i s/text/other/ d
        gzip -k a; tar -cf t.tar a b; rm b; tar -xpf t.tar; mkdir -m 750 e; chmod -R go-w .
        stat -c '%a %y' b c | cut -c-14; stat -c %a d e a.gz
        """
    body = f"""
    done = subprocess.run(["/bin/sh", "-c", {script!r}], capture_output=True, text=True)
    return [done.stdout.split("\\n"), done.stderr]
    """
    expected = ["640 2001-01-01", "640 2001-01-01", "600", "750", "640", ""]
    assert await metadata.run(body, "system.execute") == [expected, ""]
