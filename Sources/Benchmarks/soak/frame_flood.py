"""Floods one node of a network that trains with damaged frames, and looks whether it cares.

Four members, three of which train over loopback; the fourth's keys are in bad hands. For a minute,
ten thousand times a second together: bytes that are no ZMTP, connections with a key that is no
member's, and from the fourth's key frames that are truncated, bit-flipped, too long, of another
network, with another's name or for another, replayed, or whole and without sense. What must hold:
the training comes to its end with the same θ everywhere, the node's memory stays flat, and what was
refused is counted.

    python frame_flood.py [directory of the release build] [seconds] [frames a second]
"""

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import h5py
import zmq

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/release")
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
RATE = float(sys.argv[3]) if len(sys.argv) > 3 else 10_000.0
# So many that the training outlasts the flood.
ROUNDS = int(220 * SECONDS) + 1000
PROGRAM = os.path.join(BUILD, "collabdict")
MEMBERS = 4
GROWTH_LIMIT = 20 << 20
WARM_UP = min(10.0, SECONDS / 3)
# The shares of the two floods that get no frame through; the third does the rest.
RAW_RATE, STRANGER_RATE = 500.0, 50.0


def collabdict(*arguments, check=True):
    return subprocess.run(
        [PROGRAM, *arguments], check=check, capture_output=True, text=True).stdout


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def resident(pid):
    """Bytes of resident memory."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
    return 0


class Pace:
    """So many a second, in bursts of a few milliseconds."""

    def __init__(self, rate):
        self.rate, self.start, self.count = rate, time.monotonic(), 0

    def wait(self):
        self.count += 1
        ahead = self.start + self.count / self.rate - time.monotonic()
        if ahead > 0.005:
            time.sleep(ahead)


def raw_flood(port, end, count):
    """(i) Garbage over plain TCP."""
    source, pace = random.Random(1), Pace(RAW_RATE)
    # Half of them begin as the protocol does.
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\x00" + bytes(31)
    while time.time() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                start = greeting if source.random() < 0.5 else b""
                connection.sendall(start + source.randbytes(source.randrange(1, 2000)))
        except OSError:
            pass
        count.value += 1
        pace.wait()


def stranger_flood(port, server_key, end, count):
    """(ii) Well-formed connections with keys that are no member's, and frames behind them."""
    pace = Pace(STRANGER_RATE)
    context = zmq.Context()
    while time.time() < end:
        public, secret = zmq.curve_keypair()
        link = context.socket(zmq.DEALER)
        link.linger, link.sndhwm = 0, 10
        link.curve_serverkey, link.curve_publickey, link.curve_secretkey = (
            server_key, public, secret)
        link.connect(f"tcp://127.0.0.1:{port}")
        link.send(b"CDCT" + bytes(44), zmq.NOBLOCK)
        count.value += 1
        pace.wait()
        link.close()
    context.term()


def header(network, number, payload_count, kind=0, hops=0, origin=3, destination=0, version=1):
    return b"CDCT" + struct.pack(
        "<BBBBQIIQQII", version, kind, hops, 0, network, origin, destination, 99, number,
        payload_count, 0)


def random_message(source):
    """Of the right kind, about rounds that are over: nothing that would be news to anybody."""
    slot = struct.pack("<III", 0, source.randrange(50), source.randrange(3))
    elements = struct.pack("<I", 40) + source.randbytes(160)
    word = struct.pack("<I", source.randrange(1 << 32))
    return source.choice([
        source.randbytes(source.randrange(1, 10)),
        bytes([source.randrange(15, 256)]) + source.randbytes(300),
        b"\x03" + slot + source.randbytes(32) + b"\xff\xff\xff\xff",
        b"\x03" + slot + source.randbytes(32) + elements,
        b"\x04" + slot + b"\xff\xff" + source.randbytes(40),
        b"\x05" + slot + word + b"\x01" + source.randbytes(60),
        b"\x06" + slot + word + b"\x00" + source.randbytes(64) + b"\x00\x00",
        b"\x07" + slot + word + b"\x01\x00\x00\x00\x00" + word + b"\xff\xff\xff\xff",
        b"\x08" + slot + word + word + struct.pack("<I", 10) + bytes(40),
        b"\x09" + slot + word + struct.pack("<I", 10) + bytes(40),
        b"\x0a" + slot + b"\x00\x01" + source.randbytes(7) + b"\x01",
        b"\x0d" + slot + b"\xff\xff\xff\xff" + source.randbytes(200),
        b"\x0e" + source.randbytes(100),
    ])


