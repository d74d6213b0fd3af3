"""The dashboards: sessions, plugins and their panels, on one screen. Needs the extra ``dashboard``."""
