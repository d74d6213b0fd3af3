"""What web pages of ours share, whoever serves them: the marketplace, or the dashboard.

It needs what the extras ``marketplace`` and ``dashboard`` both bring, and nothing that only one of them does.
"""
