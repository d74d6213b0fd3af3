"""Sends back what it receives on the socket with this number, blocking, until that closes.

Usage: ``python -I -S echo.py DESCRIPTOR CORE``; it stays on that core.
"""

import os
import socket
import sys

os.sched_setaffinity(0, {int(sys.argv[2])})

connection = socket.socket(fileno=int(sys.argv[1]))
while data := connection.recv(65536):
    connection.sendall(data)
