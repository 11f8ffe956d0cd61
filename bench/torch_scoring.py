"""PyTorch's side of bench/scoring.mjs: importance-weighted scores of images, in a process that works only while asked to.

Reads one JSON line {weights, images, noise, count, pixels, latent, samples}: a safetensors file of the gated model of docs/results.md with
a diagonal mixture as its prior, and raw float32 files of the images and of the noise of the first of them. Answers with its version and
ln p(x) of that image. Then each line [threads, chunk, form, how many images, samples of each] is answered with {wall, processor}: seconds of each
image, with noise that PyTorch draws itself, `chunk` samples at a time.
"""

import json
import math
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

LOG_TWO_PI = math.log(2 * math.pi)
BOUND = 10.0


def read_weights(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


class Model:
    def __init__(self, weights):
        self.weights = weights
        self.log_weights = F.log_softmax(weights["prior/logits"], 0)
        self.means = weights["prior/means"]
        self.log_variances = self.bounded(weights["prior/raw-log-variances"])
        self.precisions = torch.exp(-self.log_variances)

    @staticmethod
    def bounded(raw):
        return BOUND * torch.tanh(raw / BOUND)

    def affine(self, name, x):
        return torch.addmm(self.weights[f"{name}/bias"], x, self.weights[f"{name}/kernel"])

    def stack(self, name, x):
        for layer in (f"{name}/hidden1", f"{name}/hidden2"):
            x = self.affine(f"{layer}/value", x) * torch.sigmoid(self.affine(f"{layer}/gate", x))
        return self.affine(f"{name}/output", x)

    def log_prior(self, z):
        squares = ((z.unsqueeze(1) - self.means).square() * self.precisions).sum(-1)
        log_probs = -0.5 * (squares + (self.log_variances + LOG_TWO_PI).sum(-1))
        return torch.logsumexp(self.log_weights + log_probs, -1)

    def log_likelihood(self, x, logits, form):
        if form == "softplus":
            return (x * logits - F.softplus(logits)).sum(-1)
        return -F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)

    def score(self, x, samples, chunk, form, given=None):
        mean, raw = self.stack("encoder", x.unsqueeze(0)).chunk(2, 1)
        log_variance = self.bounded(raw)
        stddev = torch.exp(0.5 * log_variance)
        log_weights = []
        for start in range(0, samples, chunk):
            count = min(chunk, samples - start)
            noise = torch.randn(count, mean.shape[1]) if given is None else given[start : start + count]
            z = mean + noise * stddev
            log_q = -0.5 * (noise.square() + log_variance + LOG_TWO_PI).sum(-1)
            likelihood = self.log_likelihood(x, self.stack("decoder", z), form)
            log_weights.append(likelihood + self.log_prior(z) - log_q)
        return (torch.logsumexp(torch.cat(log_weights).double(), 0) - math.log(samples)).item()


@torch.inference_mode()
def main():
    task = json.loads(sys.stdin.readline())
    raw = lambda path, *shape: torch.from_numpy(np.fromfile(path, np.float32).reshape(shape))
    model = Model(read_weights(task["weights"]))
    images = raw(task["images"], task["count"], task["pixels"])
    noise = raw(task["noise"], task["samples"], task["latent"])
    first = model.score(images[0], task["samples"], 500, "softplus", noise)
    print(json.dumps({"name": f"PyTorch {torch.__version__}", "first": first}), flush=True)
    at = 0
    for line in sys.stdin:
        threads, chunk, form, count, samples = json.loads(line)
        torch.set_num_threads(threads)
        model.score(images[0], chunk, chunk, form)  # a core that was idle takes some time to be back at full speed
        wall, processor = [], []
        for _ in range(count):
            start = time.perf_counter(), time.process_time()
            model.score(images[at % len(images)], samples, chunk, form)
            wall.append(time.perf_counter() - start[0])
            processor.append(time.process_time() - start[1])
            at += 1
        print(json.dumps({"wall": wall, "processor": processor}), flush=True)


if __name__ == "__main__":
    main()
