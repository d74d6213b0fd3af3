"""What yesman costs, beside the floor under it and the peers around it. Run: ``python -m benchmarks``.

Every figure is a :class:`benchmarks.rows.Row`: limits as data, one function that measures.
Nothing here is a test; ``docs/benchmarks.md`` says how to read the table.
"""
