"""The training step of src/bench/reference-vae.ts in PyTorch, timed on request.

Reads one JSON object with the sizes, then one number of steps a line; answers each with one JSON line. Chooses the fastest of its own
settings (OpenBLAS's kernels, threads, Adam's foreach and fused forms, torch.compile where it works) before the first answer.
"""
import json
import math
import os
import subprocess
import sys
import time

import torch


def lcg(seed):
    state = seed & 0xFFFFFFFF
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield state / 2**32


def build(sizes, device):
    numbers = lcg(1)

    def parameter(shape, scale):
        values = [(2 * next(numbers) - 1) * scale for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float32, device=device).reshape(shape).requires_grad_()

    parameters = []

    def dense(inputs, outputs):
        kernel, bias = parameter([inputs, outputs], math.sqrt(3 / inputs)), parameter([outputs], 0.0)
        parameters.extend([kernel, bias])
        return lambda x: torch.addmm(bias, x, kernel)

    def layer(inputs, outputs):
        value = dense(inputs, outputs)
        if not sizes.get("gated"):
            return lambda x: torch.relu(value(x))
        gate = dense(inputs, outputs)
        return lambda x: value(x) * torch.sigmoid(gate(x))

    pixels, hidden, latent, components = (sizes[k] for k in ("pixels", "hidden", "latent", "components"))
    encode1, encode2 = layer(pixels, hidden), layer(hidden, hidden)
    encode_out = dense(hidden, 2 * latent)
    decode1, decode2 = layer(latent, hidden), layer(hidden, hidden)
    decode_out = dense(hidden, pixels)
    logits = parameter([components], 0.1)
    means = parameter([components, latent], 1.0)
    log_variances = parameter([components, latent], 0.1)
    parameters.extend([logits, means, log_variances])

    def loss(x, eps):
        mean, log_variance = encode_out(encode2(encode1(x))).chunk(2, 1)
        z = mean + eps * torch.exp(0.5 * log_variance)
        reconstruction = decode_out(decode2(decode1(z)))
        cross_entropy = (torch.nn.functional.softplus(reconstruction) - x * reconstruction).sum(1)
        log_q = -0.5 * (log_variance + eps.square()).sum(1)
        difference = z.unsqueeze(1) - means.unsqueeze(0)
        scaled = difference.square() / torch.exp(log_variances) + log_variances
        log_p = torch.logsumexp(torch.log_softmax(logits, 0) - 0.5 * scaled.sum(2), 1)
        return (cross_entropy + log_q - log_p).mean()

    return parameters, loss


def batch(sizes, device):
    numbers = lcg(7)
    rows = sizes["batch"]
    x = [1.0 if next(numbers) < 0.3 else 0.0 for _ in range(rows * sizes["pixels"])]

    def normal():
        radius = math.sqrt(-2 * math.log(1 - next(numbers)))
        return radius * math.cos(2 * math.pi * next(numbers))

    eps = [normal() for _ in range(rows * sizes["latent"])]
    return (
        torch.tensor(x, device=device).reshape(rows, sizes["pixels"]),
        torch.tensor(eps, device=device).reshape(rows, sizes["latent"]),
    )


class Step:
    def __init__(self, sizes, device, threads, form=None, compiled=False):
        self.device, self.threads, self.form = device, threads, form
        self.parameters, loss = build(sizes, device)
        self.loss = torch.compile(loss) if compiled else loss
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-3, eps=1e-7, **({form: True} if form else {}))
        self.x, self.eps = batch(sizes, device)
        self.name = f"{threads} threads" if device == "cpu" else device
        self.name += (f", {form} Adam" if form else "") + (", torch.compile" if compiled else "")

    def run(self):
        torch.set_num_threads(self.threads)
        start, processor = time.perf_counter(), time.process_time()
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(self.x, self.eps)
        value.backward()
        self.optimizer.step()
        if self.device != "cpu":
            torch.cuda.synchronize()
        self.processor_ms = (time.process_time() - processor) * 1e3
        return (time.perf_counter() - start) * 1e3, value


def fastest(sizes, device, compiling=True):
    threads = sorted({1, torch.get_num_threads()}) if device == "cpu" else [1]
    timed = [timing(sizes, device, n, form) for n in threads for form in (None, "foreach", "fused")]
    eager = min((one for one in timed if one), key=lambda pair: pair[0])
    # Compiling takes long, and needs a C++ compiler on a processor: of the fastest eager form only.
    if not (compiling and hasattr(torch, "compile")):
        return eager
    compiled = timing(sizes, device, eager[1].threads, eager[1].form, compiled=True)
    return min((one for one in (eager, compiled) if one), key=lambda pair: pair[0])


def timing(*setting, **options):
    """What a setting takes, in ms, and its step; None where this PyTorch does not have it."""
    try:
        step = Step(*setting, **options)
        return sorted(step.run()[0] for _ in range(12))[4], step
    except Exception as error:  # which one it is differs between versions
        print(f"not tried: {setting[2:]} {options}: {str(error).splitlines()[0]}", file=sys.stderr)
        return None


def kernel_families():
    """What OpenBLAS may be told to use. One older than the processor does not know it and falls back to kernels without AVX: then its
    products take three to five times as long, and a comparison with it says nothing."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            flags = next((line.split() for line in info if line.startswith("flags")), [])
    except OSError:
        flags = []
    return [None] + [name for flag, name in (("avx2", "Haswell"), ("avx512f", "SkylakeX")) if flag in flags]


def with_fastest_kernels(sizes_line):
    """Starts this program again with the kernels that a trial of each finds fastest; they can be chosen only before torch is loaded."""

    def trial(family):
        environment = {**os.environ, **({"OPENBLAS_CORETYPE": family} if family else {})}
        command = [sys.executable, __file__, "--trial", sizes_line]
        return float(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout), environment

    _, environment = min((trial(family) for family in kernel_families()), key=lambda pair: pair[0])
    os.execve(sys.executable, [sys.executable, __file__, "--serve", sizes_line], environment)


def main():
    mode, line = sys.argv[1:] if len(sys.argv) == 3 else ("--choose", sys.stdin.readline())
    sizes = json.loads(line)
    # Beside a step on a GPU, whichever way it gets there, PyTorch runs on that GPU.
    device = "cuda" if sizes.get("device", "cpu") != "cpu" and torch.cuda.is_available() else "cpu"
    if mode == "--choose" and device == "cpu" and "OPENBLAS_CORETYPE" not in os.environ and not torch.backends.mkl.is_available():
        with_fastest_kernels(line)
    # A trial is of the kernels for products, which compiling leaves as they are.
    time_of_best, best = fastest(sizes, device, compiling=mode != "--trial" and sizes.get("compile", True))
    if mode == "--trial":
        print(time_of_best)
        return
    first = float(Step(sizes, device, 1).run()[1])
    family = os.environ.get("OPENBLAS_CORETYPE")
    settings = best.name + (f", OpenBLAS for {family}" if family else "")
    print(json.dumps({"name": f"PyTorch {torch.__version__}", "settings": settings, "firstLoss": first}), flush=True)
    for line in sys.stdin:
        for _ in range(5):  # warm up, as the other side does
            best.run()
        times = [(best.run()[0], best.processor_ms) for _ in range(int(line))]
        print(json.dumps({"ms": [ms for ms, _ in times], "processorMs": [ms for _, ms in times]}), flush=True)


if __name__ == "__main__":
    main()
