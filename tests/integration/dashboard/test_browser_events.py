"""What happened last, in a real browser: as it happens, and by name, session and source."""

from __future__ import annotations

from playwright.sync_api import expect


def test_events_are_shown_as_they_happen_and_by_what_they_are(desk, page):
    page.get_by_role("link", name="Events").click()
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    desk.yesman("session", "new", "other", "--cwd", "/", "--", "cat")
    row = page.get_by_role("row").filter(has_text="session.created").filter(has_text="work")
    expect(row).to_be_visible()
    page.get_by_label("Session").fill("other")
    page.get_by_label("Begins with").fill("session.")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").filter(has_text="session.created")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text="work")).to_have_count(0)
    page.get_by_label("From").fill("plugin:none")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
