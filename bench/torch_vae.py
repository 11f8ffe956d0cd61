"""The VAE of docs/benchmarks/trainings.md in plain PyTorch: the same model, data split and training, written from the formulas.

    python3 bench/torch_vae.py --data FOLDER --prior normal|gmm|vamp --components K --epochs 30 --seed 1 --samples 200 --limit 1000

FOLDER holds the four IDX files of MNIST, with or without .gz. Progress goes to standard error, one JSON line to standard output.
Training and sampling draw PyTorch's own random numbers; the test images have the very bits that `gmm-vae evaluate` gives them under
the same seed, so that scores can be compared image by image.
"""
import argparse
import gzip
import hashlib
import json
import math
import os
import sys
import time


def choose_openblas_kernels():
    """Debian's OpenBLAS does not know every processor and may fall back to its SSE kernels ("Core: Prescott" under
    OPENBLAS_VERBOSE=2), which would not be a fair peer. It reads the variable when it is loaded: start again with it set."""
    if "OPENBLAS_CORETYPE" in os.environ:
        return
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            flags = set(next((line for line in cpuinfo if line.startswith("flags")), "").split())
    except OSError:
        return
    core = "SkylakeX" if "avx512f" in flags else "Haswell" if "avx2" in flags else None
    if core:
        os.environ["OPENBLAS_CORETYPE"] = core
        os.execv(sys.executable, [sys.executable, *sys.argv])


choose_openblas_kernels()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

LOG_TWO_PI = math.log(2 * math.pi)
BOUND = 10.0


def read_idx(folder, name):
    """The bytes of an IDX file as an array of its shape."""
    for path in (os.path.join(folder, name), os.path.join(folder, name + ".gz")):
        if os.path.exists(path):
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                data = file.read()
            shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
            return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)
    sys.exit(f"torch_vae: {folder}: no {name} or {name}.gz")


def intensities(folder, name):
    images = read_idx(folder, name)
    return torch.from_numpy(images.reshape(len(images), -1).astype(np.float32) / 255)


def uniforms(seed, name):
    """The library's random stream of that seed and name: xoroshiro128+ from the first 128 bits of a SHA-256, 52 bits a number."""
    words = [int.from_bytes(part, "little") for part in np.frombuffer(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:16], "V4")]
    mask = 2**64 - 1
    a, b = words[0] << 32 | words[1], words[2] << 32 | words[3]
    rotate = lambda x, n: (x << n | x >> (64 - n)) & mask

    def word():
        nonlocal a, b
        out = (a + b) & 0xFFFFFFFF
        b ^= a
        a, b = rotate(a, 24) ^ b ^ (b << 16 & mask), rotate(b, 37)
        return out >> 6

    while True:
        yield ((word() << 26) + word() + 0.5) * 2.0**-52


def library_bits(images, seed):
    """Each image binarised as the library does it for testing: a stream of its own, one number for each pixel that is grey."""
    bits = images.clone()
    for i, image in enumerate(bits):
        stream = uniforms(seed, f"batches/binarise/image/{i}")
        for j in ((image > 0) & (image < 1)).nonzero().flatten().tolist():
            image[j] = float(next(stream) < image[j].item())
    return bits


def bounded(raw):
    """ln σ² = B·tanh(r/B), as everywhere in the library."""
    return BOUND * torch.tanh(raw / BOUND)


def dense(inputs, outputs, init, hidden):
    """`torch`: PyTorch's own, uniform ±1/√inputs, biases too. `he`, `glorot`: normal weights, zero biases; as in the library they
    concern the hidden layers, and the last layer of encoder and decoder has Glorot's variance."""
    layer = nn.Linear(inputs, outputs)
    if init != "torch":
        variance = 2 / inputs if init == "he" and hidden else 2 / (inputs + outputs)
        nn.init.normal_(layer.weight, std=math.sqrt(variance))
        nn.init.zeros_(layer.bias)
    return layer


