"""A folder of the plugin's own, imported as a module beside ``main``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class AllOfData:
    """What a plugin may do in its data folder.

    Args:
        folder: That one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self) -> None:
        """Write, read, rename, list and remove."""
        note = self.folder / "notes" / "one"
        note.parent.mkdir(exist_ok=True)
        note.write_text("text", "utf-8")
        note.rename(note.with_name("two"))
        assert [path.name for path in note.parent.iterdir()] == ["two"]
        assert note.with_name("two").read_text("utf-8") == "text"
        note.with_name("two").unlink()
        note.parent.rmdir()
