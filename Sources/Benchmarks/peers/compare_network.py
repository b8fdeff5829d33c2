"""Sums over sockets in turns with gloo's, and a network's training beside that in one process.

    python compare_network.py BUILD-FOLDER [RUNS]
"""

import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
here = os.path.dirname(os.path.abspath(__file__))
# Training, and so much more of it that the difference is that of rounds alone.
ROUNDS, MORE = 200, 600
environment = {
    key: value for key, value in os.environ.items()
    if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def run(command):
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=600)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed: {result.stderr.strip()}")
    return result.stdout


def figures(command):
    return {
        words[0]: float(words[1]) for words in map(str.split, run(command).splitlines())
        if len(words) == 2}


def verdict(ratio, bar):
    return f"bar {bar}x: {'met' if ratio <= bar else 'MISSED'}"


def sums(count, bars):
    peers = {
        "gloo": [sys.executable, os.path.join(here, "gloo_sum.py"), "8", str(count)],
        **{privacy: [f"{build}/Benchmarks", "network-sum", "--count", str(count), "--privacy",
                     privacy] for privacy in ("none", "shamir(3,5)")}}
    found = {name: [] for name in peers}
    for _ in range(runs):
        for name, command in peers.items():
            found[name].append(figures(command))

    def median(name, key):
        return statistics.median(one[key] for one in found[name])

    print(f"sum of {count} elements over 8 processes")
    base = median("gloo", "round-median")
    for name in peers:
        ratio = median(name, "round-median") / base
        print(f"    {name:<12} {median(name, 'round-median') * 1e3:8.1f} ms, least "
              f"{min(one['round-minimum'] for one in found[name]) * 1e3:8.1f} ms, processor "
              f"{median(name, 'cpu-per-round') * 1e3:8.1f} ms  {ratio:5.2f}x gloo  "
              + (verdict(ratio, bars[name]) if name in bars else ""))
    plain, shared = (
        median(name, "bytes-per-member-and-round") for name in ("none", "shamir(3,5)"))
    print(f"    bytes a member and round: {plain:.0f} plain, {shared:.0f} with shares, "
          f"{shared / plain:.2f}x  {verdict(shared / plain, 3)}  (SecAgg with a server: 1.73x)\n")
    sys.stdout.flush()


def timed(commands, folder):
    """Runs commands side by side; seconds until the last ends, and the processor's."""
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    start, before = time.monotonic(), spent()
    children = [subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE) for command in commands]
    for child, command in zip(children, commands):
        _, error = child.communicate(timeout=600)
        if child.returncode != 0:
            for other in children:
                other.kill()
            sys.exit(f"{' '.join(command)} failed: {error.decode().strip()}")
    return time.monotonic() - start, spent() - before


def halves(source, target):
    """Both halves of each machine's training rows as machines of their own."""
    import h5py

    names = []
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        for machine, group in old.items():
            if "train" not in group:
                old.copy(group, new, name=machine)
                continue
            train = group["train"][:]
            for letter, rows in zip("ab", (train[:len(train) // 2], train[len(train) // 2:])):
                names.append(f"{machine}-{letter}")
                new.create_group(names[-1]).create_dataset("train", data=rows)
    return names


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def training(data):
    program = f"{build}/collabdict"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fleet.h5")
        names = halves(data, path)
        for name, port in zip(names, free_ports(len(names))):
            run([program, "keygen", "-o", f"{folder}/{name}.key", "--address",
                 f"tcp://127.0.0.1:{port}"])
        found = {}
        for rounds in (ROUNDS, MORE):
            network = f"{folder}/net-{rounds}.json"
            run([program, "network", "init", *[f"{folder}/{name}.pub" for name in names],
                 "-o", network, "--rounds", str(rounds), "--patience", "1000"])
            for name in names:
                run([program, "network", "sign", network, "--key", f"{folder}/{name}.key"])
            found[rounds] = [], []
        for turn in range(runs):
            for rounds, (one, many) in found.items():
                one.append(timed([[program, "train", path, "-o", f"one-{rounds}-{turn}.h5",
                                   "--rounds", str(rounds), "--patience", "1000"]], folder))
                many.append(timed([[program, "node", f"net-{rounds}.json", "--key", f"{name}.key",
                                    "--data", path, "-o", f"{name}-{rounds}-{turn}.h5"]
                                   for name in names], folder))
    median = {
        rounds: [[statistics.median(column) for column in zip(*rows)] for rows in both]
        for rounds, both in found.items()}
    (alone, alone_cpu), (together, together_cpu) = median[ROUNDS]
    print(f"{ROUNDS} rounds of {len(names)} participants on smd.h5, default settings")
    print(f"    one process  {alone:7.2f} s, processor {alone_cpu:7.2f} s")
    print(f"    {len(names)} nodes      {together:7.2f} s, processor {together_cpu:7.2f} s  "
          f"{together / alone:.2f}x")
    # For every round asked for: it looks for the best one, and as many again learn from all rows.
    (a, a_cpu), (b, b_cpu) = [
        [(more - less) / (MORE - ROUNDS) * 1e3 for more, less in zip(median[MORE][i],
                                                                   median[ROUNDS][i])]
        for i in (0, 1)]
    print(f"    a further round  {a:6.2f} ms in one process (processor {a_cpu:.2f} ms), {b:6.2f} ms "
          f"over sockets (processor {b_cpu:.2f} ms)  {b / a:.2f}x  {verdict(b / a, 1.5)}")


print(f"medians of {runs} interleaved runs, {os.cpu_count()} cores\n")
sums(1_000_000, {"none": 2, "shamir(3,5)": 6})
sums(12_000, {})
smd = os.environ.get("COLLABDICT_DATA", "../shared/datasets") + "/smd.h5"
if os.path.exists(smd):
    training(os.path.abspath(smd))
else:
    print("training: skipped, no smd.h5")
