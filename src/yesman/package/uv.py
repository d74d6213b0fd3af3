"""The two things uv is asked for: write a lock, and lay a lock's wheels out in a folder.

What always holds: uv runs in an empty folder of ours, with an environment that
:mod:`yesman.package.index_settings` made whole, without any configuration file, for
wheels only, and with ``--target`` instead of a virtual environment. So the only
interpreter that starts is the host's own, and never on a folder that wheels were laid
out in: a ``.pth`` file or ``sitecustomize`` among them is data (with a virtual
environment, uv would start its interpreter and run them).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import msgspec
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from uv import find_uv_bin

from yesman import process
from yesman.model.errors import AuthorError, PlatformError, VerificationError
from yesman.model.plain_text import shown, unsafe_character
from yesman.package.index_files import user_settings
from yesman.package.lock import LARGEST
from yesman.package.uv_errors import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# With hard links a cache entry and its copies in environments would be one inode: whoever could
# ever write to one environment would write to all. Copies cost 0.1 s more for 752 files of 32 MB.
_LINK_MODE: Final = "copy"
_WHEELS_ONLY: Final = ("--only-binary", ":all:", "--no-config", "--quiet")
_TAG: Final = "import sysconfig as s; print(s.get_config_var('SOABI'), s.get_platform())"


class Wheel(msgspec.Struct, frozen=True):
    """One file that a lock leads to on this machine.

    Attributes:
        name: Of the file.
        url: Where the index has it: ``https:``, ``http:`` or ``file:``.
        sha256: Its digest, which the lock has too.
    """

    name: str
    url: str
    sha256: str


class UvLimits(msgspec.Struct, frozen=True):
    """How long, in seconds, uv may take to write a lock and to download and lay out wheels."""

    lock: float = 300.0
    install: float = 900.0


class Uv:
    """uv, set up the way this project uses it.

    Args:
        cache: The folder of uv's cache; no plugin may ever be granted it.
        python: The interpreter wheels are chosen for: the host's base, no virtual environment's.
        environ: The user's environment, of which only the settings of index, proxy and trust count.
        limits: Time limits.
    """

    def __init__(
        self, cache: Path, python: Path, environ: Mapping[str, str], limits: UvLimits | None = None
    ) -> None:
        self._cache = cache
        self._python = python
        self._environ = environ
        self._limits = limits or UvLimits()

    async def platform(self) -> str:
        """Return the ABI tag and platform that decide which wheels fit, in one line."""
        argv = [str(self._python), "-I", "-S", "-c", _TAG]
        found = await process.run(argv, cwd=Path("/"), env={}, timeout=self._limits.lock)
        if found.returncode != 0:
            raise PlatformError("The Python that yesman runs on does not start", "Run yesman doctor")
        return found.stdout.decode(errors="replace").strip()

    async def lock(self, work: Path, requirements: Sequence[str], *, everywhere: bool = False) -> str:
        """Resolve ``requirements`` in the empty folder ``work`` and return the lock's text.

        With ``everywhere`` it is for every machine and for this Python or a later one, not only for here.

        Raises:
            AuthorError: They cannot be satisfied.
            RemoteError: The package index cannot be asked.
            PlatformError: This machine is at fault.
        """
        (work / "requirements.in").write_text("".join(f"{line}\n" for line in requirements))
        arguments = ("compile", "--generate-hashes", "--no-header", "--no-annotate", "requirements.in")
        wider = ("--universal",) if everywhere else ()
        return (await self._run(work, (*arguments, *wider), self._limits.lock)).decode()

    async def wheels(self, work: Path, lock: str) -> tuple[Wheel, ...]:
        """Return the wheels that ``lock`` leads to on this machine; ``work`` is an empty folder.

        Raises:
            AuthorError: One of them is not to be had for this machine.
            RemoteError: The package index cannot be asked.
            VerificationError: The index offers another file than was locked.
            PlatformError: This machine is at fault.
        """
        (work / "lock.txt").write_text(lock)
        arguments = ("compile", "--format", "pylock.toml", "--no-deps", "--no-header", "lock.txt")
        return wheels_in((await self._run(work, arguments, self._limits.lock)).decode(), lock)

    async def install(
        self, work: Path, lock: str, target: Path, *, offline: bool = False, wheels: Path | None = None
    ) -> None:
        """Lay the wheels of ``lock`` out in ``target``, each checked against its hash.

        With ``wheels`` they are taken from that folder, and nobody is asked.

        Raises:
            VerificationError: A file is not the one that was locked.
            RemoteError: The package index cannot be asked, or (``offline``) the cache lacks a wheel.
            PlatformError: This machine is at fault.
        """
        (work / "lock.txt").write_text(lock)
        arguments = ("install", "--require-hashes", "--no-deps", "--target", str(target), "-r", "lock.txt")
        alone = ["--offline"] if offline or wheels else []
        where = ["--no-index", "--find-links", str(wheels)] if wheels else []
        await self._run(work, (*arguments, *alone, *where), self._limits.install)
        (target / ".lock").unlink(missing_ok=True)  # uv's own, writable by all

    async def _run(self, work: Path, arguments: Sequence[str], timeout: float) -> bytes:  # noqa: ASYNC109 - passed on
        settings = user_settings(self._environ)
        command, *rest = arguments
        argv = [
            _uv(),
            "pip",
            command,
            *_WHEELS_ONLY,
            *(argument for argument in settings.arguments if argument not in rest),
            "--python",
            str(self._python),
            *rest,
        ]
        env = settings.env | self._own_settings()
        done = await process.run(argv, cwd=work, env=env, timeout=timeout, limit=LARGEST)
        if done.returncode != 0:
            raise explain(done.stderr)
        return done.stdout

    def _own_settings(self) -> dict[str, str]:
        return {
            "UV_CACHE_DIR": str(self._cache),
            "UV_LINK_MODE": _LINK_MODE,
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "NO_COLOR": "1",
        }


class _Locked(msgspec.Struct, frozen=True):
    """One package of a ``pylock.toml`` (PEP 751), as far as it is of use here."""

    name: str
    wheels: tuple[dict[str, Any], ...] = ()


def wheels_in(pylock: str, lock: str) -> tuple[Wheel, ...]:
    """Return the wheels that ``pylock``, which uv wrote, names; each must be one of ``lock``.

    Raises:
        AuthorError: A package has none.
        VerificationError: One is not in the lock, or has no proper name.
    """
    packages = msgspec.convert(tomllib.loads(pylock).get("packages", []), tuple[_Locked, ...])
    for package in packages:
        if not package.wheels:
            raise AuthorError(
                f"{shown(package.name)} has no wheel for this machine, and is never built from source",
                "Ask for a version that publishes wheels for this Python and machine",
            )
    return tuple(_wheel(wheel, lock) for package in packages for wheel in package.wheels)


def _wheel(found: Mapping[str, Any], lock: str) -> Wheel:
    url, sha256 = str(found.get("url", "")), str(found.get("hashes", {}).get("sha256", ""))
    name = unquote(url.rpartition("/")[2])
    try:
        parse_wheel_filename(name)
    except InvalidWheelFilename:
        raise VerificationError(f"the package index names no wheel: {shown(url, 200)}") from None
    if (
        "/" in name
        or unsafe_character(name) is not None
        or f"--hash=sha256:{sha256}" not in lock
        or not sha256
    ):
        raise VerificationError(f"the package index offers {shown(name)}, which was not locked")
    return Wheel(name, url, sha256)


def _uv() -> str:
    try:
        return find_uv_bin()
    except FileNotFoundError as error:
        raise PlatformError(
            "The program uv is missing", "Install yesman again; it brings uv along"
        ) from error
