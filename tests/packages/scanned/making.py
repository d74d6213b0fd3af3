"""Writes plugins and scans them in this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from yesman.scan import scanning
from yesman.scan.job import Job
from yesman.scan.model import Scan, made

if TYPE_CHECKING:
    from pathlib import Path

    import yara_x

SOUND = {
    "plugin.yaml": "name: hello-there\nversion: 1.0.0\ndescription: It says hello.\n",
    "README.md": "# hello\n",
    "src/main.py": "from yesman.plugins import PluginBase\n\n\nclass Hello(PluginBase):\n    pass\n",
}


def write(folder: Path, changed: object) -> Path:
    """Write a sound plugin with ``changed`` files (a text is its module); what begins with + is appended."""
    files = changed if isinstance(changed, dict) else {"src/main.py": changed}
    for name, content in (SOUND | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = SOUND.get(name, "") + content[1:] if content.startswith("+") else content  # noqa: PLW2901 - read on
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def scan_here(folder: Path, rules: yara_x.Rules, **known: Any) -> Scan:
    """Scan without a process of its own."""
    job = Job(str(folder), os.getpid(), (), (), "", "", **known)
    report = scanning.scan(job, rules)
    return made(report.content, "", report.scanners, optional=("names", "advisories"))
