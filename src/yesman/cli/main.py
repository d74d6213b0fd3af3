"""Where the command line starts and ends.

What always holds: help and version need no Click; every failure ends here as one sentence on
stderr and an exit code; a reader that goes away, or Ctrl-C, ends us as quietly as any program.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

    from yesman.cli.invocation import Invocation
    from yesman.model.errors import YesmanError

# What imports more than this module needs stands in functions: `yesman --help` must be instant.


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: Without the program's name; None means ``sys.argv``.
    """
    _open_missing_streams()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        from yesman.cli.failures import BROKEN_PIPE  # noqa: PLC0415 - see above

        _forget_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        from yesman.cli.failures import INTERRUPTED  # noqa: PLC0415 - see above

        return INTERRUPTED
    except OSError as error:
        _forget_output()
        sys.stderr.write(f"yesman: The output cannot be written: {error.strerror}.\n")
        return 1
    return code


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from yesman import __version__  # noqa: PLC0415 - see above

        sys.stdout.write(f"yesman {__version__}\n")
        return 0
    from yesman.cli.failures import tell, tell_mistake  # noqa: PLC0415 - see above
    from yesman.cli.invocation import Invocation  # noqa: PLC0415 - see above
    from yesman.model.errors import YesmanError  # noqa: PLC0415 - see above

    invocation = Invocation(os.environ)
    try:
        return (
            _help(invocation) if arguments in ([], ["--help"], ["-h"]) else _dispatch(arguments, invocation)
        )
    except YesmanError as error:
        return tell(error, debug=invocation.debug)
    except OSError as error:
        if error.filename is None:
            raise  # of a stream; what concerns a file is explained where it happens, or a mistake
        return tell_mistake(error, debug=invocation.debug)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must be told in one sentence as well
        return tell_mistake(error, debug=invocation.debug)


def _help(invocation: Invocation) -> int:
    from yesman.cli.overview import overview  # noqa: PLC0415 - see above
    from yesman.cli.render import columns, say  # noqa: PLC0415 - see above

    say(overview(invocation.home, columns()))
    return 0


def _dispatch(arguments: list[str], invocation: Invocation) -> int:
    """Let Click find the command and run it; return the exit code."""
    import click  # noqa: PLC0415 - see above

    from yesman.cli.group import root  # noqa: PLC0415 - see above

    try:
        with root.make_context("yesman", arguments, obj=invocation) as context:
            root.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        raise _as_ours(error) from error
    return 0


def _as_ours(error: click.ClickException) -> YesmanError:
    """Return Click's complaint about the arguments as our own kind of error."""
    from yesman.model.errors import UsageError  # noqa: PLC0415 - see above

    context = getattr(error, "ctx", None)
    message = error.format_message()
    # Click puts its question ("Did you mean …?") into the message; ours takes the full stop after it.
    return UsageError(message, f"See: {context.command_path} --help" if context else "")


def _open_missing_streams() -> None:
    """Make sure that 0, 1 and 2 are open, so that nothing else is ever opened under their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115 - lives as long as we do
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of another encoding is no failure


def _forget_output() -> None:
    """Keep the interpreter from writing, when it ends, what could not be written before."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
