"""A policy survives the trip to the zygote, and equal policies are equal values."""

from __future__ import annotations

import json

from yesman.model.limits import Limits
from yesman.sandbox.policy import Policy

POLICY = Policy(
    plugin="p",
    code="/c",
    packages="",
    data="/d",
    tmp="/t",
    read=("/r", "/r2"),
    write=("/w",),
    never=("/n",),
    environment={"HOME": "/d"},
    declared=("session.read",),
    limits=Limits(open_files=64, load_seconds=0.5),
)


def test_a_policy_survives_json():
    assert Policy.from_data(json.loads(json.dumps(POLICY.as_data()))) == POLICY


def test_what_is_not_given_is_not_granted():
    bare = Policy(plugin="p", code="/c", packages="", data="/d", tmp="/t")
    assert (bare.read, bare.write, bare.environment) == ((), (), {})
