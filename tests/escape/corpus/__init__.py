"""The escape corpus: attempts as data, run inside the sandbox and outside it, and the table of both.

``table`` holds the attempts, ``confined`` runs them through the real path, ``rlimits_only`` in a
sandbox that has nothing but resource limits, ``marked`` runs the tests elsewhere that attack as
well, ``document`` writes it all down. Both pytest and ``make escapes`` go through these.
"""
