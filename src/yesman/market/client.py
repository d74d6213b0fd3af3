"""Asks registries, through a program of its own for each question.

What always holds: nothing that a registry says is parsed in this process but the program's answer, and
that is bounded and typed; who asks waits no longer than a question may take.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec

from yesman import process
from yesman.market.mirrors import Mirrored
from yesman.market.questions import PARTIAL, Fetch, Look, Mirror, Recognise, Revoked, Wheels
from yesman.market.registries import LARGEST_ROOT
from yesman.model.errors import (
    AuthorError,
    NotFoundError,
    PlatformError,
    RemoteError,
    UsageError,
    VerificationError,
    YesmanError,
)
from yesman.package import staging
from yesman.trust.index import Release, Revocation, Revocations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.market.questions import Question
    from yesman.market.registries import Registries, Registry
    from yesman.package.uv import Wheel

T = TypeVar("T")
PROGRAM: Final = "yesman.market.program"
LOOK_SECONDS: Final = 120.0
FETCH_SECONDS: Final = 900.0
MIRROR_SECONDS: Final = 48 * 3600.0
MOST_BYTES: Final = 32 << 20
"""Of an answer."""
_ERRORS: Final = {
    error.kind: error
    for error in (AuthorError, NotFoundError, PlatformError, RemoteError, UsageError, VerificationError)
}
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package that was fetched and verified.

    Attributes:
        path: Where it is.
        publisher: What the registry calls who signed it.
        signer: The keyid.
        successor_of: The keyids that led to it.
        claimed: Whether offline keys of the registry vouch that the name is theirs.
        release: What it is.
        warning: Why users are warned of it, or "".
        revoked: All that the registry has revoked, as of then.
        metadata: How old what the registry says is; only where it is a folder.
        wheels: A folder with all that it requires, or "".
    """

    path: str
    publisher: str
    signer: str
    successor_of: tuple[str, ...]
    claimed: bool
    release: Release
    warning: str = ""
    revoked: tuple[Revocation, ...] = ()
    metadata: dict[str, str] | None = None
    wheels: str = ""


class _Failure(msgspec.Struct, frozen=True):
    kind: str
    message: Annotated[str, msgspec.Meta(max_length=4096)]
    next_step: Annotated[str, msgspec.Meta(max_length=4096)] = ""


class _Answer(msgspec.Struct, frozen=True):
    value: Any = None
    failure: _Failure | None = None


class MarketClient:
    """Asks the registries that the user trusts.

    Args:
        registries: Which these are.
        packages: The folder for packages that were fetched.
        environ: The user's environment.
    """

    def __init__(self, registries: Registries, packages: Path, environ: Mapping[str, str]) -> None:
        self.registries = registries
        self.packages = packages
        self._environ = {key: environ[key] for key in _PASSED_ON if key in environ}

    async def recognise(self, root: Path) -> tuple[bytes, str]:
        """Return the bytes of a root file and its fingerprint.

        Raises:
            VerificationError: It is none.
            NotFoundError: It does not exist.
        """
        data = _root_file(root)
        shown: str = await self._ask(Recognise(data), LOOK_SECONDS)
        return data, shown

    async def look(self, registry: str, name: str) -> dict[str, Any]:
        """Return what ``registry`` has published of plugin ``name``.

        Raises:
            YesmanError: It has none, or cannot be asked or believed.
        """
        found: dict[str, Any] = await self._ask(Look(**self._of(registry), name=name), LOOK_SECONDS)
        return found

    async def revoked(self, registry: str) -> tuple[Revocation, ...]:
        """Return what ``registry`` has revoked; raises as :meth:`look`."""
        answer = await self._ask(Revoked(**self._of(registry)), LOOK_SECONDS)
        return _typed(answer, Revocations).entries

    async def fetch(self, registry: str, name: str, version: str, pin: str) -> Package:
        """Return the release ``version`` of plugin ``name`` as a verified package; raises as :meth:`look`."""
        question = Fetch(
            **self._of(registry), name=name, version=version, pin=pin, packages=str(self.packages)
        )
        return _typed(await self._ask(question, FETCH_SECONDS), Package)

    async def mirror(
        self, registry: str, to: Path, locks: Path, plugins: tuple[str, ...], *, every: bool
    ) -> Mirrored:
        """Copy ``registry``, or some ``plugins`` of it, to the folder ``to``; raises as :meth:`look`.

        Nobody who reads ``to`` notices before :func:`~yesman.market.mirrors.commit`.
        """
        known = self._of(registry)
        question = Mirror(**known, to=str(to), locks=str(locks), plugins=plugins, every=every)
        return _typed(await self._ask(question, MIRROR_SECONDS), Mirrored)

    async def fetch_wheels(self, files: tuple[Wheel, ...], to: Path, proxies: Mapping[str, str]) -> int:
        """Fetch ``files`` to the folder ``to``; return how many bytes they have.

        Raises:
            YesmanError: One cannot be had, or is not what it should be.
        """
        return _typed(await self._ask(Wheels(files, str(to)), MIRROR_SECONDS, proxies), int)

    def fetched_bytes(self) -> int:
        """Return how far fetching is, in bytes, if anything is being fetched."""
        try:
            return max((file.stat().st_size for file in self.packages.glob(f".*/{PARTIAL}")), default=0)
        except FileNotFoundError:  # it is there, whole, by now
            return 0

    def _of(self, name: str) -> dict[str, Any]:
        registry: Registry = self.registries.get(name)
        root, metadata = str(self.registries.root(name)), str(self.registries.folder(name))
        known = {"url": registry.url, "root": root, "metadata": metadata}
        return known | {"longest_age": registry.longest_age}

    async def _ask(self, question: Question, seconds: float, more: Mapping[str, str] | None = None) -> Any:
        ended = await process.run(
            [sys.executable, "-I", "-m", PROGRAM],
            cwd=Path("/"),
            env={**self._environ, **(more or {})},
            timeout=seconds,
            limit=MOST_BYTES,
            input=msgspec.json.encode(question),
        )
        try:
            answer = msgspec.json.decode(ended.stdout, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise PlatformError(
                "the registry could not be asked: the client ended without an answer"
            ) from None
        if answer.failure is not None:
            raise _error(answer.failure)
        return answer.value


def _typed(answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise PlatformError(f"the registry could not be asked: its client answers wrongly: {error}") from None


def _root_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_ROOT + 1)
    except FileNotFoundError:
        raise NotFoundError(f"There is no root file {path}", "Get it from the registry's operator") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST_ROOT:
        raise VerificationError(
            f"{path} is too large to be a root file", "Get it from the registry's operator"
        )
    return data


def _error(failure: _Failure) -> YesmanError:
    return _ERRORS.get(failure.kind, YesmanError)(failure.message, failure.next_step)


def sweep(packages: Path) -> None:
    """Empty ``packages``, which is a cache; only while nothing is fetched. What cannot go now goes later."""
    staging.sweep(packages)
    for left in packages.glob("*"):
        with suppress(OSError):
            left.unlink()
