"""PyTorch's side of bench/products.mjs: matrix products in float32, in a process that works only while asked to.

With --families, prints what OPENBLAS_CORETYPE may be set to here. Otherwise reads one JSON line of products [m, k, n, a transposed, b transposed],
then lines [index, how many]; answers each with the milliseconds of as many products, each of matrices that the one before did not use.
"""

import json
import sys
import time

import torch
from torch_peer import kernel_families

COPIES = 6  # so that no product finds its matrices in the fastest cache


def main():
    if sys.argv[1:] == ["--families"]:
        print(json.dumps(kernel_families()))
        return

    def matrices(m, k, n, a_transposed, b_transposed):
        a = [torch.rand(k, m).t() if a_transposed else torch.rand(m, k) for _ in range(COPIES)]
        b = [torch.rand(n, k).t() if b_transposed else torch.rand(k, n) for _ in range(COPIES)]
        return list(zip(a, b, [torch.empty(m, n) for _ in range(COPIES)]))

    products = [matrices(*product) for product in json.loads(sys.stdin.readline())]
    print(json.dumps(f"PyTorch {torch.__version__}"), flush=True)
    for line in sys.stdin:
        index, count = json.loads(line)
        times = []
        for _ in range(count + 1):
            start = time.perf_counter()
            for a, b, out in products[index]:
                torch.mm(a, b, out=out)
            times.append((time.perf_counter() - start) * 1e3 / COPIES)
        print(json.dumps(times[1:]), flush=True)


main()
