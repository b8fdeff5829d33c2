"""Runs networks of eight processes, kills one and cuts another off, and checks what is left.

    python network_soak.py COLLABDICT [--seeds N] [--first SEED] [--mode both|stop|net]

Every seed is one run. The members start in an order that goes round; at some moment one is killed
and starts again, and another is cut off and comes back: by SIGSTOP and SIGCONT (mode `stop`), or by
taking down the interface of its own network namespace (mode `net`, as root, with iproute2). With
`--all K` every K-th run kills all of them at once, and starts all again. In the end all members must
have left with exit code 0 in time, with the same θ; their records must agree on whose contributions
were summed; and one process that repeats the run from those sets must come to the same bits.

Needs h5py. Ends only processes that it started. What failed stays in the directory, with its logs.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import h5py

COUNT = 8
MAJORITY = COUNT // 2 + 1
LEAST_CONTRIBUTORS = 3
ASSEMBLY = 0xFFFF_FFFF
DEADLINES = {
    "assembly": 20.0, "contribution": 3.0, "vote": 1.0, "reveal": 1.0, "reconnect": 1.0,
    "return": 30.0}
# Between two decisions: the contributions of two who fall silent one after the other, the ballots
# without them, the slices of the sum, and what a busy machine adds.
ROUND_LIMIT = (
    DEADLINES["contribution"] + 4 * DEADLINES["vote"] + DEADLINES["reveal"]
    + DEADLINES["reconnect"] + 3)
START_LIMIT = DEADLINES["assembly"] + ROUND_LIMIT
END_LIMIT = DEADLINES["return"] + ROUND_LIMIT
TOTAL_LIMIT = START_LIMIT + END_LIMIT + 40
SETTINGS = [
    "--rounds", "20", "--validation-interval", "5", "--hidden", "16", "--batch-size", "256",
    "--seed", "3"]
NAMES = [f"machine-{i + 1}" for i in range(COUNT)]
ENVIRONMENT = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")


# MARK: Records of a run


class Reader:
    """Reads the layout that `ByteCoding.swift` writes."""

    def __init__(self, data):
        self.data = data
        self.position = 0

    def raw(self, count):
        if self.position + count > len(self.data):
            raise ValueError("the entry ends early")
        self.position += count
        return self.data[self.position - count:self.position]

    def byte(self):
        return self.raw(1)[0]

    def word(self):
        return struct.unpack("<I", self.raw(4))[0]

    def members(self):
        count = struct.unpack(">H", self.raw(2))[0]
        words = struct.unpack(f"<{count}Q", self.raw(8 * count))
        return frozenset(
            64 * i + bit for i, word in enumerate(words) for bit in range(64) if word >> bit & 1)

    def signers(self):
        signers = []
        for _ in range(self.word()):
            signers.append(self.word())
            self.raw(64)
        return frozenset(signers)


def check_sum(data):
    first, second = 1, 0
    for byte in data:
        first = first + byte & 0xFFFF_FFFF
        second = second + first & 0xFFFF_FFFF
    return (second << 16 ^ second >> 16 ^ first) & 0xFFFF_FFFF


MAGIC = b"collabdict-run 1\n"


def read_record(path):
    """The decisions and ends in a .run file, each with the bytes of its entry."""
    data = open(path, "rb").read()
    if not data.startswith(MAGIC):
        raise ValueError(f"{path} is no record of a run")
    decided, finished = [], []
    position = len(MAGIC)
    while len(data) - position >= 8:
        count, expected = struct.unpack_from("<II", data, position)
        body = data[position + 8:position + 8 + count]
        if len(body) < count:
            break
        if check_sum(body) != expected:
            raise ValueError(f"{path}: wrong check sum at {position}")
        reader = Reader(body)
        kind = reader.byte()
        if kind == 1:
            if reader.byte() != 7:
                raise ValueError(f"{path}: no certificate at {position}")
            epoch, round_, attempt, ballot = (reader.word() for _ in range(4))
            form = reader.byte()
            if form not in (1, 2):
                raise ValueError(f"{path}: a certificate for nothing at {position}")
            contributors, following = reader.members(), reader.members()
            next_round = reader.word()
            decided.append({
                "slot": (epoch, round_, attempt), "ballot": ballot, "next": following,
                "contributors": contributors, "next_round": next_round, "gives_up": form == 2,
                "signers": reader.signers(), "entry": data[position:position + 8 + count]})
        elif kind == 2:
            round_, state = reader.word(), reader.raw(32)
            finished.append({"round": round_, "state": state, "signers": reader.signers()})
        position += 8 + count
    return decided, finished


class Watcher:
    """Counts the decisions of a record that grows, without reading it twice."""

    def __init__(self, path):
        self.path = path
        self.position = 0
        self.sums = 0
        self.entries = 0

    def look(self):
        """Whether anything came since the last look."""
        try:
            size = os.stat(self.path).st_size
        except FileNotFoundError:
            return False
        if size <= self.position:
            return False
        with open(self.path, "rb") as file:
            file.seek(self.position)
            data = file.read()
        position = 0 if self.position else len(MAGIC)
        before = self.entries
        while len(data) - position >= 8:
            count = struct.unpack_from("<I", data, position)[0]
            if len(data) - position - 8 < count:
                break
            body = data[position + 8:position + 8 + count]
            if body[0] == 1:
                round_ = struct.unpack_from("<I", body, 6)[0]
                if round_ != ASSEMBLY:
                    self.sums = max(self.sums, round_ + 1)
            self.entries += 1
            position += 8 + count
        self.position += position
        return self.entries > before


# MARK: The network under the nodes


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Namespaces:
    """A network namespace for each node, all connected by a bridge."""

    def __init__(self):
        # Names of interfaces have at most 15 bytes; nobody else's are touched.
        self.tag = f"cd{os.getpid() % 100_000}"
        self.bridge = f"{self.tag}b"
        self.made = []
        self.subnet = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
        try:
            ip("link", "add", self.bridge, "type", "bridge")
            self.made.append(("link", "del", self.bridge))
            ip("link", "set", self.bridge, "up")
            for i in range(COUNT):
                ip("netns", "add", self.name(i))
                self.made.append(("netns", "del", self.name(i)))
                ip("link", "add", self.outer(i), "type", "veth", "peer", "name", f"{self.tag}i{i}")
                self.made.append(("link", "del", self.outer(i)))
                ip("link", "set", f"{self.tag}i{i}", "netns", self.name(i))
                ip("link", "set", self.outer(i), "master", self.bridge, "up")
                inside = ("-n", self.name(i))
                ip(*inside, "addr", "add", f"{self.subnet}.{i + 1}/24", "dev", f"{self.tag}i{i}")
                ip(*inside, "link", "set", f"{self.tag}i{i}", "up")
                ip(*inside, "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def name(self, i):
        return f"{self.tag}n{i}"

    def outer(self, i):
        return f"{self.tag}o{i}"

    def address(self, i):
        return f"tcp://{self.subnet}.{i + 1}:7100"

    def prefix(self, i):
        return ["ip", "netns", "exec", self.name(i)]

    def cut(self, i):
        ip("link", "set", self.outer(i), "down")

    def heal(self, i):
        ip("link", "set", self.outer(i), "up")

    def close(self):
        for words in reversed(self.made):
            subprocess.run(["ip", *words], capture_output=True)
        self.made = []


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


# MARK: One run


class Failure(Exception):
    pass


class Run:
    def __init__(self, soak, seed, mode, kill_all):
        self.soak = soak
        self.seed = seed
        self.mode = mode
        self.kill_all = kill_all
        self.random = random.Random(seed)
        self.folder = os.path.join(soak.folder, f"seed-{seed}")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.processes = [None] * COUNT
        self.codes = [None] * COUNT
        self.watchers = [Watcher(self.path(i, ".h5.run")) for i in range(COUNT)]
        self.events = []
        self.start = time.monotonic()

    def path(self, i, suffix):
        return os.path.join(self.folder, NAMES[i] + suffix)

    def say(self, text):
        self.events.append(f"{time.monotonic() - self.start:8.3f}  {text}")

    def make_network(self):
        if self.mode == "net":
            addresses = [self.soak.namespaces.address(i) for i in range(COUNT)]
        else:
            addresses = [f"tcp://127.0.0.1:{port}" for port in free_ports(COUNT)]
        file = os.path.join(self.folder, "network.json")
        command = ["network", "init", *(self.soak.key(i, "pub") for i in range(COUNT)), "-o", file]
        for name, address in zip(NAMES, addresses):
            command += ["--address", f"{name}={address}"]
        for name, seconds in DEADLINES.items():
            command += [f"--deadline-{name}", str(seconds)]
        self.soak.call(*command, *SETTINGS)
        for i in range(COUNT):
            self.soak.call("network", "sign", file, "--key", self.soak.key(i, "key"))
        self.network = file

    def launch(self, i):
        command = [
            self.soak.program, "node", self.network, "--key", self.soak.key(i, "key"), "--data",
            self.soak.fleet, "-o", self.path(i, ".h5"), "--checkpoint-every",
            self.soak.checkpoints]
        if self.mode == "net":
            command = self.soak.namespaces.prefix(i) + command
        log = open(self.path(i, ".log"), "ab")
        log.write(f"--- {time.monotonic() - self.start:.3f}\n".encode())
        log.flush()
        self.processes[i] = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        log.close()
        self.codes[i] = None
        self.say(f"start {NAMES[i]}")

    def kill(self, i):
        process = self.processes[i]
        if process.poll() is not None:
            self.say(f"{NAMES[i]} had ended before it was to be killed")
            return False
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.processes[i] = None
        self.say(f"kill {NAMES[i]}")
        return True

    def cut(self, i):
        if self.processes[i] is None or self.processes[i].poll() is not None:
            return
        if self.mode == "net":
            self.soak.namespaces.cut(i)
        else:
            self.processes[i].send_signal(signal.SIGSTOP)
        self.say(f"cut off {NAMES[i]}")

    def heal(self, i):
        if self.mode == "net":
            self.soak.namespaces.heal(i)
        elif self.processes[i] is not None and self.processes[i].poll() is None:
            self.processes[i].send_signal(signal.SIGCONT)
        self.say(f"connect {NAMES[i]}")

    def end(self):
        for i in range(COUNT):
            process = self.processes[i]
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
            if self.mode == "net":
                self.soak.namespaces.heal(i)

    def moment(self, phase):
        """Seconds since the start, or the number of sums, after which something happens."""
        total = self.soak.sums
        if phase == 0:
            return ("time", self.random.uniform(0, 2.2))
        low, high = [(0, 0.15), (0.15, 0.85), (0.85, 1.0)][phase - 1]
        return ("sums", self.random.uniform(low * total, high * total))

    def has_come(self, moment):
        kind, value = moment
        if kind == "time":
            return time.monotonic() - self.start >= value
        return max(w.sums for w in self.watchers) >= value

    def play(self):
        """Starts all, does the faults, and waits for the end. Returns the longest wait."""
        r = self.random
        order = list(range(COUNT))
        r.shuffle(order)
        # Every member takes its turn as the first to start, as the killed one, as the one cut off.
        first = self.seed % COUNT
        order.remove(first)
        order.insert(0, first)
        killed = (self.seed // 2 + self.seed // COUNT) % COUNT
        cut = (killed + 1 + r.randrange(COUNT - 1)) % COUNT
        spread = r.choice([0.0, 0.1, 0.3])
        pending = []  # (time, what, whom)
        at = 0.0
        for i in order:
            pending.append((at, "start", i))
            at += r.uniform(0, spread)
        kill_phase, cut_phase = r.randrange(4), r.randrange(4)
        if r.random() < 0.25:
            cut_phase = kill_phase
        kill_at, cut_at = self.moment(kill_phase), self.moment(cut_phase)
        kill_for, cut_for = (0.2 * 40 ** r.random() for _ in range(2))
        if self.kill_all:
            kill_at, cut_at = self.moment(r.randrange(1, 4)), None
        if not self.soak.sums:  # the first run tells how many sums there are
            kill_at, cut_at = None, None
            self.plan = "nothing happens"
        else:
            self.plan = (
                f"kill {'all' if self.kill_all else killed + 1}@{kill_at[0][0]}{kill_at[1]:.1f} "
                f"{kill_for:.1f}s")
            if cut_at:
                self.plan += f", cut {cut + 1}@{cut_at[0][0]}{cut_at[1]:.1f} {cut_for:.1f}s"
        self.say(self.plan + f", mode {self.mode}")
        waits = {"start": 0.0, "rounds": 0.0, "end": 0.0}
        self.start = time.monotonic()
        progress = self.start
        ended = self.start
        while True:
            now = time.monotonic() - self.start
            for item in sorted(p for p in pending if p[0] <= now):
                pending.remove(item)
                _, what, i = item
                if what == "start":
                    self.launch(i)
                elif what == "heal":
                    self.heal(i)
            if kill_at and self.has_come(kill_at):
                if self.kill_all:
                    if all(p is not None for p in self.processes):
                        alive = [i for i in range(COUNT) if self.kill(i)]
                        for i in alive:
                            pending.append((now + kill_for + r.uniform(0, 0.5), "start", i))
                        kill_at = None
                elif self.processes[killed] is not None:
                    if self.kill(killed):
                        pending.append((now + kill_for, "start", killed))
                    kill_at = None
            if cut_at and self.has_come(cut_at) and self.processes[cut] is not None:
                self.cut(cut)
                pending.append((now + cut_for, "heal", cut))
                cut_at = None
            moved = [w.look() for w in self.watchers]
            if any(moved):
                stage = "start" if max(w.entries for w in self.watchers) <= COUNT and all(
                    w.sums == 0 for w in self.watchers) else "rounds"
                waits[stage] = max(waits[stage], time.monotonic() - progress)
                progress = time.monotonic()
            for i, process in enumerate(self.processes):
                if process is not None and self.codes[i] is None and process.poll() is not None:
                    self.codes[i] = process.returncode
                    self.say(f"{NAMES[i]} ended with {process.returncode}")
                    ended = time.monotonic()
            if not pending and all(
                p is not None and c is not None for p, c in zip(self.processes, self.codes)):
                break
            if now > TOTAL_LIMIT:
                running = [NAMES[i] for i in range(COUNT) if self.codes[i] is None]
                for i in range(COUNT):
                    if self.codes[i] is None:
                        self.say(f"status of {NAMES[i]}: {self.status(i)}")
                raise Failure(f"not over after {TOTAL_LIMIT:.0f} s: {', '.join(running)}")
            time.sleep(0.005)
        waits["end"] = ended - progress
        self.waits = waits
        self.duration = ended - self.start
        wrong = [f"{NAMES[i]}: {c}" for i, c in enumerate(self.codes) if c != 0]
        if wrong:
            raise Failure(f"exit codes {', '.join(wrong)}")
        for stage, limit in [
            ("start", START_LIMIT), ("rounds", ROUND_LIMIT), ("end", END_LIMIT)]:
            # Nobody can go on while all are away.
            if waits[stage] > limit + (kill_for if self.kill_all else 0):
                raise Failure(f"waited {waits[stage]:.1f} s, at most {limit:.1f} s ({stage})")

    def status(self, i):
        asking = next(k for k in range(COUNT) if k != i)
        command = [
            self.soak.program, "status", NAMES[i], "--network", self.network, "--key",
            self.soak.key(asking, "key"), "--timeout", "2", "--json"]
        if self.mode == "net":
            command = self.soak.namespaces.prefix(asking) + command
        result = subprocess.run(command, capture_output=True, text=True)
        return result.stdout.strip() or result.stderr.strip()

    def check_models(self):
        thetas = []
        for i in range(COUNT):
            with h5py.File(self.path(i, ".h5")) as file:
                thetas.append(file["global/theta"][...].tobytes())
        groups = {}
        for i, theta in enumerate(thetas):
            groups.setdefault(hashlib.sha256(theta).hexdigest()[:8], []).append(NAMES[i])
        if len(groups) > 1:
            raise Failure(f"different θ: {groups}")
        self.theta = thetas[0]

    def check_records(self):
        slots, rounds, given_up = {}, {}, {}
        for i in range(COUNT):
            decided, finished = read_record(self.path(i, ".h5.run"))
            for one in decided:
                where = f"{NAMES[i]}, slot {one['slot']}"
                content = (one["contributors"], one["next"], one["next_round"], one["gives_up"])
                if slots.setdefault(one["slot"], content) != content:
                    raise Failure(f"two decisions: {where}")
                if len(one["signers"]) < MAJORITY:
                    raise Failure(f"{len(one['signers'])} signatures: {where}")
                # Who starts an epoch names contributors, too, where a round began anew.
                if one["gives_up"]:
                    given_up[one["next_round"] - 1] = one
                elif one["contributors"] and one["slot"][1] != ASSEMBLY:
                    if len(one["contributors"]) < LEAST_CONTRIBUTORS:
                        raise Failure(f"{len(one['contributors'])} contributors: {where}")
                    rounds.setdefault(one["slot"][1], {})[one["slot"]] = one
            if not finished:
                raise Failure(f"{NAMES[i]} has no end in its record")
            if len(finished[-1]["signers"]) < MAJORITY:
                raise Failure(f"{NAMES[i]}: {len(finished[-1]['signers'])} signatures of the end")
        for number, ones in rounds.items():
            if len({one["contributors"] for one in ones.values()}) > 1:
                raise Failure(f"round {number} was summed twice, from different contributors")
        for number, one in given_up.items():
            # Later than any attempt at a sum of it.
            rounds[number] = {one["slot"]: one}
        if sorted(rounds) != list(range(len(rounds))):
            raise Failure(f"the records lack rounds: {sorted(rounds)}")
        # No single member need have been there all the time.
        merged = os.path.join(self.folder, "merged.run")
        with open(merged, "wb") as file:
            file.write(MAGIC)
            for number in sorted(rounds):
                file.write(rounds[number][max(rounds[number])]["entry"])
        self.merged = merged
        self.away = sum(
            1 for ones in rounds.values() if len(ones[max(ones)]["contributors"]) < COUNT)

    def check_replay(self):
        output = os.path.join(self.folder, "replay.h5")
        self.soak.call(
            "train", self.soak.fleet, "-o", output, "--contributors", self.merged, "--threads",
            "2", *SETTINGS)
        with h5py.File(output) as file:
            if file["global/theta"][...].tobytes() != self.theta:
                raise Failure("the run, repeated in one process, has another θ")

    def go(self):
        """Returns (steps that held, why the run failed or None)."""
        held = []
        try:
            self.make_network()
            try:
                self.play()
            finally:
                self.end()
            held.append("ended")
            self.check_models()
            held.append("theta")
            self.check_records()
            held.append("records")
            self.check_replay()
            held.append("replay")
            failure = None
        except Failure as error:
            failure = str(error)
        except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            failure = f"{type(error).__name__}: {error}"
            if isinstance(error, subprocess.CalledProcessError):
                failure += f" {error.stderr}"
        with open(os.path.join(self.folder, "events.txt"), "w") as file:
            file.write("\n".join(self.events) + f"\n{failure or 'all held'}\n")
        return held, failure


class Soak:
    def __init__(self, arguments):
        self.program = os.path.abspath(arguments.program)
        self.checkpoints = str(arguments.checkpoint_every)
        self.folder = os.path.abspath(arguments.directory or tempfile.mkdtemp(prefix="soak-"))
        os.makedirs(self.folder, exist_ok=True)
        self.namespaces = None
        self.fleet = os.path.join(self.folder, "fleet.h5")
        if not os.path.exists(self.fleet):
            self.call(
                "generate", "-o", self.fleet, "--seed", "1", "--participants", str(COUNT),
                "--train-rows", "1200", "--test-rows", "50", "--variables", "8", "--states", "2")
        for i in range(COUNT):
            if not os.path.exists(self.key(i, "key")):
                self.call("keygen", "-o", self.key(i, "key"))
        self.sums = 0

    def key(self, i, suffix):
        return os.path.join(self.folder, f"{NAMES[i]}.{suffix}")

    def call(self, *words):
        return subprocess.run(
            [self.program, *words], check=True, capture_output=True, text=True, env=ENVIRONMENT)


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--mode", choices=["both", "stop", "net"], default="both")
    parser.add_argument(
        "--all", type=int, default=0, metavar="K", help="every K-th run kills all at once")
    parser.add_argument("--checkpoint-every", type=float, default=0.5)
    parser.add_argument("--directory")
    parser.add_argument("--keep", action="store_true", help="keep the logs of all runs")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupted)
    soak = Soak(arguments)
    modes = {"both": ["stop", "net"]}.get(arguments.mode, [arguments.mode])
    if "net" in modes:
        try:
            soak.namespaces = Namespaces()
        except (OSError, subprocess.CalledProcessError) as error:
            if arguments.mode == "net":
                sys.exit(f"no network namespaces here: {error}")
            print(f"without network namespaces: {error}")
            modes = ["stop"]
    rows = []
    try:
        calm = Run(soak, 0, modes[0], False)
        _, failure = calm.go()
        soak.sums = max(watcher.sums for watcher in calm.watchers)
        print(f"without faults: {soak.sums} sums in {calm.duration:.1f} s", flush=True)
        if failure:
            sys.exit(f"already without faults: {failure}; logs: {calm.folder}")
        for number in range(arguments.seeds):
            seed = arguments.first + number
            kill_all = arguments.all > 0 and number % arguments.all == arguments.all - 1
            run = Run(soak, seed, modes[seed % len(modes)], kill_all)
            held, failure = run.go()
            waits = getattr(run, "waits", {"start": 0, "rounds": 0, "end": 0})
            duration = getattr(run, "duration", 0.0)
            rows.append((run.mode, held, failure, waits, duration))
            print(
                f"seed {seed:4} {run.mode:4} {'ok' if failure is None else 'FAILED':6} "
                f"{duration:6.1f} s  waits {waits['start']:4.1f} {waits['rounds']:4.1f} "
                f"{waits['end']:4.1f}  {getattr(run, 'away', '-')!s:>3} sums without somebody  "
                f"{getattr(run, 'plan', '')}" + (f"  {failure}" if failure else ""), flush=True)
            if failure is None and not arguments.keep:
                shutil.rmtree(run.folder)
            elif failure:
                print(f"          logs: {run.folder}", flush=True)
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        if soak.namespaces:
            soak.namespaces.close()
    print("\nmode  runs  ended  same θ  records  replay  longest wait (s)        mean duration (s)")
    print("                                              start  rounds   end")
    for mode in modes:
        chosen = [row for row in rows if row[0] == mode]
        if not chosen:
            continue
        counts = [sum(step in row[1] for row in chosen)
                  for step in ("ended", "theta", "records", "replay")]
        longest = [max(row[3][stage] for row in chosen) for stage in ("start", "rounds", "end")]
        durations = [row[4] for row in chosen if row[4]]
        print(
            f"{mode:5} {len(chosen):4}  {counts[0]:5}  {counts[1]:6}  {counts[2]:7}  "
            f"{counts[3]:6}  {longest[0]:6.1f} {longest[1]:7.1f} {longest[2]:6.1f}  "
            f"{statistics.mean(durations) if durations else 0:10.1f}")
    sys.exit(1 if len(rows) < arguments.seeds or any(row[2] for row in rows) else 0)


if __name__ == "__main__":
    main()
