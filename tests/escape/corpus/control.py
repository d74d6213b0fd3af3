"""Runs attempts in the control: the sandbox of resource limits alone (``corpus.rlimits_only``)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.attempt import NOT_RUN
from corpus.scene import new_secret, scene
from yesman.sandbox.interpreter import base_python

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus.attempt import Attempt

PROGRAM = Path(__file__).with_name("rlimits_only.py")


def run(attempts: Iterable[Attempt], root: Path) -> dict[str, str]:
    """Return the answer to each attempt that is made there, by name; ``root`` is an empty folder."""
    codes = {attempt.name: attempt.code for attempt in attempts if attempt.control is not NOT_RUN}
    secrets = {"ESCAPE_SERVER": new_secret("server"), "ESCAPE_SIBLING": new_secret("sibling")}
    with scene(root) as targets:
        ended = subprocess.run(
            [str(base_python()), "-I", "-B", str(PROGRAM)],
            input=json.dumps({"targets": targets, "codes": codes}),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **secrets},
            capture_output=True, text=True, check=False, timeout=200, start_new_session=True,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    answers: dict[str, str] = json.loads(ended.stdout.splitlines()[-1])
    return answers
