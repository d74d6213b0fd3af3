"""A storage in memory: the protocol's second implementation, which can be copied, and interrupted."""

from __future__ import annotations

import hashlib

from yesman.model.errors import VerificationError
from yesman.trust.storage import Stored


class Killed(BaseException):
    """The writer is gone in the middle of what it did."""


class MemoryStorage:
    """Files by path.

    Attributes:
        files: Them.
        writes_left: After so many writes the writer is killed; None: never.
    """

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.writes_left: int | None = None

    def copy(self) -> MemoryStorage:
        return MemoryStorage(self.files)

    def read(self, path: str, limit: int) -> Stored | None:
        content = self.files.get(path)
        if content is None:
            return None
        if len(content) > limit:
            raise VerificationError(f"{path} is too long")
        return Stored(content, hashlib.sha256(content).hexdigest())

    def create(self, path: str, content: bytes) -> bool:
        if path in self.files:
            return False
        self._write(path, content)
        return True

    def replace(self, path: str, content: bytes, tag: str) -> str | None:
        if hashlib.sha256(self.files.get(path, b"")).hexdigest() != tag:
            return None
        self._write(path, content)
        return hashlib.sha256(content).hexdigest()

    def names(self, folder: str) -> list[str]:
        places = [path.rpartition("/") for path in self.files]
        return [name for place, _, name in places if place == folder]

    def remove(self, path: str) -> None:
        self.files.pop(path, None)

    def _write(self, path: str, content: bytes) -> None:
        if self.writes_left is not None:
            if not self.writes_left:
                raise Killed
            self.writes_left -= 1
        self.files[path] = content
