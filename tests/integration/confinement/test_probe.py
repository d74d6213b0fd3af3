"""The probe says what is so: every layer here, and the missing one where the kernel lacks it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from yesman.sandbox import probe

OPEN = Path("/proc/self/fd")
# A kernel without one system call, as a filter over this process and its children shows it.
MASKED = """
import asyncio, dataclasses, errno, json, sys
from yesman.runtime.zygote import Zygote
from yesman.sandbox import bpf, kernel, probe
from yesman.sandbox.policy import Policy
from yesman.sandbox.syscalls import this_machine

number = this_machine().numbers[sys.argv[1]]
rows = [(number, [bpf.ret(bpf.fail_with(errno.ENOSYS))])]
program = [bpf.load(bpf.NR_OFFSET), *bpf.search(rows, bpf.ALLOW)]
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
kernel.install_filter(bpf.serialise(program))
print(json.dumps([dataclasses.asdict(layer) for layer in probe.report()]))
"""
LAYERS = (
    "Landlock files", "Landlock truncate (ABI 3)", "Landlock TCP (ABI 4)", "Landlock device ioctls (ABI 5)",
    "Landlock signals and abstract sockets (ABI 6)", "seccomp filter", "connect broker", "no new privileges",
    "capabilities dropped", "resource limits", "scrubbed environment", "descriptors closed",
    "dies with the server", "interpreter stdlib readable",
)  # fmt: skip


async def test_this_machine_enforces_every_layer():
    layers = await probe.examine()
    assert {layer.name: layer.detail for layer in layers if not layer.enforced} == {}
    assert tuple(layer.name for layer in layers) == LAYERS
    assert not any(layer.next_step for layer in layers)


def test_the_probe_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(probe.tempfile, "tempdir", str(tmp_path))
    descriptors = len(list(OPEN.iterdir()))
    assert probe.report()
    assert list(tmp_path.iterdir()) == []
    assert len(list(OPEN.iterdir())) == descriptors


def masked(call: str) -> dict[str, dict[str, object]]:
    argv = [sys.executable, "-c", MASKED, call]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return {layer["name"]: layer for layer in json.loads(ended.stdout)}


@pytest.mark.parametrize("call", ["landlock_create_ruleset", "landlock_restrict_self", "seccomp"])
def test_a_kernel_without_the_call_enforces_nothing_and_says_why(call):
    layers = masked(call)
    assert layers["Landlock files"]["enforced"] is False
    assert layers["seccomp filter"]["enforced"] is False
    assert all(layer["next_step"] for layer in layers.values() if not layer["enforced"])


def test_without_the_filter_landlocks_own_layers_are_still_told_apart():
    layers = masked("seccomp")
    assert layers["Landlock TCP (ABI 4)"]["enforced"] is True
    assert "not implemented" in str(layers["seccomp filter"]["detail"])


async def test_another_system_is_one_clear_sentence(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    (layer,) = await probe.examine()
    assert not layer.enforced
    assert layer.detail == "plugins are confined by the Linux kernel, and this is darwin"


async def test_a_plugin_never_starts_where_a_layer_is_missing(tmp_path):
    script = MASKED.partition("print(")[0] + START
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    for call in ("landlock_create_ruleset", "seccomp"):
        argv = [sys.executable, "-c", script, call, str(tmp_path)]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)  # noqa: ASYNC221 - short
        assert ended.stdout.startswith("plugins are not run on this machine, because "), ended.stderr
    assert not (tmp_path / "ran").exists()


START = """
from yesman.model.errors import PlatformError
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.witness import Witness

async def main(root):
    zygote = Zygote()
    policy = Policy(plugin="p", code=root, packages="", data=root, tmp=root)
    try:
        network = Networks().of("p")
        quiet = lambda *_: None
        await LivePlugin.start(
            zygote, policy, config={}, declared={}, services=None, network=network, witness=Witness(quiet)
        )
    except PlatformError as error:
        print(error.sentence)
    zygote.close()

asyncio.run(main(sys.argv[2]))
"""
