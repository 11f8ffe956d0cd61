"""PyTorch's side of bench/estimators.mjs: MixtureSameFamily.log_prob in float64, in a process that works only while asked to.

Reads one JSON line with the mixture and the points' file, answers with the chunk size it found fastest; then each further line asks for
one timed pass over all points, answered with the seconds it took.
"""

import json
import sys
import time

import numpy
import torch


def main():
    given = json.loads(sys.stdin.readline())
    d = given["dimension"]
    as_tensor = lambda values: torch.tensor(values, dtype=torch.float64)
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(as_tensor(given["weights"])),
        torch.distributions.Independent(
            torch.distributions.Normal(as_tensor(given["means"]).view(-1, d), as_tensor(given["stddevs"]).view(-1, d)), 1
        ),
    )
    points = torch.from_numpy(numpy.fromfile(given["file"])).view(-1, d)

    def seconds(chunk, count):
        start = time.perf_counter()
        results = [mixture.log_prob(points[i : i + chunk]) for i in range(0, count, chunk)]
        return time.perf_counter() - start, results

    trial = min(len(points), 40_000)
    settings = [(chunk, threads) for chunk in (100, 250, 500, 1000, 2000, 10_000) for threads in (1, torch.get_num_threads())]

    def timed(setting):
        torch.set_num_threads(setting[1])
        return min(seconds(setting[0], trial)[0] for _ in range(3))

    chunk, threads = min(settings, key=timed)
    torch.set_num_threads(threads)
    first = seconds(chunk, 1000)[1][0][:100].tolist()
    hello = {"name": f"PyTorch {torch.__version__}", "chunk": chunk, "threads": threads, "first": first}
    print(json.dumps(hello), flush=True)
    for _ in sys.stdin:
        print(seconds(chunk, len(points))[0], flush=True)


main()
