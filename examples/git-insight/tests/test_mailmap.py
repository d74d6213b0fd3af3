"""``.mailmap`` is read as git reads it."""

from __future__ import annotations

import random

IDENTITIES = [(name, mail) for name in ("A", "a b", "B", "C") for mail in ("x@e", "X@E", "y@e", "z@E")]


def random_part(rng: random.Random) -> str:
    name = rng.choice(["", "", "A", "a B", " B ", "new", "C\t"])
    mail = rng.choice(["x@e", "X@e", "y@E", "z@e", "", " x@e", "n@e"])
    return rng.choice([f"{name}<{mail}>", f"{name} <{mail}>", f"{name} <{mail}> ", name, f"<{mail}"])


def random_mailmap(rng: random.Random) -> str:
    lines = ["".join(random_part(rng) for _ in range(rng.randrange(1, 4))) for _ in range(8)]
    return "\n".join(rng.choice(["", "", "", "#", " #"]) + line for line in lines) + "\n"


def test_random_mailmaps_agree_with_git(plugin, history, tmp_path):
    history.git(tmp_path, "init", "--quiet", ".")
    asked = "".join(f"{name} <{mail}>\n" for name, mail in IDENTITIES).encode()
    rng = random.Random(1)
    for _ in range(120):
        text = random_mailmap(rng)
        (tmp_path / ".mailmap").write_text(text)
        said = history.git(tmp_path, "check-mailmap", "--stdin", stdin=asked).decode().splitlines()
        mailmap = plugin.mailmap.Mailmap(text.encode())
        ours = [mailmap.correct(name.encode(), mail.encode()) for name, mail in IDENTITIES]
        assert [f"{name.decode()} <{mail.decode()}>".lstrip() for name, mail in ours] == said, text


def test_entry_with_a_name_wins_over_one_without(plugin):
    mailmap = plugin.mailmap.Mailmap(b"One <one@e> Old <x@e>\nAll <x@e>\n")
    assert mailmap.correct(b"OLD", b"X@e") == (b"One", b"one@e")
    assert mailmap.correct(b"other", b"X@e") == (b"All", b"X@e")


def test_letters_beyond_ascii_keep_their_case(plugin):
    mailmap = plugin.mailmap.Mailmap("Neu <neu@e> grö <x@e>\n".encode())
    assert mailmap.correct("GRö".encode(), b"x@e") == (b"Neu", b"neu@e")
    assert mailmap.correct("GRÖ".encode(), b"x@e") == ("GRÖ".encode(), b"x@e")


def test_windows_line_ends_do_no_harm(plugin):
    mailmap = plugin.mailmap.Mailmap(b"Name <x@e>\r\n<new@e> <y@e>\r\n")
    assert mailmap.correct(b"n", b"x@e") == (b"Name", b"x@e")
    assert mailmap.correct(b"n", b"y@e") == (b"n", b"new@e")