class Gated(nn.Module):
    def __init__(self, inputs, outputs, init):
        super().__init__()
        self.value = dense(inputs, outputs, init, True)
        self.gate = dense(inputs, outputs, init, True)

    def forward(self, x):
        return self.value(x) * torch.sigmoid(self.gate(x))


def diagonal_log_probs(z, means, log_variances):
    """ln N(z; μ_k, diag σ_k²) of every component: [N, d] → [N, K]."""
    squares = (z.unsqueeze(1) - means).square() * torch.exp(-log_variances)  # [N, K, d]
    return -0.5 * (squares.sum(-1) + (log_variances + LOG_TWO_PI).sum(-1))


class Vae(nn.Module):
    def __init__(self, args, train):
        super().__init__()
        pixels, d, k = train.shape[1], args.latent, args.components
        sizes = [pixels, *args.hidden]
        self.latent, self.prior = d, args.prior
        self.encoder = nn.Sequential(*[Gated(a, b, args.init) for a, b in zip(sizes, sizes[1:])])
        self.encoder.append(dense(sizes[-1], 2 * d, args.init, False))
        back = [d, *sizes[:0:-1]]
        self.decoder = nn.Sequential(*[Gated(a, b, args.init) for a, b in zip(back, back[1:])])
        self.decoder.append(dense(back[-1], pixels, args.init, False))
        if args.init != "torch":
            mean = train.mean(0).clamp(0.01, 0.99)
            self.decoder[-1].bias.data = torch.log(mean / (1 - mean))
        if args.prior == "gmm":
            self.logits = nn.Parameter(torch.zeros(k))
            self.means = nn.Parameter(torch.randn(k, d))
            self.raw_log_variances = nn.Parameter(torch.zeros(k, d))
        if args.prior == "vamp":
            start = train[torch.randperm(len(train))[:k]].clamp(0.01, 0.99)
            self.pseudo_inputs = nn.Parameter(torch.log(start / (1 - start)))

    def encode(self, x):
        mean, raw = self.encoder(x).chunk(2, 1)
        return mean, bounded(raw)

    def components(self):
        """ln weights, means and log variances of a mixture prior, [K] and [K, d]."""
        if self.prior == "gmm":
            return F.log_softmax(self.logits, 0), self.means, bounded(self.raw_log_variances)
        means, log_variances = self.encode(torch.sigmoid(self.pseudo_inputs))
        return torch.full((len(means),), -math.log(len(means))), means, log_variances

    def log_prior(self, z, components):
        if self.prior == "normal":
            return -0.5 * (z.square() + LOG_TWO_PI).sum(-1)
        log_weights, means, log_variances = components
        return torch.logsumexp(log_weights + diagonal_log_probs(z, means, log_variances), -1)

    def log_likelihood(self, x, z):
        logits = self.decoder(z)
        return (x * logits - F.softplus(logits)).sum(-1)

    def terms(self, x):
        """Reconstruction and KL image by image, with one sample: the KL closed (9) for N(0, I), else (11)."""
        mean, log_variance = self.encode(x)
        noise = torch.randn_like(mean)
        z = mean + noise * torch.exp(0.5 * log_variance)
        if self.prior == "normal":
            kl = 0.5 * (mean.square() + torch.expm1(log_variance) - log_variance).sum(-1)
        else:
            log_q = -0.5 * (noise.square() + log_variance + LOG_TWO_PI).sum(-1)
            kl = log_q - self.log_prior(z, self.components())
        return -self.log_likelihood(x, z), kl


