"""Panels of every kind, and what a reader gets of them in each dashboard."""
