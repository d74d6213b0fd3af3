"""The plan's own manifest and plugin, byte for byte, on the real command line. Needs the package index."""

from __future__ import annotations

import json

import pytest

UNDELIVERED = {"gh-sync", "session.created", "session.closed", "github"}
"""What the plan's manifest declares and the plan's code does not have."""


@pytest.fixture
def installed(server, plans_project):
    """What installing it said."""
    folder = plans_project / "plugins" / "github-integration"
    done = server.yesman("plugin", "install", str(folder), "--yes", "--config", "github_token=t0ken")
    assert done.returncode == 0, done.stderr
    return done


def test_it_installs_and_what_its_code_does_not_deliver_is_a_warning(server, installed):
    said = [line for line in (installed.stdout + installed.stderr).splitlines() if "is declared" in line]
    assert {name for name in UNDELIVERED for line in said if f"'{name}'" in line} == UNDELIVERED
    assert len(said) == len(UNDELIVERED)
    shown = json.loads(server.yesman("plugin", "show", "github-integration", "--json").stdout)
    assert (shown["state"], shown["version"]) == ("enabled", "1.0.0")


def test_what_it_delivers_is_a_command_with_the_plans_options(server, installed):
    said = server.yesman("gh-create-pr", "--help").stdout
    assert "Create GitHub PR from current session" in said
    assert all(option in said for option in ("--title", "--body", "--base"))
    assert "gh-sync" not in server.yesman("--help").stdout


def test_it_runs_as_far_as_it_is_granted(server, installed, tmp_path):
    checkout = tmp_path / "checkout"
    (checkout / ".git" / "objects").mkdir(parents=True)
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/topic\n")
    (checkout / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:owner/project.git\n')
    server.session("work", checkout)
    assert server.yesman("plugin", "revoke", "github-integration", "network.external").returncode == 0
    done = server.yesman("gh-create-pr", "--title", "T", "--body", "B", "--session", "work")
    assert done.returncode == 3
    assert "lacks permission 'network.external:api.github.com" in done.stderr
