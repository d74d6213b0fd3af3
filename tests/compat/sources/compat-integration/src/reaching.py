"""What is reached by permission."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any


async def outside(plugin: Any, port: int, folder: str) -> str:
    """Use what was granted."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    assert await reading.readline() == b"welcome\n"
    writing.close()
    done = subprocess.run(["/bin/echo", "hello"], capture_output=True, text=True, check=True)
    assert done.stdout == "hello\n"
    assert (Path(folder) / "in").read_text("utf-8") == "read me"
    (Path(folder) / "out" / "made").write_text(plugin.context.plugin_id, "utf-8")
    return "kept"
