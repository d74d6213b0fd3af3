"""Each change is told once and in order, whatever the journal leaves out and however late it is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from yesman.sessions import journal
from yesman.sessions.changes import Model
from yesman.sessions.journal import Entry
from yesman.sessions.scene import EMPTY, PaneSeen, Scene, SessionSeen, WindowSeen


class Tmux:
    """As much of tmux as matters: sessions of one window and pane, and the journal of what happens."""

    def __init__(self):
        self.names = {}
        self.last = 0
        self.written = []
        self.truth = []

    def create(self, _chosen):
        self.last += 1
        ident = f"${self.last}"
        self.names[ident] = name = f"s{self.last}"
        self.written += [
            Entry("W", (ident, f"@{self.last}", "w", f"%{self.last} ")),
            Entry("C", (ident, name, "/")),
        ]
        self.truth.append(("session.created", ident, name))

    def close(self, chosen):
        if self.names:
            ident = sorted(self.names)[chosen % len(self.names)]
            name = self.names.pop(ident)
            self.written += [Entry("K", (ident, name)), Entry("U", (ident, f"@{ident[1:]}"))]
            self.truth.append(("session.closed", ident, name))

    def rename(self, chosen):
        if self.names:
            ident = sorted(self.names)[chosen % len(self.names)]
            self.names[ident] += "x"
            self.written.append(Entry("N", (ident, self.names[ident])))
            self.truth.append(("session.renamed", ident, self.names[ident]))

    def scene(self):
        numbers = [ident[1:] for ident in self.names]
        return Scene(
            7,
            {ident: SessionSeen(name, "/") for ident, name in self.names.items()},
            {f"@{n}": WindowSeen(f"${n}", "w") for n in numbers},
            {f"%{n}": PaneSeen(f"@{n}") for n in numbers},
            {},
        )


def sessions(changes):
    return [(c.name, c.id, c.session.name) for c in changes if c.name.startswith("session.")]


STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "close", "rename", "look"]), st.integers(0, 9), st.booleans())
)


@given(STEPS)
def test_everything_is_told_once_and_in_order_however_late_the_journal(steps):
    tmux, model, told = Tmux(), Model(), []
    model.replace(EMPTY)
    late = []
    for step, chosen, lags in [*steps, ("look", 0, False), ("look", 0, False)]:
        if step != "look":
            getattr(tmux, step)(chosen)
            continue
        # What happened since the last look may not be in the journal yet, but will be by the next one.
        fresh, late = late + ([] if lags else tmux.written), tmux.written if lags else []
        tmux.written = []
        told += model.apply(fresh, tmux.scene())
    assert sessions(told) == tmux.truth
    kinds = Counter(change.name for change in told)
    assert kinds["session.created"] == kinds["window.created"] == kinds["pane.opened"]
    assert kinds["session.closed"] == kinds["window.closed"] == kinds["pane.closed"]


@given(STEPS)
def test_without_a_journal_what_there_is_gets_told_as_far_as_it_was_seen(steps):
    tmux, model, told = Tmux(), Model(), []
    model.replace(EMPTY)
    for step, chosen, _ in steps:
        if step == "look":
            told += model.apply([], tmux.scene()) + model.apply([], tmux.scene())
        else:
            getattr(tmux, step)(chosen)
    told += model.apply([], tmux.scene()) + model.apply([], tmux.scene())
    open_now = Counter(i for name, i, _ in sessions(told) if name == "session.created")
    open_now.subtract(i for name, i, _ in sessions(told) if name == "session.closed")
    assert {ident for ident, count in open_now.items() if count} == set(tmux.names)
    assert max(open_now.values(), default=0) <= 1
    assert not model.unsettled


FIELDS = st.lists(
    st.sampled_from(["$1", "$2", "@1", "@2", "%1", "%2", "%1 %2 ", "7", "", "name", "\x1b", "$x"]), max_size=5
)


@given(
    st.lists(st.tuples(st.sampled_from(["C", "K", "N", "W", "U", "S", "E", "X", "A", "D", "Z", ""]), FIELDS))
)
def test_whatever_somebody_writes_into_the_journal_nothing_ends_twice(lines):
    kept = "\n".join("\t".join([kind, *fields]) for kind, fields in lines)
    model = Model()
    told = model.apply(journal.parse(kept), EMPTY._replace(server_pid=7))
    told += model.replace(EMPTY)
    balance = Counter()
    ends = {
        "session.closed": "session.created",
        "window.closed": "window.created",
        "pane.closed": "pane.opened",
    }
    for change in told:
        ident = change.details.get("pane") or change.details.get("window") or change.id
        balance[ends.get(change.name, change.name), ident] += -1 if change.name in ends else 1
    assert all(count == 0 for (name, _), count in balance.items() if name in ends.values())


def test_the_end_of_the_tmux_server_is_told_once_and_its_ids_may_come_again():
    tmux, model = Tmux(), Model()
    model.replace(EMPTY)
    tmux.create(0)
    model.apply(tmux.written, tmux.scene())
    assert [name for name, *_ in sessions(model.replace(EMPTY))] == ["session.closed"]
    assert model.replace(EMPTY) == []
    again = tmux.scene()._replace(server_pid=8)
    assert sessions(model.apply([], again) + model.apply([], again)) == [("session.created", "$1", "s1")]


def test_a_journal_read_after_its_sessions_were_given_up_tells_nothing_twice():
    tmux, model = Tmux(), Model()
    model.replace(EMPTY)
    tmux.create(0)
    model.apply(tmux.written, tmux.scene())
    model.replace(EMPTY)
    model.replace(EMPTY)
    assert model.apply([Entry("K", ("$1", "s1"))], EMPTY._replace(server_pid=7)) == []


def test_a_window_that_two_sessions_share_ends_with_the_second():
    model = Model()
    scene = Scene(
        7, {"$1": SessionSeen("a", "/"), "$2": SessionSeen("b", "/")}, {"@1": WindowSeen("$1", "w")},
        {"%1": PaneSeen("@1")}, {},
    )  # fmt: skip
    model.replace(scene)
    left = scene._replace(sessions={"$2": scene.sessions["$2"]}, windows={"@1": WindowSeen("$2", "w")})
    assert [c.name for c in model.apply([Entry("K", ("$1", "a"))], left)] == ["session.closed"]
    ended = model.apply([Entry("K", ("$2", "b"))], EMPTY._replace(server_pid=7))
    assert [c.name for c in ended] == ["pane.closed", "window.closed", "session.closed"]


def test_a_pane_that_remains_dead_is_told_of_with_its_code():
    tmux, model = Tmux(), Model()
    model.replace(EMPTY)
    tmux.create(0)
    model.apply(tmux.written, tmux.scene())
    dead = tmux.scene()._replace(panes={"%1": PaneSeen("@1", dead=True, code=3)})
    told = model.apply([], dead) + model.apply([], dead) + model.apply([], dead)
    assert [(c.name, c.details["code"]) for c in told] == [("pane.exited", 3)]
