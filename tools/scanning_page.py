"""Writes ``docs/reference/scanning.md`` from the rules of scanning; a test fails when the page is stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from yesman.scan.rules_table import RULES, SCANNERS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "scanning.md"
HEAD = """\
# Scanning

`yesman plugin scan DIR|PACKAGE` says what a plugin contains before any of its code runs. Scanning is
advice: it finds what was seen before, in the forms it knows. What a plugin can do is decided by its
permissions and the kernel, whatever a scan says. This page is generated from the rules.

```text
$ yesman plugin scan ./my-plugin
SCANNER     OUTCOME
rules       passed
code        findings
characters  passed
secrets     passed
names       not_configured  there is no list of known names
advisories  not_configured  there is no database of advisories

LEVEL    WHERE          FINDING
warning  src/main.py:4  Code calls C functions directly: imports ctypes. Depend on a
                        package that does. [native-code]

./my-plugin: warned
```

## Verdicts

| verdict | why | the command ends with |
|---|---|---|
| `passed` | every scanner looked at everything, and found nothing | 0 |
| `warned` | there are warnings: honest plugins do such things too | 0; with `--strict` 2 |
| `quarantined` | something could not be looked at, or a scanner failed: nobody can tell | 1 |
| `refused` | there is an error: honest plugins do not do that | 4 |

A scanner's outcome is `passed`, `findings`, `failed` or `not_configured`, and none stands for another: a
scanner that was killed, hung, ran out of memory or said too much has `failed`; one that has no data to
compare with is `not_configured`. Warnings about files below `tests` do not count, errors do.

`--json` has `verdict`, `content` (the digest of what was scanned), `rules` (the digest of what it was
scanned with), `scanners` (`name`, `outcome`, `why`) and `findings` (`rule`, `level`, `file`, `line`,
`message`, `fix`). The same content is not scanned twice with the same rules. `--sbom FILE` writes what the
plugin consists of, as CycloneDX 1.6: the packages of its `requirements.lock`, with their hashes.

## How

One process for each scan reads the plugin. Before it opens the first file it has loaded all that it needs
and shut itself in: it can read the plugin, and nothing else but the system's libraries; it can write
nowhere, connect to nothing and start nothing; it has 1 GiB of memory, 20 seconds of processor time and 30
of any. It names rules and places. What a rule says, how bad it is and what follows is decided outside of
it.

What a module's constants make when they are put together (`"/.s" + "sh"`, `"".join([…])`, `chr(…)`, base64,
hexadecimal, compressed) is held against the rules like its text.

## Known vulnerabilities

`yesman plugin advisories FILE` imports the records of [OSV](https://osv.dev) for PyPI, from a zip, a folder
or one file; no network is used. What a plugin's `requirements.lock` holds is looked up by name and version
(PEP 440). Without a lock only what is pinned can be looked up, and a warning says so.

## Rules

"""
LEVELS = """
An `error` refuses, a `warning` warns, `unchecked` quarantines: somebody has to look.
"""
TITLES = {
    "rules": "Patterns",
    "code": "Code",
    "characters": "Characters",
    "secrets": "Secrets",
    "names": "Names",
    "advisories": "Advisories",
}
NOTES = {
    "rules": "Files of rules for [YARA-X](https://virustotal.github.io/yara-x/), in `yesman/scan/rules`.",
    "code": "Told from the syntax tree of each module. What needs a permission: see [findings](findings.md).",
    "characters": "In code, data and texts. Emoji pass, and the joiners of scripts that need them.",
    "secrets": "Tokens with a checksum count only if it is right, others only if they are random.",
    "names": "Compared with lists that are given, of other publishers' plugins and of well-known packages: "
    "what names look like (UTS 39), then how many letters differ. Needs `yesman[marketplace]`.",
    "advisories": "Needs a database: see above.",
}


def page() -> str:
    """Return the page."""
    return HEAD + LEVELS.strip() + "\n" + "\n".join(line for name in SCANNERS for line in _rows(name)) + "\n"


def _rows(scanner: str) -> Iterator[str]:
    yield from (
        "",
        f"### {TITLES[scanner]}",
        "",
        NOTES[scanner],
        "",
        "| rule | level | finds | fix |",
        "|---|---|---|---|",
    )
    for name, rule in RULES.items():
        if rule.scanner == scanner:
            yield f"| `{name}` | {rule.level.value} | {rule.about} | {rule.fix} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