def fit(model, train, validation, args):
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate, eps=1e-7)
    steps = len(train) // args.batch
    records = []
    for epoch in range(1, args.epochs + 1):
        order, start, sums = torch.randperm(len(train)), time.perf_counter(), torch.zeros(3)
        for i in range(steps):
            x = torch.bernoulli(train[order[i * args.batch : (i + 1) * args.batch]])
            beta = min(((epoch - 1) * steps + i + 1) / (args.warm_up * steps), 1) if args.warm_up else 1
            reconstruction, kl = (term.mean() for term in model.terms(x))
            loss = reconstruction + beta * kl
            if not torch.isfinite(loss):
                sys.exit(f"torch_vae: the loss is {loss.item()} in epoch {epoch}, step {i + 1}")
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            sums += torch.stack([loss, reconstruction, kl]).detach()
        seconds = time.perf_counter() - start
        loss, reconstruction, kl = (sums / steps).tolist()
        with torch.no_grad():
            held_out = torch.cat([sum(model.terms(x)) for x in validation.split(500)]).mean().item() if len(validation) else None
        records.append({"epoch": epoch, "loss": loss, "reconstruction": reconstruction, "kl": kl, "validation": held_out, "seconds": seconds})
        print(f"epoch {epoch} of {args.epochs}: loss {loss:.2f}, KL {kl:.2f} nats, {seconds:.1f} s", file=sys.stderr)
    return records


@torch.no_grad()
def importance(model, images, samples):
    """ln 1/S Σ_s p(x|z_s)·p(z_s)/q(z_s|x) image by image."""
    components = None if model.prior == "normal" else model.components()
    scores = []
    for x in images:
        mean, log_variance = model.encode(x.unsqueeze(0))
        weights = []
        for start in range(0, samples, 500):
            noise = torch.randn(min(500, samples - start), model.latent)
            z = mean + noise * torch.exp(0.5 * log_variance)
            log_q = -0.5 * (noise.square() + log_variance + LOG_TWO_PI).sum(-1)
            weights.append(model.log_likelihood(x, z) + model.log_prior(z, components) - log_q)
        scores.append(torch.logsumexp(torch.cat(weights).double(), 0) - math.log(samples))
    return torch.stack(scores)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with the four IDX files of MNIST")
    parser.add_argument("--prior", choices=["normal", "gmm", "vamp"], default="normal")
    parser.add_argument("--components", type=int, help="K (default: 10 for gmm, 500 for vamp)")
    parser.add_argument("--init", choices=["he", "torch", "glorot"], default="he")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--warm-up", type=float, default=10)
    parser.add_argument("--train-images", type=int, default=50_000)
    parser.add_argument("--validation-images", type=int, default=10_000)
    parser.add_argument("--latent", type=int, default=40)
    parser.add_argument("--hidden", type=lambda text: [int(n) for n in text.split(",")], default=[300, 300])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--samples", type=int, default=200, help="per test image")
    parser.add_argument("--limit", type=int, default=1000, help="the first test images only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    args.components = args.components or {"normal": 1, "gmm": 10, "vamp": 500}[args.prior]
    return args


def main():
    args = parse()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    images, test = (intensities(args.data, f"{part}-images-idx3-ubyte") for part in ("train", "t10k"))
    train = images[: args.train_images]
    if args.train_images + args.validation_images > len(images):
        sys.exit(f"torch_vae: {args.train_images} + {args.validation_images} images are more than the {len(images)} there are")
    validation = torch.bernoulli(images[len(images) - args.validation_images :])
    model = Vae(args, train)
    start = time.perf_counter()
    epochs = fit(model, train, validation, args)
    seconds = time.perf_counter() - start
    scores = importance(model, library_bits(test[: args.limit], args.seed), args.samples)
    error = None if len(scores) < 2 else (scores.std() / math.sqrt(len(scores))).item()
    result = {"torch": torch.__version__, "threads": torch.get_num_threads(), "openblasCore": os.environ.get("OPENBLAS_CORETYPE")}
    result |= {name: getattr(args, name) for name in ("prior", "components", "init", "seed", "samples")}
    result |= {"images": len(scores), "nll": -scores.mean().item(), "standardError": error, "seconds": seconds, "epochs": epochs}
    result["logLikelihood"] = scores.tolist()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
