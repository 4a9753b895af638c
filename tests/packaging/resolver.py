"""A resolver on port 53 of loopback that knows one name: resolver.py NAME ADDRESS FILE, which it makes once it listens."""

import socket
import struct
import sys

NAME, ADDRESS, LISTENING = sys.argv[1:]
A = 1


def question(query):
    """The name and the type that a query asks for, and where its question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    (kind,) = struct.unpack_from("!H", query, at + 1)
    return ".".join(labels), kind, at + 5


def answer(query):
    name, kind, end = question(query)
    known = name.lower() == NAME
    found = known and kind == A
    # A response to a recursive query: no error, or no such name.
    head = query[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, int(found), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", A, 1, 60, 4) + socket.inet_aton(ADDRESS)
    return head + query[12:end] + (record if found else b"")


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
open(LISTENING, "w").close()
while True:
    query, client = server.recvfrom(4096)
    server.sendto(answer(query), client)
