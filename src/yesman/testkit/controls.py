"""What a test does to a plugin and its surroundings, the same for functions and for test cases.

What always holds: an error that crosses into a test is one of Python's own, or says whose fault it is
(:func:`in_test`); where a test fails, pytest shows the test and nothing of this module.
"""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from yesman.embed.outcomes import as_builtin
from yesman.model.errors import NotFoundError, UsageError, YesmanError
from yesman.plugins import IProvider, ProviderError
from yesman.plugins._proxies import stand_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence

    from yesman.plugins import Event, Session, ui
    from yesman.testkit.exchange import Answers, ExternalApi
    from yesman.testkit.hosting import Host

P = ParamSpec("P")
T = TypeVar("T")
Service = TypeVar("Service", bound=IProvider)
EVENT_SECONDS = 10.0
LOG_LINES = 10_000
__tracebackhide__ = True


def in_test(error: YesmanError) -> Exception:
    """Return what a test meets for ``error``: a LookupError, a ValueError, or as embedders do."""
    if isinstance(error, NotFoundError):
        return LookupError(str(error))
    if isinstance(error, UsageError):
        return ValueError(str(error))
    return as_builtin(error)


class Change:
    """A change that has begun. Whatever is done next waits for it; ``await`` it to wait here.

    Args:
        doing: The change.
        begun: Those that nobody has waited for yet; this one is among them until somebody does.
    """

    def __init__(self, doing: Coroutine[Any, Any, None], begun: list[Change]) -> None:
        self._task = asyncio.ensure_future(doing)
        self._begun = begun
        begun.append(self)

    def __await__(self) -> Generator[Any, None, None]:
        if self in self._begun:
            self._begun.remove(self)
        return self._task.__await__()


