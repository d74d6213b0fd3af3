"""Grants become a policy (data); a policy becomes kernel state.

``confine`` and what it imports run inside the sandboxed child and use the standard library
only; ``policy`` decides and never acts; ``probe`` proves each layer by an attempt.
"""
