"""``make escapes``: the whole corpus as both kinds of user, its table, and the document of it.

``python tests/escape`` runs everything as this user and, by ``tools/test_as_plain_user.sh``, as
the other one at the same time; exit 1 if anything escapes. ``python tests/escape --as-data``
is what runs as the other: it prints what this user got, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys

from corpus import results
from corpus.document import CHECKOUT, PLACE, shown, written
from corpus.results import Round, failures, worked
from corpus.table import attempts

OTHER_USER = [str(CHECKOUT / "tools" / "test_as_plain_user.sh"), "python", "tests/escape", "--as-data"]


def main() -> int:
    """Run, print, write; return the exit code."""
    if sys.argv[1:] == ["--as-data"]:
        print(json.dumps(results.run()))  # noqa: T201 - its output
        return 0
    with subprocess.Popen(OTHER_USER, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as other:
        rounds = [results.run()]
        said, _ = other.communicate()
    if other.returncode:
        return _say("The other kind of user could not run the corpus; see above.")
    if said:
        rounds.append(Round(*json.loads(said.splitlines()[-1])))
    rounds.sort(key=lambda one: not one.root)
    print(shown(rounds))  # noqa: T201 - its output
    wrong = failures(rounds)
    for line in wrong:
        _say(line)
    if len(rounds) == 2 and not wrong:
        PLACE.parent.mkdir(parents=True, exist_ok=True)
        PLACE.write_text(written(rounds), "utf-8")
    _summarise(rounds, wrong)
    return 1 if wrong else 0


def _summarise(rounds: list[Round], wrong: list[str]) -> None:
    rows = attempts()
    users = "root and a plain user" if len(rounds) > 1 else "this user; as the other kind of user: NOT RUN"
    through = sum(bool(attempt.residue) for attempt in rows)
    control = ", ".join(str(len(worked(one.control, rows))) for one in rounds)
    tests = sum(len(cases) for cases in rounds[0].marked.values())
    ways = "with and without grants and forked from a template"
    _say(f"{len(rows)} attempts and {tests} tests, {ways}, as {users}:")
    _say(f"{len(wrong)} not as they must be; {through} let through as listed; {control} work in the control.")


def _say(line: str) -> int:
    print(line, file=sys.stderr)  # noqa: T201 - its output
    return 1


if __name__ == "__main__":
    sys.exit(main())
