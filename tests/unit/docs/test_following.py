"""What a page says is understood, and what a command showed is compared with it."""

from __future__ import annotations

import pytest
from followed.comparing import mismatch
from followed.page import Command, File, steps

PAGE = """\
Type this:

```console
$ yesman plugin list
No plugin is installed.
$ yesman plugin install x
Really? [y/N] y
Done.
```

Write `x/plugin.yaml`:

```yaml
name: x
```

Add to `x/plugin.yaml`, at its end:

```yaml
version: 1.0.0
```

For your own shell:

```sh
rm -r /
```

This is only shown:

```python
raise SystemExit
```
"""


def test_a_page_is_commands_and_files_in_its_order():
    assert steps(PAGE) == [
        Command(4, "yesman plugin list", "No plugin is installed."),
        Command(6, "yesman plugin install x", "Really? [y/N] y\nDone."),
        File(13, "x/plugin.yaml", "name: x\n", appended=False),
        File(19, "x/plugin.yaml", "version: 1.0.0\n", appended=True),
    ]


def test_answers_stand_behind_their_questions():
    assert [step.answers for step in steps(PAGE)[:2]] == [[], [("Really? [y/N]", "y")]]


def test_a_console_block_begins_with_a_command():
    with pytest.raises(AssertionError, match="line 1 does not begin with a command"):
        steps("```console\nyesman plugin list\n```\n")


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("", ""),
        ("one\ntwo", "\none  \ntwo\n\n"),
        ("in …/work.", "in /tmp/a/work."),
        ("[…]\nlast", "first\n\nlast"),
        ("[…]\nlast", "last"),
        ("first\n[…]", "first\nsecond"),
        ("first\n[…]\nlast", "first\nlast"),
        ("[…]", "anything\n\nat all"),
    ],
)
def test_what_is_as_the_page_says_passes(expected, shown):
    assert mismatch(expected, shown) == ""


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("", "something"),
        ("one", ""),
        ("one\ntwo", "one"),
        ("one", "one\ntwo"),
        ("in …/work.", "in /tmp\n/work."),
        ("[…]\nlast", "first"),
        ("a.c", "abc"),
    ],
)
def test_what_is_otherwise_is_told(expected, shown):
    assert "as the page says" in mismatch(expected, shown)
