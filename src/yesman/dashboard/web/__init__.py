"""The dashboard in the browser: a process of its own, and one more client of the home's server.

Pages are made here, by templates that escape whatever they are given; a browser's script only puts finished
pieces in their places and tells what was pressed. What a page may do is said by its headers, and who may see
one at all by :mod:`yesman.dashboard.web.gate`, which every request passes.
"""