class Controls:
    """The plugin under test runs commands, hears of events, has permissions and finds sessions."""

    def __init__(self, name: str, host: Host) -> None:
        self.name = name
        self._host = host
        self._begun: list[Change] = []

    async def execute_command(self, command: str, **options: Any) -> Any:
        """Run one of the plugin's commands as a user would, and return its result.

        Args:
            command: Its name.
            options: By the names of the handler's parameters. What is left out has its default, or is None:
                that something is required is the command line's business.

        Raises:
            LookupError: It has no such command.
            Exception: See :meth:`yesman.embed.PluginSandbox.execute`.
        """
        return await self._settled(self._host.command, self.name, command, options)

    def provider(self, name: str, interface: Callable[..., Service]) -> Service:
        """Return one of the plugin's providers, to be called as the host calls it; its methods are awaited.

        Raises:
            LookupError: It provides none of that name. The methods raise ProviderError.
            ValueError: It is of another interface.
        """
        try:
            self._host.manager.providers.find(name, interface.__name__)
        except YesmanError as error:
            raise in_test(error) from None
        return stand_in(interface, partial(self._provided, name, interface.__name__))

    async def _provided(self, name: str, interface: str, method: str, arguments: dict[str, Any]) -> Any:
        try:
            await self._wait()
            return await self._host.manager.providers.call(name, interface, method, arguments)
        except YesmanError as error:
            self._raise_own()
            raise ProviderError(str(error)) from None

    async def panel(self, name: str, session: str | None = None) -> ui.Node:
        """Return what one of the plugin's panels shows now, as a dashboard would be given it.

        Args:
            name: As in the manifest.
            session: The session that it is shown with, if its slot is ``session``.

        Raises:
            LookupError: It has no such panel.
            ValueError: It is shown with a session and none is given, or the other way round.
            Exception: What the panel's function raised, or AuthorError if what it shows is no panel or beyond
                a bound. A dashboard shows that as an error.
        """
        return await self._settled(self._host.panel, self.name, name, session)

    async def press(
        self,
        name: str,
        what: str | ui.Button | ui.Form,
        values: Mapping[str, Any] | None = None,
        session: str | None = None,
    ) -> str:
        """Press a button of a panel, or send a form, and return what the plugin says of it, "" for nothing.

        Args:
            name: The panel's name.
            what: What it says, or the button or form itself where several say the same.
            values: What is filled in, if it is a form.
            session: As for :meth:`panel`.

        Raises:
            ValueError: The panel does not offer that, or the values do not fit the form's fields.
            Exception: What the action raised, or showing the panel did.
        """
        return await self._settled(self._host.press, self.name, name, session, what, values or {})

    def mock_external_api(self, host: str, answers: Answers) -> ExternalApi:
        """Answer for a service of the Internet, and all its sub-domains, from now on.

        The plugin's own HTTP client is not touched: it finds an address under that name, connects if the
        plugin is granted that, and meets a certificate that it trusts. Names that nothing was mocked for do
        not exist.

        Args:
            host: Such as ``github.com``.
            answers: A function of the :class:`Request`, or a mapping such as
                ``{"GET /repos/owner/project": {"id": 1}, "POST /hooks/*": Reply(status=204)}``: values are
                JSON data, text, bytes, a :class:`Reply`, or functions of the request that return one of them.

        Returns:
            The service: its ``requests`` are what it was asked.
        """
        return self._host.network.mock(host, answers)

    def grant_permission(self, permission: str) -> Change:
        """Grant one of the permissions that the manifest asks for, or a part of one.

        Whatever is done next waits for it. ``ValueError``, there or from ``await``: it is not asked for.
        """
        return Change(self._granting(permission, give=True), self._begun)

    def revoke_permission(self, permission: str) -> Change:
        """Take a permission back, and all that is within it, as ``yesman plugin revoke`` does: at once.

        Whatever is done next waits for it.
        """
        return Change(self._granting(permission, give=False), self._begun)

    @property
    def events(self) -> list[Event]:
        """All that was published since the plugin was installed, by it and by others, oldest first."""
        return list(self._host.bus.events)

    @property
    def notifications(self) -> list[tuple[str, str, str]]:
        """Title, body and urgency of each message that it has sent so far, as a user would be shown them."""
        return [(m.title, m.body, m.urgency) for m in self._host.shown.messages]

    @property
    def warnings(self) -> list[str]:
        """What installing the plugin warned of, such as what it declares and does not deliver."""
        return list(self._host.warnings)

    @property
    def log(self) -> list[str]:
        """What the plugin has logged, and printed beside commands, as lines of ``yesman plugin logs``."""
        return self._host.manager.log_of(self.name).tail(LOG_LINES)

    async def emit_event(self, event: str, /, session: str | None = None, **payload: Any) -> Any:
        """Let something happen, and return when the plugin has handled it.

        Args:
            event: Its name, one of yesman's own or below ``plugin.``.
            session: The session it is about. Without ``session.read`` for it the plugin sees no payload.
            payload: What matters of it; the rest of the event's fields is blank.

        Returns:
            What came of asking the plugin: a ``Deny``, an ``Allow`` or None for a veto or a vote, the payload
            as it was left for a filter, the answer for one that takes the first. None for what plugins are
            only told.

        Raises:
            ValueError: There is no such event, or that is no payload for it.
            Exception: What the plugin's handler raised; see :meth:`yesman.embed.PluginSandbox.execute`.
        """
        answer, failure = await self._settled(self._host.emit, self.name, event, session, payload)
        if failure is not None:
            raise in_test(failure) from None
        return answer

    async def wait_for_event(self, name: str, timeout: float = EVENT_SECONDS) -> Event:  # noqa: ASYNC109 - theirs
        """Return the first event that was, or will be, published under a name.

        Args:
            name: May hold ``*``, ``?`` and ``[…]`` as in shell patterns.
            timeout: In seconds.

        Raises:
            TimeoutError: None was.
        """
        async with asyncio.timeout(timeout):
            return await self._settled(self._host.bus.first, lambda event: fnmatchcase(event.name, name))

    async def create_session(
        self,
        name: str,
        *,
        repo: str = "",
        branch: str = "main",
        command: Sequence[str] | None = None,
    ) -> Session:
        """Start a real session, in a tmux server of this test's own; it becomes the current one.

        Without any, commands are run in one called ``test`` of the repository ``owner/project`` at the
        branch ``topic``.

        Args:
            name: Its name.
            repo: The repository that its folder seems to be a checkout of, as ``owner/name``.
            branch: The branch that seems to be checked out.
            command: What it runs instead of a shell.
        """
        return await self._settled(self._host.scenery.create, name, repo, branch, command)

    async def get_session(self, name: str) -> Session:
        """Return a session as it is now, with the metadata that the plugin has set.

        Raises:
            LookupError: There is none.
        """
        return await self._settled(self._host.scenery.get, name)

    async def _granting(self, permission: str, *, give: bool) -> None:
        change = self._host.grants.grant if give else self._host.grants.revoke
        try:
            await change(self.name, [permission], "test")
        except YesmanError as error:
            raise in_test(error) from None

    async def _settled(self, act: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``act`` returns, called once all that was begun is done."""
        try:
            await self._wait()
            return await act(*args, **kwargs)
        except YesmanError as error:
            self._raise_own()
            raise in_test(error) from None

    async def _wait(self) -> None:
        """Wait for what was begun."""
        while self._begun:
            await self._begun[0]

    def _raise_own(self) -> None:
        """Raise what a function of the test raised when it was to answer, rather than what came of that."""
        failures = self._host.network.failures
        if failures:
            raise failures.pop(0)