def member_flood(port, server_key, keys, network, end, rate, count, whole):
    """(iii) Damaged frames over a member's own connection."""
    source, pace = random.Random(3), Pace(rate)
    context = zmq.Context()

    def connect():
        link = context.socket(zmq.DEALER)
        link.linger, link.sndhwm = 0, 1000
        link.curve_serverkey = server_key
        link.curve_publickey = bytes.fromhex(keys["transport-key"])
        link.curve_secretkey = bytes.fromhex(keys["secret-transport-key"])
        link.connect(f"tcp://127.0.0.1:{port}")
        return link

    messages = [random_message(source) for _ in range(5000)]
    link, number, oversized_at = connect(), 0, time.time()
    recorded = []
    while time.time() < end:
        number += 1
        kind = source.randrange(9)
        payload = source.choice(messages)
        frame = header(network, number, len(payload)) + payload
        if kind == 0:
            frame = frame[:source.randrange(len(frame))]
        elif kind == 1:
            # A flipped number is another number, and a flipped payload another message.
            place = source.choice([*range(0, 24), *range(40, 48)])
            frame = bytearray(frame)
            frame[place] ^= 1 << source.randrange(8)
            # Questions for the state are no damage.
            frame = b"X" + frame[1:] if frame[5] == 2 else bytes(frame)
        elif kind == 2 and recorded:
            frame = source.choice(recorded)
        elif kind == 3:
            frame = header(network, number, len(payload), origin=source.randrange(3)) + payload
        elif kind == 4:
            frame = header(network ^ source.randrange(1, 1 << 64), number, len(payload)) + payload
        elif kind == 5:
            frame = header(network, number, len(payload), destination=1 + number % 3) + payload
        elif kind == 6:
            sealed = source.randbytes(64)
            frame = header(network, number, 64, kind=1, origin=number % 3 + 1) + sealed
        elif kind == 7:
            frame = header(network, number, source.randrange(1 << 32)) + payload
        else:
            whole.value += 1
            recorded = recorded[-20:] + [frame]
        if time.time() - oversized_at > 10:
            # Just too long, which is counted, and far too long, which costs the connection.
            oversized_at = time.time()
            link.send(header(network, number, 60 << 20) + bytes((60 << 20) + 100))
            link.send(bytes(61 << 20))
            time.sleep(0.2)
            link.close()
            link = connect()
            count.value += 2
        link.send(frame)
        count.value += 1
        pace.wait()
    link.close()
    context.term()


