"""Packages to be scanned: for each rule one that breaks it and one that does not, and whole plugins of both kinds.

What always holds: nothing in them works as an attack; hosts are example.com or loopback, keys are made up.
"""
