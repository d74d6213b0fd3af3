"""A manifest that uses every key, and what a change to it is refused with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from yesman.model.errors import AuthorError
from yesman.model.manifest import parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = """\
name: session-diary
version: "1.2"
author: Somebody
description: >
  Keeps a diary
  of sessions
homepage: https://example.org/diary
license: MIT
yesman:
  min_version: 0.11.0
  max_version: 1.0.0
type: hook
provides:
  - commands:
      - name: diary
        description: Show the diary
        handler: show
  - hooks:
      - name: session.created
        handler: on_created
      - name: pane.*
  - providers:
      - name: diary
        interface: IProvider
dependencies:
  - jinja2>=3.1
permissions:
  - session.read
  - name: filesystem.write:~/diary/
    reason: The diary lies there
config:
  type: object
  required: [folder]
  properties:
    folder:
      type: string
      minLength: 1
    depth:
      type: integer
      minimum: 1
      maximum: 9
      default: 3
    tags:
      type: array
      items: {type: string, enum: [work, play]}
      default: [work]
activation:
  on_startup: true
"""


@pytest.fixture(scope="session")
def whole() -> str:
    return WHOLE


@pytest.fixture
def refusal() -> Callable[[str, str], str]:
    """Replace one part of the manifest and return the sentence it is refused with."""

    def refuse(old: str, new: str) -> str:
        assert WHOLE.count(old) == 1
        with pytest.raises(AuthorError) as caught:
            parse_manifest(WHOLE.replace(old, new).encode())
        return str(caught.value)

    return refuse
