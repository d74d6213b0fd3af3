"""yesman: coding-agent sessions in tmux, extended by confined plugins."""

__version__ = "0.11.0"
