"""Sessions over tmux: the model, the service, and what a session's repository is."""

from __future__ import annotations

from yesman.sessions.model import Pane, Session, Window, check_name
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import NoServerError, TmuxServer

__all__ = ["NoServerError", "Pane", "Session", "Sessions", "TmuxServer", "Window", "check_name"]
