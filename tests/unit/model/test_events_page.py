"""Every event has what its page needs (tests/integration/docs says that the page is made from the table)."""

from __future__ import annotations

from pathlib import Path

from yesman.model import hook_specs
from yesman.model.hook_specs import SPECS

SOURCE = Path(hook_specs.__file__).parents[1]


def test_every_event_has_a_name_of_its_own_and_a_sentence():
    assert len({event.name for event in SPECS}) == len(SPECS)
    assert all(event.told and not event.told.endswith(".") for event in SPECS)


def test_every_event_is_emitted_somewhere_or_said_to_be_planned():
    files = [file for file in SOURCE.rglob("*.py") if file != Path(hook_specs.__file__)]
    text = "".join(file.read_text() for file in files)
    silent = {event.name for event in SPECS if f'"{event.name}"' not in text}
    assert silent == {event.name for event in SPECS if event.planned}