def main():
    work = tempfile.mkdtemp(prefix="collabdict-flood-")
    os.chdir(work)
    nodes, floods = [], []
    problems = []
    try:
        collabdict("generate", "-o", "fleet.h5", "--seed", "1", "--participants", str(MEMBERS))
        ports = free_ports(MEMBERS)
        names = [f"machine-{place + 1}" for place in range(MEMBERS)]
        for name, port in zip(names, ports):
            collabdict("keygen", "-o", f"{name}.key", "--address", f"tcp://127.0.0.1:{port}")
        collabdict(
            "network", "init", *(f"{name}.pub" for name in names), "-o", "network.json",
            "--rounds", str(ROUNDS), "--patience", str(ROUNDS), "--deadline-assembly", "3", "--deadline-contribution", "10",
            "--deadline-vote", "2", "--deadline-reconnect", "2", "--deadline-return", "5")
        for name in names:
            collabdict("network", "sign", "network.json", "--key", f"{name}.key")
        shown = json.loads(collabdict("network", "show", "network.json", "--json"))
        network = int(shown["digest"][:16], 16)
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
        for name in names[:-1]:
            nodes.append(subprocess.Popen(
                [PROGRAM, "node", "network.json", "--key", f"{name}.key", "--data", "fleet.h5",
                 "-o", f"{name}.h5"],
                env=environment, stdout=open(f"{name}.log", "w"), stderr=subprocess.STDOUT))

        def status():
            text = collabdict(
                "status", names[0], "--key", f"{names[-1]}.key", "--timeout", "5", "--json",
                check=False)
            return json.loads(text) if text else None

        deadline = time.time() + 60
        while time.time() < deadline and (status() or {}).get("round", 0) < 20:
            time.sleep(0.5)
        before = status() or {"round": 0, "refused": {}}
        quiet_start, quiet_round = time.time(), before["round"]
        time.sleep(3)
        quiet = status() or before
        quiet_rate = (quiet["round"] - quiet_round) / (time.time() - quiet_start)

        with open(f"{names[-1]}.key") as file:
            keys = json.load(file)
        with open(f"{names[0]}.pub") as file:
            server_key = bytes.fromhex(json.load(file)["transport-key"])
        counts = [multiprocessing.Value("q", 0) for _ in range(4)]
        start = time.time()
        end = start + SECONDS
        port = ports[0]
        floods = [
            multiprocessing.Process(target=target, args=arguments) for target, arguments in [
                (raw_flood, (port, end, counts[0])),
                (stranger_flood, (port, server_key, end, counts[1])),
                (member_flood, (
                    port, server_key, keys, network, end, RATE - RAW_RATE - STRANGER_RATE,
                    counts[2], counts[3])),
            ]]
        for flood in floods:
            flood.start()
        samples, silent, asked = [], 0, 0
        during = quiet
        while time.time() < end:
            time.sleep(1)
            samples.append((time.time() - start, resident(nodes[0].pid)))
            asked += 1
            answer = status()
            silent += answer is None
            during = answer or during
        for flood in floods:
            flood.join(30)
        elapsed = time.time() - start
        after = status() or during
        # The count of what was sent is complete once the node has caught up.
        time.sleep(2)
        after = status() or after
        warm = [memory for at, memory in samples if at >= WARM_UP]
        # A frame that is just too long is there for a moment, once: of each three seconds, the least.
        steady = [min(warm[place:place + 3]) for place in range(len(warm) - 2)]
        growth = max(steady) - steady[0]
        sent = sum(one.value for one in counts[:3])
        refused = sum(after["refused"].values()) - sum(quiet["refused"].values())
        flood_rate = (during["round"] - quiet["round"]) / SECONDS

        print(f"sent: {sent} in {elapsed:.0f} s, {sent / elapsed:.0f} a second: "
              f"{counts[0].value} of raw bytes, {counts[1].value} of strangers, "
              f"{counts[2].value} of a member, of which {counts[3].value} whole")
        print(f"refused: {refused}, {json.dumps(after['refused'], sort_keys=True)}")
        print(f"status: {asked - silent} of {asked} questions answered")
        print(f"rounds a second: {quiet_rate:.0f} before, {flood_rate:.0f} under the flood")
        print(f"resident memory: {warm[0] / 2**20:.1f} MB after {WARM_UP:.0f} s, then "
              f"{growth / 2**20:+.1f} MB, with a frame that is too long {max(warm) / 2**20:.1f} MB")
        print("samples (MB):", " ".join(f"{memory / 2**20:.0f}" for _, memory in samples))

        if sent < 0.9 * RATE * SECONDS:
            problems.append(f"only {sent / SECONDS:.0f} frames a second were sent")
        if growth >= GROWTH_LIMIT:
            problems.append(f"the node grew by {growth / 2**20:.1f} MB")
        if max(warm) - steady[0] >= GROWTH_LIMIT + (61 << 20):
            problems.append("the node took more than one longest frame at a time")
        if during["round"] <= quiet["round"]:
            problems.append("no round was done under the flood")
        reasons = ["truncated", "malformed", "of another network", "with a forged origin",
                   "for somebody else", "duplicate", "oversized", "connections of strangers",
                   "unreadable messages"]
        for reason in reasons:
            if not after["refused"].get(reason):
                problems.append(f"nothing was counted as “{reason}”")
        # Whole messages of old rounds are let in; replays of them and everything else are not.
        if refused < 0.75 * counts[2].value:
            problems.append("fewer were refused than were damaged")
        for node in nodes:
            try:
                if node.wait(600) != 0:
                    problems.append(f"a node ended with {node.returncode}")
            except subprocess.TimeoutExpired:
                problems.append("a node did not come to the end")
        digests = set()
        for name in names[:-1]:
            if not os.path.exists(f"{name}.h5"):
                problems.append(f"{name} has no model")
                continue
            with h5py.File(f"{name}.h5") as file:
                digests.add(hashlib.sha256(file["global/theta"][...].tobytes()).hexdigest())
        print(f"ended after {time.time() - start:.0f} s and {ROUNDS} rounds at most, "
              f"θ: {', '.join(sorted(digest[:16] for digest in digests))}")
        if len(digests) != 1:
            problems.append("the members do not have the same θ")
    finally:
        for process in nodes:
            if process.poll() is None:
                process.kill()
        for flood in floods:
            if flood.is_alive():
                flood.kill()
        if not problems:
            shutil.rmtree(work, ignore_errors=True)
    for problem in problems:
        print("FAILED:", problem, f"(see {work})")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
