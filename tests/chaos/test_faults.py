"""Whatever one plugin does, and whatever is done to the host: nobody else notices."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress

from storm.fault import Fault

GOES_ON = "return 'goes on'"


@contextmanager
def _filled(filler):
    """Leave no room, though others write and remove meanwhile."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    try:
        yield
    finally:
        filler.unlink()


def _full(scene, fault):
    """Fill the disk that the server's own files are on, and see what works and what is refused."""
    scene.install(fault)
    with _filled(scene.server.home.root / "filler"):
        goes_on = scene.told(fault.plugin, "go")
        time.sleep(1)  # events are told meanwhile
        refused = scene.server.refusal("plugin.disable", name=fault.plugin)["message"]
    scene.server.call("plugin.remove", name=fault.plugin, purge=True)
    return f"{goes_on}; {refused}"


def test_nobody_else_notices(scene, struck, fault):
    problems = struck(scene, fault).problems()
    assert not problems, "\n".join(problems)


def test_nobody_else_notices_a_full_disk(small_disk, struck):
    full = Fault("the disk is full", GOES_ON, "^goes on; .*(No space left|disk is full)", at="act", act=_full)
    problems = struck(small_disk, full).problems()
    assert not problems, "\n".join(problems)
