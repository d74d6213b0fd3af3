"""Who provides what, and whose grants anybody acts with."""

from __future__ import annotations

import json

import pytest

from yesman.host.offers import Offer, borrowers, check_free, lending, offers
from yesman.host.registry import Record
from yesman.model.errors import UsageError
from yesman.model.manifest import as_data, parse_manifest
from yesman.model.permissions import parse_permission


def manifest(name, *providers, permissions=()):
    provided = [{"name": each, "interface": "IVersionControlProvider"} for each in providers]
    data = {"name": name, "version": "1.0", "provides": [{"providers": provided}], "permissions": permissions}
    return parse_manifest(json.dumps(data).encode())


def record(made, *grants):
    bare = Record(version="1.0", installed_at="", manifest=as_data(made), digest="sha256:0", source="/s")
    return bare.granting(tuple(map(parse_permission, grants)))


INSTALLED = {
    "git-plugin": record(manifest("git-plugin", "git"), "system.execute:/usr/bin/git"),
    "hub-plugin": record(manifest("hub-plugin", "hub", permissions=["network.external"])),
    "one": record(manifest("one", permissions=["provider.use:git"]), "provider.use:git"),
    "all": record(manifest("all", permissions=["provider.use"]), "provider.use"),
    "refused": record(manifest("refused", permissions=["provider.use"])),
}


def test_offers_are_those_of_all_installed_plugins():
    interface = "IVersionControlProvider"
    assert offers(INSTALLED) == {
        "git": Offer("git", interface, "git-plugin"),
        "hub": Offer("hub", interface, "hub-plugin"),
    }


def test_a_name_has_one_owner():
    check_free(manifest("git-plugin", "git", "more"), INSTALLED)  # an update of the owner
    check_free(manifest("other", "svn"), INSTALLED)
    with pytest.raises(UsageError, match="provides 'git', which plugin 'git-plugin' provides already"):
        check_free(manifest("other", "svn", "git"), INSTALLED)


def test_who_asks_for_a_provider_is_shown_whose_grants_that_means():
    git = {"provider": "git", "plugin": "git-plugin", "grants": ["system.execute:/usr/bin/git"]}
    assert lending(manifest("new", permissions=["provider.use:git"]), INSTALLED) == (git,)
    hub = {"provider": "hub", "plugin": "hub-plugin", "grants": []}
    assert lending(manifest("new", permissions=["provider.use"]), INSTALLED) == (git, hub)
    nobody = {"provider": "svn", "plugin": "", "grants": []}
    assert lending(manifest("new", permissions=["provider.use:svn"]), INSTALLED) == (nobody,)
    assert lending(manifest("new", permissions=["session.read"]), INSTALLED) == ()


def test_who_provides_something_is_shown_who_would_act_with_its_grants():
    assert borrowers(manifest("git-plugin", "git"), INSTALLED) == (
        {"provider": "git", "plugins": ["all", "one"]},
    )
    assert borrowers(manifest("all", "svn"), INSTALLED) == ()
