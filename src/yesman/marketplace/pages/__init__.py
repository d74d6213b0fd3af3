"""The marketplace for people: pages made on the server, of which none needs a script or another host.

What always holds: whatever somebody else wrote is escaped, or went through
:mod:`yesman.web.markdown`; every page says by its headers that a browser may load nothing that is not
ours; and nothing changes by a GET.
"""
