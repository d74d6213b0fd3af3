"""Whatever a schema asks for, the value made for it fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.config_schema import ConfigSchema, Property
from yesman.model.errors import UsageError
from yesman.model.hook_specs import BY_NAME, SPECS
from yesman.testkit import blanks

NUMBERS = st.integers(-100, 100)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_event_has_a_payload_without_anybody_giving_it(spec):
    assert isinstance(blanks.payload(spec, {}), spec.payload)


@given(low=NUMBERS, size=st.integers(0, 50), kind=st.sampled_from(["integer", "number"]))
def test_numbers_are_within_their_bounds(low, size, kind):
    for bounds in ({"minimum": low}, {"maximum": low}, {"minimum": low, "maximum": low + size}):
        schema = ConfigSchema((Property(name="n", type=kind, required=True, **bounds),))
        assert schema.check(blanks.settings(schema, {}))


@given(low=st.integers(0, 40), size=st.integers(0, 40))
def test_texts_are_as_long_as_they_must_be(low, size):
    bounds = {"min_length": low, "max_length": low + size}
    schema = ConfigSchema((Property(name="token", type="string", required=True, **bounds),))
    assert schema.check(blanks.settings(schema, {}))


def test_what_is_given_or_not_required_is_left_alone():
    rows = {"given": True, "free": False, "needed": True}
    schema = ConfigSchema(tuple(Property(name=n, type="string", required=r) for n, r in rows.items()))
    assert blanks.settings(schema, {"given": ""}) == {"given": "", "needed": "test-needed"}


def test_events_of_plugins_have_no_spec_and_others_must_exist():
    assert blanks.spec_of("plugin.demo.anything") is None
    assert blanks.spec_of("session.created") is BY_NAME["session.created"]
    with pytest.raises(UsageError, match=r"session\.closed"):
        blanks.spec_of("session.closd")
