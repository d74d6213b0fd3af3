"""A package follows from the content alone, holds what the page says, and unpacks to the same files."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
import tarfile

import pytest

from yesman.model.errors import AuthorError, NotFoundError, PlatformError, UsageError
from yesman.package import digest_folder, remove_tree
from yesman.package.packing import pack
from yesman.package.permitted import PackageLimits
from yesman.package.unpacking import read_package, stage_package

MANIFEST = "name: demo\nversion: 1.0.0\n"


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


FILES = {
    "plugin.yaml": MANIFEST,
    "src/main.py": "x = 1\n",
    "src/a.txt": "a",
    "src/a/b.txt": "b",
    "README.md": "#",
}


@pytest.fixture
def plugin(tmp_path):
    return write(tmp_path / "plugin", FILES)


@pytest.fixture
def store(tmp_path):
    yield tmp_path / "store"
    remove_tree(tmp_path / "store")


def test_the_package_unpacks_to_the_files_of_the_folder(plugin, store, tmp_path):
    (plugin / "src" / "a.txt").chmod(0o700)
    packed = pack(plugin, tmp_path / "demo.yplug")
    package, staged = stage_package(tmp_path / "demo.yplug", store)
    assert digest_folder(staged.folder) == staged.digest == packed.package.digest == digest_folder(plugin)
    assert package.manifest.name == "demo"
    assert {p: (staged.folder / p).read_text() for p in FILES} == FILES
    assert [p for p in FILES if os.access(staged.folder / p, os.X_OK)] == ["src/a.txt"]


def test_the_same_content_is_the_same_bytes_wherever_and_whenever_it_was_made(plugin, tmp_path):
    before = os.umask(0o077)
    try:
        other = write(tmp_path / "elsewhere" / "other", dict(reversed(FILES.items())))
    finally:
        os.umask(before)
    os.utime(other / "src" / "main.py", (1, 1))
    (other / "src" / "empty").mkdir()
    (other / "plugin.yaml").chmod(0o640)
    one, two = (pack(folder, tmp_path / f"{n}.yplug") for n, folder in enumerate((plugin, other)))
    assert one == two
    assert (tmp_path / "0.yplug").read_bytes() == (tmp_path / "1.yplug").read_bytes()
    (other / "src" / "main.py").write_text("x = 2\n")
    assert pack(other, tmp_path / "2.yplug").package.sha256 != one.package.sha256


def test_the_bytes_are_those_of_the_format(plugin, tmp_path):
    packed = pack(plugin, tmp_path / "demo.yplug")
    assert packed.package.sha256 == hashlib.sha256((tmp_path / "demo.yplug").read_bytes()).hexdigest()
    assert packed.package.sha256 == "9c89b6e0261cee3d804d2cd8230433b6afeed30f04ddc9c984f58001f3cb2e28"


def test_other_programs_read_it(plugin, tmp_path):
    pack(plugin, tmp_path / "demo.yplug")
    with tarfile.open(tmp_path / "demo.yplug") as archive:
        assert archive.getnames() == ["README.md", "plugin.yaml", "src/a/b.txt", "src/a.txt", "src/main.py"]
        assert {(m.mode, m.uid, m.mtime, m.uname) for m in archive} == {(0o644, 0, 0, "")}
    assert len(gzip.decompress((tmp_path / "demo.yplug").read_bytes())) % 512 == 0


def test_only_what_has_a_place_is_packed_and_the_rest_is_named(plugin, tmp_path):
    more = ["tests/test_x.py", "pyproject.toml", ".env", ".git/config", "src/__pycache__/x.pyc", "old.yplug"]
    write(plugin, dict.fromkeys((*more, "docs/x.md", "assets/x.png", "LICENSE", "requirements.txt"), ""))
    packed = pack(plugin, tmp_path / "demo.yplug")
    expected = {*FILES, "docs/x.md", "assets/x.png", "LICENSE", "requirements.txt"}
    assert (set(packed.files), packed.left_out) == (expected, ("pyproject.toml", "tests"))


def test_packing_into_the_folder_itself_changes_nothing_the_next_time(plugin):
    first = pack(plugin, plugin / "demo.yplug")
    assert pack(plugin, plugin / "demo.yplug") == first


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/x.pth", "'src/x.pth' is of a kind that Python runs unasked"),
        ("assets/x.whl", "'assets/x.whl' is a packed dependency"),
        ("docs/a:b", "The path 'docs/a:b' holds a colon, as those with a drive do"),
        ("src/e\u0301", "The name 'src/e\u0301' is not in Unicode's form NFC"),
        ("src/" + "x" * 101, f"The path 'src/{'x' * 101}' is too long for a package"),
    ],
)
def test_what_no_reader_would_take_is_not_packed(plugin, tmp_path, path, message):
    write(plugin, {path: ""})
    with pytest.raises(AuthorError) as refused:
        pack(plugin, tmp_path / "demo.yplug")
    assert refused.value.message == message
    assert [p.name for p in tmp_path.iterdir()] == ["plugin"]


def test_links_and_devices_are_refused_and_an_old_package_stays(plugin, tmp_path):
    pack(plugin, tmp_path / "demo.yplug")
    before = (tmp_path / "demo.yplug").read_bytes()
    (plugin / "src" / "link").symlink_to("/etc/passwd")
    with pytest.raises(AuthorError, match="'src/link' is a symbolic link"):
        pack(plugin, tmp_path / "demo.yplug")
    assert (tmp_path / "demo.yplug").read_bytes() == before


def test_a_folder_that_makes_no_package_is_refused(plugin, tmp_path):
    write(plugin, {"assets/x": bytes(2 << 20)})
    with pytest.raises(AuthorError, match="larger than 1 MiB"):
        pack(plugin, tmp_path / "demo.yplug", limits=PackageLimits(total=1 << 20))
    (plugin / "src" / "main.py").unlink()
    with pytest.raises(AuthorError, match=r"holds no src/main\.py"):
        pack(plugin, tmp_path / "demo.yplug")
    with pytest.raises(NotFoundError):
        pack(tmp_path / "nowhere", tmp_path / "demo.yplug")


def test_where_nothing_can_be_written_is_said(plugin, tmp_path):
    with pytest.raises(PlatformError, match="cannot be written: No such file"):
        pack(plugin, tmp_path / "nowhere" / "demo.yplug")
    with pytest.raises(PlatformError, match="cannot be written: Is a directory"):
        pack(plugin, tmp_path / "plugin")
    assert [p.name for p in tmp_path.iterdir()] == ["plugin"]


def test_a_disk_that_is_too_small_leaves_the_old_package(plugin, tmp_path):
    (tmp_path / "demo.yplug").write_bytes(b"old")
    write(plugin, {"assets/x": os.urandom(1 << 17)})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        with pytest.raises(PlatformError, match=r"demo\.yplug' cannot be written: File too large"):
            pack(plugin, tmp_path / "demo.yplug")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "demo.yplug").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["demo.yplug", "plugin"]


def test_what_is_no_file_is_no_package(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a folder nor a file"):
        read_package(tmp_path / "pipe")
    with pytest.raises(NotFoundError):
        read_package(tmp_path / "nothing")


def test_names_may_be_alike_in_different_folders(plugin, store, tmp_path):
    write(
        plugin, {"src/a/X/y": "", "src/b/x/Y": "", "src/b/x/z": "", "docs/README.md": "", "src/readme.md": ""}
    )
    pack(plugin, tmp_path / "demo.yplug")
    assert stage_package(tmp_path / "demo.yplug", store)[1].digest == digest_folder(plugin)
