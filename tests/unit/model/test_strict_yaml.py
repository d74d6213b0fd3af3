"""The YAML reader: what it refuses, on which line, and that it agrees with both parsers."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError
from yesman.model.strict_yaml import LOADER, MAX_BYTES, Mapping, Node, Scalar, Sequence, load

BOTH = pytest.mark.parametrize("loader", [LOADER, yaml.SafeLoader], ids=["c", "python"])
BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


def data_of(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [data_of(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: data_of(value) for key, value in node.entries.items()}


@BOTH
@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        (BOMB, 1, "anchors and aliases are refused in 'a'"),
        (b"a: 1\nb: *x\n", 2, "anchors and aliases"),
        (b"a: 1\n<<: {b: 1}\n", 2, "merge key"),
        (b"a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a', first on line 1"),
        (b"true: 1\n'true': 2\n", 2, "duplicate key"),
        (b"a:\n  b: !!python/name:os.system\n", 2, "tag"),
        (b"a: ! b\n", 1, "tag"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: 1\nb: \x1b[2J\n", 2, "U+001B"),
        (b'a: 1\nb: "\\e[2J"\n', 2, "U+001B is refused in 'b'"),
        (b'a: "\\u202e"\n', 1, "U+202E"),
        ("a: 1\n# \u2066\n".encode(), 2, "U+2066"),
        (b"a: 1\nb:\t2\n", 2, "a tab is refused. Use spaces"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\n? [b]\n: 2\n", 2, "key must be plain text"),
        (b"a: 1\nb: [\n", 3, "not valid YAML"),
        (b"a: 99999999999999999999\n", 1, "out of range"),
        (b"a: 1e999\n", 1, "out of range"),
        (b"", 1, "empty"),
        (b"# nothing\n", 2, "empty"),
        (b"[" * 100, 1, "more than 20 levels"),
        (b"k" * 200 + b": 1\n", 1, "too long"),
    ],
)
@pytest.mark.escape("environment")
def test_what_is_not_strict_is_refused_with_its_line(loader: type, text: bytes, line: int, part: str) -> None:
    with pytest.raises(AuthorError) as caught:
        load(text, file="p.yaml", loader=loader)
    assert str(caught.value).startswith(f"p.yaml:{line}: ")
    assert part in str(caught.value)


@pytest.mark.escape("environment")
def test_size_is_checked_before_anything_is_parsed() -> None:
    assert isinstance(load(b"a" + b"\n" * (MAX_BYTES - 1)), Scalar)
    with pytest.raises(AuthorError, match=f"more than the {MAX_BYTES} allowed"):
        load(b"[" * (MAX_BYTES + 1))


@BOTH
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("007", "007"),
        ("1.0.0", "1.0.0"),
        (".nan", ".nan"),
        ("true", True),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1.50", 1.5),
        ("'1'", "1"),
        ("'~'", "~"),
    ],
)
def test_only_the_words_of_yaml_1_2_are_special(loader: type, written: str, value: object) -> None:
    tree = load(f"key: {written}\n".encode(), loader=loader)
    assert data_of(tree) == {"key": value}


@BOTH
def test_every_node_knows_its_line_and_path(loader: type) -> None:
    tree = load(b"\xef\xbb\xbf# c\na:\n  - b:\n      c: 1\nd:\n", loader=loader)
    assert isinstance(tree, Mapping)
    inner = tree.entries["a"].items[0].entries["b"].entries["c"]  # type: ignore[attr-defined]  # asserts the shape
    assert (inner.line, inner.path) == (4, "a[0].b.c")
    assert tree.entries["d"].line == tree.key_lines["d"] == 5


@BOTH
@given(
    data=st.binary(max_size=200)
    | st.text(alphabet="ab:-[]{}&*!|>'\"\\\n #?,%@U0\t", max_size=80).map(str.encode)
)
def test_any_bytes_become_a_tree_or_an_authors_error(loader: type, data: bytes) -> None:
    try:
        outcome = load(data, loader=loader)
    except AuthorError as error:
        outcome = str(error)
    assert isinstance(outcome, Node) or outcome.startswith("plugin.yaml:")
