"""``yesman plugin pack``, and the way of a plugin from one machine to another."""

import hashlib
import json

PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "Says hello.", self.hello)]

    def hello(self):
        print("hello")
"""


def test_a_package_is_made_and_installed(desk, tmp_path):
    folder = desk.plugin("hello", PLUGIN, "permissions: [session.read]\n", ("hello",))
    (folder / "tests").mkdir()
    ran = desk.yesman("plugin", "pack", str(folder), "-o", str(tmp_path))
    file = tmp_path / "hello-1.0.0.yplug"
    size, digest = f"{file.stat().st_size:,}", hashlib.sha256(file.read_bytes()).hexdigest()
    lines = ran.stdout.split("\n")
    assert lines[0] == f"Packed hello 1.0.0 into {file} (2 files, {size} bytes)."
    assert lines[2] == f"  File     sha256:{digest}"
    assert ran.stderr == "Left out: tests\n"
    assert (
        "none: a package on this machine, not signed"
        in desk.yesman("plugin", "install", str(file), "--yes").stderr
    )
    assert desk.yesman("hello").stdout == "hello\n"


def test_programs_get_json_and_two_machines_the_same_bytes(desk, tmp_path):
    folder = desk.plugin("hello", PLUGIN, "", ("hello",))
    told = [
        json.loads(desk.yesman("plugin", "pack", str(folder), "-o", str(tmp_path / name), "--json").stdout)
        for name in ("one.yplug", "two.yplug")
    ]
    assert told[0] | {"file": ""} == told[1] | {"file": ""}
    assert told[0]["files"] == ["plugin.yaml", "src/main.py"]
    assert (tmp_path / "one.yplug").read_bytes() == (tmp_path / "two.yplug").read_bytes()
    assert told[0]["sha256"] == hashlib.sha256((tmp_path / "one.yplug").read_bytes()).hexdigest()


def test_packing_needs_no_server(desk, tmp_path):
    folder = desk.plugin("hello", PLUGIN, "", ("hello",))
    desk.yesman("plugin", "pack", str(folder), "-o", str(tmp_path))
    assert desk.server_pids() == []


def test_a_folder_to_write_into_is_made_if_it_is_named_as_one(desk, tmp_path):
    folder = desk.plugin("hello", PLUGIN, "", ("hello",))
    ran = desk.yesman("plugin", "pack", str(folder), "-o", f"{tmp_path}/dist/hello.yplug", code=1)
    assert "dist/hello.yplug' cannot be written: No such file or directory" in ran.stderr
    desk.yesman("plugin", "pack", str(folder), "-o", f"{tmp_path}/dist/")
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["hello-1.0.0.yplug"]


def test_what_is_no_plugin_is_not_packed(desk, tmp_path):
    folder = desk.plugin("hello", "def broken(:\n", "")
    ran = desk.yesman("plugin", "pack", str(folder), "-o", str(tmp_path), code=2)
    assert ran.stderr.startswith("yesman: src/main.py:1: ")
    assert list(tmp_path.glob("*.yplug")) == []
    ran = desk.yesman("plugin", "pack", str(tmp_path / "nowhere"), code=5)
    assert "There is no folder" in ran.stderr
    assert ran.stdout == ""


def test_a_file_that_is_no_package_is_named_so(desk, tmp_path):
    (tmp_path / "x.yplug").write_text("name: demo\n")
    ran = desk.yesman("plugin", "install", str(tmp_path / "nothing.yplug"), code=5)
    assert ran.stderr == f"yesman: There is no folder or package {tmp_path}/nothing.yplug. Check the path.\n"
    ran = desk.yesman("plugin", "install", str(tmp_path / "x.yplug"), code=2)
    assert ran.stderr == "yesman: This is not a package: it does not begin like one. Name a .yplug file.\n"
