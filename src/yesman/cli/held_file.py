"""A file of a project, in a folder that stays the same one however somebody swaps it for a link meanwhile.

A repository may bring links, and whoever may write there may exchange them while the user reads the question;
what we write would land wherever they lead. So the folder is opened once, and only through that.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from typing import Self

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class HeldFile:
    """The file ``project/folder/name``; neither folder nor file need exist.

    Args:
        project: A folder; links on the way to it are the user's.
        folder: The name of a folder in it.
        name: The name of a file in that.

    Raises:
        NotFoundError: There is no such project.
        UsageError: The folder is a link, or none.
    """

    def __init__(self, project: Path, folder: str, name: str) -> None:
        self.path = project / folder / name
        self._name = name
        self._folder_name = folder
        self._folder = -1
        try:
            self._project = os.open(project, _FOLDER)
        except OSError:
            raise NotFoundError(f"There is no folder {plain(project)}", "Name the project's folder") from None
        with suppress(FileNotFoundError):
            self._hold()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number in {self._project, self._folder} - {-1}:
            os.close(number)

    def read(self, limit: int) -> str | None:
        """Return its text, None when there is none.

        Raises:
            UsageError: It is a link, cannot be read, has more than ``limit`` bytes, or is not UTF-8.
        """
        if self._folder < 0:
            return None
        try:
            with open(os.open(self._name, _FILE, dir_fd=self._folder), "rb") as file:  # noqa: PTH123 - a descriptor
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise self._odd()
                data = file.read(limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._refusal(error) from error
        if len(data) > limit:
            raise UsageError(f"{plain(self.path)} is larger than {limit} bytes", "Look what is in it")
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise UsageError(f"{plain(self.path)} is not UTF-8", "Look what is in it") from None

    def place(self) -> Path:
        """Return a path to write it by, its folder made if need be; leads into the folder that is held.

        Raises:
            OSError: The folder cannot be made.
            UsageError: A link has taken its place.
        """
        if self._folder < 0:
            with suppress(FileExistsError):
                os.mkdir(self._folder_name, dir_fd=self._project)
            self._hold()
        return Path(f"/proc/self/fd/{self._folder}", self._name)

    def _hold(self) -> None:
        try:
            self._folder = os.open(self._folder_name, _FOLDER | os.O_NOFOLLOW, dir_fd=self._project)
        except FileNotFoundError:
            raise
        except OSError as error:
            link = error.errno in {errno.ELOOP, errno.ENOTDIR} and self.path.parent.is_symlink()
            raise self._refusal(OSError(errno.ELOOP, "") if link else error) from error

    def _refusal(self, error: OSError) -> UsageError:
        if error.errno == errno.ELOOP:
            return UsageError(
                f"{plain(self.path)} is, or is behind, a symbolic link",
                "Put what it leads to in its place",
            )
        if error.errno in {errno.ENOTDIR, errno.EISDIR, errno.ENXIO}:
            return self._odd()
        return UsageError(f"{plain(self.path)} cannot be read: {error.strerror}", "Check its permissions")

    def _odd(self) -> UsageError:
        return UsageError(
            f"{plain(self.path)} is no file that can be written", "Move what is in its place out of the way"
        )
