"""All-reduces of one vector over processes on loopback with PyTorch's gloo: the peer of NetworkSum.

    python gloo_sum.py [MEMBERS] [COUNT] [ROUNDS]

Neither encrypted nor exact: sums of floats in the ring's order. Rounds follow one another without a
barrier. Prints lines as `Benchmarks network-sum` does.
"""

import os
import socket
import statistics
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

WARM = 5


def member(rank, members, count, rounds, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=members)
    vector = torch.zeros(count)
    moments = []
    for _ in range(WARM + rounds):
        dist.all_reduce(vector)
        moments.append((time.perf_counter(), time.process_time()))
    counted = moments[WARM - 1:]
    times = [b[0] - a[0] for a, b in zip(counted, counted[1:])]
    processor = torch.tensor((counted[-1][1] - counted[0][1]) / len(times))
    dist.all_reduce(processor)
    if rank == 0:
        print("round-median", statistics.median(times))
        print("round-minimum", min(times))
        print("cpu-per-round", processor.item())
        # The ring: reduce-scatter and all-gather, 4 bytes an element.
        print("bytes-per-member-and-round", round(2 * (members - 1) / members * 4 * count))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    members, count, rounds = (
        int(word) if word else default
        for word, default in zip(sys.argv[1:] + [""] * 3, (8, 1_000_000, 20)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mp.spawn(member, args=(members, count, rounds, port), nprocs=members)
