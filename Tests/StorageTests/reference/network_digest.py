"""Digests of a network file and its predecessors, computed apart from the program.

    python3 network_digest.py ../fixtures/network.json

Follows the documented canonical bytes: whole numbers are 8 bytes, lowest first; bytes and texts have
their length before them; lists their number of elements; what may be absent a 0 or 1.
"""

import hashlib
import json
import struct
import sys


def number(value):
    return struct.pack("<Q", value)


def data(value):
    return number(len(value)) + value


def text(value):
    return data(value.encode())


def double(value):
    return struct.pack("<d", value)


def optional(value, encode):
    return number(0) if value is None else number(1) + encode(value)


def items(values, encode):
    return number(len(values)) + b"".join(encode(value) for value in values)


def setting(value):
    """The text of a setting whose JSON value kept its digits."""
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def canonical(network):
    def member(m):
        keys = ("signing-key", "transport-key", "agreement-key")
        return (
            text(m["name"]) + text(m["address"])
            + b"".join(data(bytes.fromhex(m[key])) for key in keys)
            + number(m["state"] == "left")
        )

    def variables(v):
        return number(int(v)) + number(0) if isinstance(v, str) else number(len(v)) + items(v, text)

    links = network["links"]
    listed = isinstance(links, list)
    return (
        text("collabdict network 1") + text(network["name"]) + number(int(network["sequence"]))
        + optional(network.get("predecessor-digest"), lambda d: data(bytes.fromhex(d)))
        + optional(network.get("change"), lambda c: b"".join(text(w) for w in list(c.items())[0]))
        + items(network["members"], member)
        + items(sorted(network["training"].items()), lambda s: text(s[0]) + text(setting(s[1])))
        + optional(network.get("variables"), variables)
        + text("pairs" if listed else links)
        + items(links if listed else [], lambda p: text(p[0]) + text(p[1]))
        + text(network["sum"]) + text(network["privacy"]) + double(float(network["tolerance"]))
        + items(list(network["deadlines"].items()), lambda d: text(d[0]) + double(float(d[1])))
    )


# Numbers stay texts, so that settings are signed as they are written.
network = json.load(open(sys.argv[1]), parse_int=str, parse_float=str)
while network:
    print(network["sequence"], hashlib.sha256(canonical(network)).hexdigest())
    network = network.get("predecessor")
