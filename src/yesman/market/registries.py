"""The registries that the user trusts, each from a root file that they have seen.

What always holds: a registry is known by the name that the user gave it and is what its root file says;
the list is replaced at one instant, after all that it refers to is there. What lies beside the list in a
registry's folder is a cache, except for how far its metadata had come (The Update Framework's protection
against going back), which is lost with the registry alone.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from yesman import durable
from yesman.model.errors import NotFoundError, UsageError, VerificationError
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
OLDEST: Final = 365
"""Days for which metadata can be believed: what offline keys have signed is good for no longer."""
LARGEST_ROOT: Final = 64 * 1024
"""Bytes; forty keys fit."""


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """One registry.

    Attributes:
        url: Its base: ``https://…``, ``http://`` of this machine, or an absolute path.
        fingerprint: Of its root file, as the user was shown it.
        added: UTC, ISO 8601.
        longest_age: In days, how old its metadata may be; 0: as old as it says itself. Only of a folder.
    """

    url: str
    fingerprint: str
    added: str
    longest_age: int = 0


class Registries:
    """All of them, by name.

    Args:
        folder: Where the list and each registry's folder are.

    Raises:
        VerificationError: The list is not one that we wrote.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "registries.json"
        self._known = _read(self._file)

    def all(self) -> dict[str, Registry]:
        """Return every registry by name, in the order in which they were added."""
        return dict(self._known)

    def get(self, name: str) -> Registry:
        """Return one registry.

        Raises:
            NotFoundError: There is none of that name.
        """
        if (registry := self._known.get(name)) is None:
            message, _ = unknown("registry", name, list(self._known))
            raise NotFoundError(
                message, "See 'yesman market list', or add it: yesman market add URL --root FILE"
            )
        return registry

    def only(self) -> str:
        """Return the name of the registry, when there is exactly one.

        Raises:
            UsageError: There is none, or there are several.
        """
        if len(self._known) == 1:
            return next(iter(self._known))
        if not self._known:
            raise UsageError("you have added no registry", "Add one: yesman market add URL --root FILE")
        raise UsageError(
            f"there are several registries: {', '.join(self._known)}", "Name one: --registry NAME"
        )

    def folder(self, name: str) -> Path:
        """Return where the metadata of registry ``name`` is kept."""
        return self._folder / name / "metadata"

    def root(self, name: str) -> Path:
        """Return the root file that the user has seen."""
        return self._folder / name / "root.json"

    def check_new(self, name: str, url: str) -> None:
        """Refuse a name that is taken or none, or an address that is none.

        Raises:
            UsageError: It says which.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name for a registry", "Use a-z, 0-9 and -, up to 32 of them")
        if name in self._known:
            raise UsageError(
                f"there is a registry '{name}' already, at {self._known[name].url}",
                f"Choose another name, or remove it: yesman market remove {argument(name)}",
            )
        check_url(url)

    def add(self, name: str, url: str, root: bytes, fingerprint: str, longest_age: int = 0) -> Registry:
        """Trust the registry at ``url`` by its ``root`` file, durably.

        Raises:
            UsageError: As :meth:`check_new`, or ``longest_age`` is none that it can have.
            PlatformError: It cannot be written; nothing was changed.
        """
        self.check_new(name, url)
        check_age(url, longest_age)
        home = self._folder / name
        with durable.explained(home):
            shutil.rmtree(home, ignore_errors=True)  # of one that was removed, or an attempt that was killed
            home.mkdir(mode=0o700, parents=True)
        durable.write(self.root(name), root)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        registry = Registry(url=url, fingerprint=fingerprint, added=now, longest_age=longest_age)
        self._write({**self._known, name: registry})
        return registry

    def allow(self, name: str, longest_age: int) -> None:
        """Believe metadata of ``name`` that is so old; what was seen of it stays known.

        Raises:
            NotFoundError: There is none of that name.
            UsageError: It is none that it can have.
            PlatformError: It cannot be written; nothing was changed.
        """
        registry = self.get(name)
        check_age(registry.url, longest_age)
        self._write({**self._known, name: msgspec.structs.replace(registry, longest_age=longest_age)})

    def remove(self, name: str) -> None:
        """Trust registry ``name`` no longer; what was installed from it stays.

        Raises:
            NotFoundError: There is none of that name.
            PlatformError: It cannot be written; nothing was changed.
        """
        self.get(name)
        self._write({other: registry for other, registry in self._known.items() if other != name})
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _write(self, known: dict[str, Registry]) -> None:
        durable.write(self._file, msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
        self._known = known


def check_url(url: str) -> None:
    """Refuse what is no base of a registry: https, http to this machine, or an absolute folder.

    Raises:
        UsageError: It is none of these.
    """
    if url.startswith("/") or re.fullmatch(r"https://[^/@?#\s]+(?:/[^@?#\s]*)?", url):
        return
    if re.fullmatch(r"http://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:/[^@?#\s]*)?", url):
        return
    raise UsageError(
        f"{url!r} is no address of a registry",
        "Write https://HOST/…, or the path of a folder; http:// only of this machine",
    )


def check_age(url: str, longest_age: int) -> None:
    """Refuse an age that metadata cannot have, or that a registry on a network need not have.

    Raises:
        UsageError: It says which.
    """
    if longest_age and not url.startswith("/"):
        raise UsageError(
            f"{url} can be asked for the present state, so an older one is not believed",
            "Leave out --max-age, which is for folders that are brought by hand",
        )
    if not 0 <= longest_age <= OLDEST:
        raise UsageError(f"{longest_age} days are too many", f"Choose 1 to {OLDEST}")


def _read(path: Path) -> dict[str, Registry]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Registry])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise VerificationError(
            f"{path} cannot be read: {error}", "Restore it, or move it away and add your registries again"
        ) from error
