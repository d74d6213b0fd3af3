"""What holds of every manifest and of any bytes at all."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError
from yesman.model.manifest import as_data, from_data, parse_manifest
from yesman.model.manifest_schema import EVENT_NAMES, PLUGIN_TYPES
from yesman.model.permissions import NAMES

LINE = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30)
NAME = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
WORD = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)


def refusal(written: bytes) -> str:
    """Return the sentence a manifest is refused with, or an empty one when it is fine."""
    try:
        parse_manifest(written)
    except AuthorError as error:
        return str(error)
    return ""


def optional(**keys: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=keys)


def named(
    kind: str, names: st.SearchStrategy[str], **keys: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    one = st.fixed_dictionaries({"name": names}, optional=keys)
    return st.lists(one, max_size=3, unique_by=lambda entry: str(entry["name"])).map(
        lambda found: {kind: found}
    )


PROVIDED = st.tuples(
    named("commands", NAME, description=LINE, handler=WORD),
    named("hooks", st.sampled_from(sorted(EVENT_NAMES))),
).map(list)
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")}, optional={"default": LINE, "required": st.booleans()}
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.just("number")}, optional={"default": st.integers(-9, 9) | st.floats(-9, 9, width=16)}
)
LISTS = st.fixed_dictionaries({"type": st.just("array")}, optional={"default": st.lists(LINE, max_size=3)})
MANIFESTS = st.fixed_dictionaries(
    {"name": NAME, "version": st.just("1.0")},
    optional={
        "author": LINE,
        "description": LINE,
        "type": st.sampled_from(PLUGIN_TYPES),
        "provides": PROVIDED,
        "permissions": st.lists(st.sampled_from(sorted(NAMES)), unique=True),
        "config": optional(properties=st.dictionaries(WORD, TEXTS | NUMBERS | LISTS, max_size=4)),
        "activation": optional(on_startup=st.booleans()),
    },
)


@given(MANIFESTS)
def test_every_manifest_survives_the_registry(written: dict[str, object]) -> None:
    manifest = parse_manifest(json.dumps(written, ensure_ascii=False).encode())
    assert from_data(msgspec.json.decode(msgspec.json.encode(as_data(manifest)))) == manifest
    assert manifest.name == written["name"]
    assert len(manifest.permissions) == len(written.get("permissions", ()))  # type: ignore[arg-type]  # a list


@given(st.binary(max_size=300))
def test_any_bytes_are_a_manifest_or_an_authors_error(data: bytes) -> None:
    sentence = refusal(data)
    assert not sentence or sentence.startswith("plugin.yaml:")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data(), MANIFESTS, ANYTHING)
def test_anything_in_the_place_of_a_value_is_refused_in_one_sentence(
    data: st.DataObject, written: dict[str, object], junk: object
) -> None:
    key = data.draw(
        st.sampled_from(["provides", "permissions", "config", "dependencies", "yesman", "homepage", "name"])
    )
    text = json.dumps({**written, key: junk}, ensure_ascii=False)
    sentence = refusal(text.encode("utf-8", "surrogatepass"))
    assert not sentence or sentence.startswith("plugin.yaml:")
    assert "\n" not in sentence
