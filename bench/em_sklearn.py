"""Fits of scikit-learn's GaussianMixture, one for each line read; started by em.mjs.

The first line is a JSON object {file, points, dimension, components, covariance, iterations, tolerance, floor, threads}; the file holds float64 rows.
Each further line is a JSON object {seed, starts}, answered by one of {seconds, cpu, logLikelihood, iterations}.
"""

import json
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_info, threadpool_limits

warnings.filterwarnings("ignore")
given = json.loads(sys.stdin.readline())
points = numpy.fromfile(given["file"]).reshape(given["points"], given["dimension"])


def fit(seed, starts, iterations=given["iterations"]):
    model = GaussianMixture(
        given["components"],
        covariance_type=given["covariance"],
        random_state=seed,
        n_init=starts,
        max_iter=iterations,
        tol=given["tolerance"],
        reg_covar=given["floor"],
    )
    began, cpu = time.perf_counter(), time.process_time()
    model.fit(points)
    return model, time.perf_counter() - began, time.process_time() - cpu


def fastest_threads():
    """1 or 2, whichever takes less of short fits in turns."""
    taken = {1: [], 2: []}
    for seed in range(3):
        for threads in taken:
            with threadpool_limits(threads):
                taken[threads].append(fit(seed, 1, 3)[1])
    return min(taken, key=lambda threads: min(taken[threads]))


threads = given["threads"] or fastest_threads()
blas = next((pool["internal_api"] for pool in threadpool_info() if pool["user_api"] == "blas"), "reference BLAS")
print(json.dumps({"name": f"scikit-learn {sklearn.__version__}, NumPy {numpy.__version__}, {blas}", "threads": threads}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    with threadpool_limits(threads):
        model, seconds, cpu = fit(asked["seed"], asked["starts"])
    answer = {"seconds": seconds, "cpu": cpu, "logLikelihood": float(model.score(points)), "iterations": int(model.n_iter_)}
    print(json.dumps(answer), flush=True)
