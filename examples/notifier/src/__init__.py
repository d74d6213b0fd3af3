"""notifier: what happens in sessions, for a webhook and for the user."""
