"""The default simulation of Sharing Updatable Models, written plainly in NumPy.

    python sharing.py IMDB.h5 [--words 1000] [--seed 1] [--draws FILE.json] [--no-bad]

The same rules as `collabdict simulate sharing`: an averaged perceptron with integer weights, a contract
that locks the whole deposit, a good and a bad agent who take turns on one shared stream of reviews. With
the draws that `Benchmarks sharing` exports it must come to the same accuracy and the same balances; alone
it draws its own. Amounts are in thousandths of a token, times in milliseconds.
"""

import argparse
import heapq
import json
import math
import time

import h5py
import numpy as np

DAY = 24 * 3600 * 1000
TOKEN = 1000
REFUND, ANY = DAY, 9 * DAY
GOOD = {"name": "good", "mean": 50 * TOKEN, "deviation": 10, "wait": 600, "mistake": 0.0001}
BAD = {"name": "bad", "mean": 100 * TOKEN, "deviation": 3, "wait": 3600, "mistake": 0.0}
START = 10_000 * TOKEN
WEIGHT = 1 * TOKEN
PASSES = 3


def features(part, words):
    """The sorted unique ranks below `words` of each review, and labels."""
    ranks, offsets, labels = part["word_ranks"][:], part["offsets"][:], part["labels"][:]
    rows = []
    for first, last in zip(offsets[:-1], offsets[1:]):
        own = np.unique(ranks[first:last])
        rows.append(own[own < words].astype(np.int64))
    return rows, labels.astype(int)


class AveragedPerceptron:
    def __init__(self, words):
        self.weights = np.zeros(words, np.int64)
        self.bias = 0
        self.sum = np.zeros(words, np.int64)
        self.bias_sum = 0

    def update(self, row, label):
        if int(self.weights[row].sum() + self.bias > 0) != label:
            step = 1 if label == 1 else -1
            self.weights[row] += step
            self.bias += step
        self.sum += self.weights
        self.bias_sum += self.bias

    def predict(self, row):
        return int(self.sum[row].sum() + self.bias_sum > 0)

    def accuracy(self, rows, labels):
        return np.mean([self.predict(row) == label for row, label in zip(rows, labels)])


class Draws:
    """Random numbers of one agent: from the file, or its own."""

    def __init__(self, agent, seed, given):
        self.given = {key: iter(given[agent["name"]][key]) for key in ("deposits", "waits", "mistakes")} \
            if given else None
        self.random = np.random.default_rng((seed, agent["mean"]))
        self.agent = agent

    def deposit(self):
        if self.given:
            return next(self.given["deposits"])
        while True:
            value = round(TOKEN * self.random.normal(self.agent["mean"] / TOKEN, self.agent["deviation"]))
            if value > 0:
                return value

    def wait(self):
        if self.given:
            return next(self.given["waits"])
        while True:
            value = round(1000 * self.random.normal(self.agent["wait"], 1))
            if value >= 1000:
                return value

    def mistake(self):
        if self.given:
            return bool(next(self.given["mistakes"]))
        return self.random.random() < self.agent["mistake"]


class Contract:
    def __init__(self, model, agents):
        self.model = model
        self.balances = [START for _ in agents]
        self.good = [0 for _ in agents]
        self.last = 0
        self.open = {}
        self.added = 0

    def cost(self, now):
        elapsed = max(1000, now - self.last)
        return max(TOKEN, math.isqrt(WEIGHT * WEIGHT * 3600 * 1000 // elapsed))

    def add(self, agent, now, row, label, deposit):
        self.balances[agent] -= deposit
        self.open[self.added] = {
            "row": row, "label": label, "sender": agent, "time": now, "deposit": deposit,
            "left": deposit, "reporters": set()}
        self.added += 1
        self.last = now
        self.model.update(row, label)

    def take(self, key, agent, amount):
        entry = self.open[key]
        entry["left"] -= amount
        self.balances[agent] += amount
        if entry["left"] == 0:
            del self.open[key]

    def refund(self, key, agent):
        self.good[agent] += 1
        self.take(key, agent, self.open[key]["left"])

    def report(self, key, agent):
        entry = self.open[key]
        entry["reporters"].add(agent)
        share = entry["deposit"] * self.good[agent] // sum(self.good)
        self.take(key, agent, min(share, entry["left"]))

    def total(self, agent):
        return self.balances[agent] + sum(
            entry["left"] for entry in self.open.values() if entry["sender"] == agent)


def simulate(rows, labels, model, agents, draws, stream):
    contract = Contract(model, agents)
    stopped = [None for _ in agents]
    queue = [(draws[agent].wait(), agent) for agent in range(len(agents))]
    heapq.heapify(queue)
    place, submitted = 0, [0 for _ in agents]
    while queue:
        now, agent = heapq.heappop(queue)
        if contract.total(agent) < agents[agent]["mean"]:
            stopped[agent] = now / DAY
            continue
        deposit = draws[agent].deposit()
        if place < len(stream) and contract.cost(now) <= deposit <= contract.balances[agent]:
            sample = stream[place]
            place += 1
            submitted[agent] += 1
            label = labels[sample]
            if agents[agent]["name"] == "bad" or draws[agent].mistake():
                label = 1 - label
            contract.add(agent, now, rows[sample], label, deposit)
        for key, entry in list(contract.open.items()):
            age = now - entry["time"]
            if age < REFUND:
                break
            agrees = model.predict(entry["row"]) == entry["label"]
            if entry["sender"] == agent:
                if agrees:
                    contract.refund(key, agent)
                elif age >= ANY and agents[agent]["name"] == "good":
                    contract.take(key, agent, entry["left"])
            elif agents[agent]["name"] == "good":
                if not agrees and agent not in entry["reporters"] and contract.good[agent] > 0:
                    contract.report(key, agent)
                elif age >= ANY:
                    contract.take(key, agent, entry["left"])
        if place == len(stream) and not contract.open:
            break
        heapq.heappush(queue, (now + draws[agent].wait(), agent))
    return {
        "days": now / DAY, "gone": dict(zip((a["name"] for a in agents), stopped)),
        "balances": dict(zip((a["name"] for a in agents), contract.balances)),
        "submitted": dict(zip((a["name"] for a in agents), submitted)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--words", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--train", type=float, default=0.08)
    parser.add_argument("--draws")
    parser.add_argument("--no-bad", action="store_true")
    options = parser.parse_args()
    file = h5py.File(options.data)
    rows, labels = features(file["train"], options.words)
    test_rows, test_labels = features(file["test"], options.words)
    given = json.load(open(options.draws)) if options.draws else None
    random = np.random.default_rng(options.seed)
    begin = time.perf_counter()
    order = given["order"] if given else random.permutation(len(rows))
    first = round(options.train * len(rows))
    model = AveragedPerceptron(options.words)
    for turn in range(PASSES):
        for place in given["passes"][turn] if given else random.permutation(first):
            model.update(rows[order[place]], labels[order[place]])
    before = model.accuracy(test_rows, test_labels)
    agents = [GOOD] if options.no_bad else [GOOD, BAD]
    draws = [Draws(agent, options.seed, given) for agent in agents]
    outcome = simulate(rows, labels, model, agents, draws, order[first:])
    outcome["before"] = before
    outcome["after"] = model.accuracy(test_rows, test_labels)
    outcome["seconds"] = time.perf_counter() - begin
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
