"""PGD as a user of PyTorch would run it, for `bench/peers.mjs`. Prints one JSON line: samples attacked and broken.

python3 pgd.py WAY EPSILON SAMPLES MODEL DATA

WAY is `loop` (two threads, all steps), `torchattacks`, `foolbox`, or `processes` (two processes of one thread each, channels last,
a sample leaves at its first success). MODEL is a TensorFlow.js folder of the MNIST classifier, DATA the folder of MNIST's test files.
All do 40 steps of epsilon / 10 from the clean image, in batches of 100.
"""
import gzip
import json
import multiprocessing
import os
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

STEPS, BATCH = 40, 100


def load_model(folder):
    """The weights come channels last: kernels [h, w, in, out], and the first dense layer reads [h, w, c]."""
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    values = numpy.fromfile(folder / "weights.bin", dtype="<f4")
    weights, at = [], 0
    for weight in (weight for group in manifest for weight in group["weights"]):
        size = int(numpy.prod(weight["shape"]))
        weights.append(torch.tensor(values[at : at + size].reshape(weight["shape"])))
        at += size
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10),
    )
    layers = [layer for layer in model if hasattr(layer, "weight")]
    weights[8] = weights[8].reshape(4, 4, 64, 200).permute(2, 0, 1, 3).reshape(1024, 200)
    for layer, kernel, bias in zip(layers, weights[::2], weights[1::2]):
        layer.weight.data = (kernel.permute(3, 2, 0, 1) if kernel.dim() == 4 else kernel.t()).contiguous()
        layer.bias.data = bias
    return model.requires_grad_(False).eval()


def load_data(folder, samples):
    def read(name, offset):
        return numpy.frombuffer(gzip.open(folder / name).read(), dtype="u1", offset=offset)

    images = read("t10k-images-idx3-ubyte.gz", 16)[: samples * 784].reshape(-1, 1, 28, 28)
    labels = read("t10k-labels-idx1-ubyte.gz", 8)[:samples]
    return torch.tensor(images / 255, dtype=torch.float32), torch.tensor(labels, dtype=torch.int64)


def step(model, clean, x, labels, epsilon):
    """One step, and which samples were broken before it."""
    x = x.detach().requires_grad_(True)
    logits = model(x)
    gradient, = torch.autograd.grad(nn.functional.cross_entropy(logits, labels, reduction="sum"), x)
    moved = x.detach() + epsilon / 10 * gradient.sign()
    return (clean + (moved - clean).clamp(-epsilon, epsilon)).clamp(0, 1), logits.argmax(1) != labels


def loop(model, clean, labels, epsilon):
    x = clean
    for _ in range(STEPS):
        x, _ = step(model, clean, x, labels, epsilon)
    return x


def early(model, clean, labels, epsilon):
    """The same for samples that still hold."""
    result, rows, x = clean.clone(), torch.arange(len(clean)), clean
    for _ in range(STEPS):
        moved, broken = step(model, clean[rows], x, labels[rows], epsilon)
        result[rows[broken]] = x[broken]
        rows, x = rows[~broken], moved[~broken].contiguous(memory_format=torch.channels_last)
        if len(rows) == 0:
            return result
    result[rows] = x
    return result


def perturb(way, model, clean, labels, epsilon):
    if way == "torchattacks":
        import torchattacks

        return torchattacks.PGD(model, eps=epsilon, alpha=epsilon / 10, steps=STEPS, random_start=False)(clean, labels)
    if way == "foolbox":
        import foolbox

        attack = foolbox.attacks.LinfPGD(steps=STEPS, abs_stepsize=epsilon / 10, random_start=False)
        victim = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
        return attack(victim, clean, labels, epsilons=epsilon)[1]
    return (early if way == "processes" else loop)(model, clean, labels, epsilon)


def attack(way, model, images, labels, epsilon):
    """Attacks what is classified correctly, and judges what came out."""
    attacked = broken = 0
    for at in range(0, len(images), BATCH):
        x, y = images[at : at + BATCH], labels[at : at + BATCH]
        with torch.no_grad():
            right = model(x).argmax(1) == y
        x, y = x[right], y[right]
        found = perturb(way, model, x, y, epsilon)
        with torch.no_grad():
            wrong = model(found).argmax(1) != y
        attacked += len(x)
        broken += int(wrong.sum())
    return attacked, broken


def one_process(job):
    way, epsilon, samples, model, data, part, parts, threads = job
    torch.set_num_threads(threads)
    images, labels = (values[part::parts] for values in load_data(data, samples))
    network = load_model(model)
    if way == "processes":
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    return attack(way, network, images, labels, epsilon)


if __name__ == "__main__":
    way, epsilon, samples = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    model, data = Path(sys.argv[4]), Path(sys.argv[5])
    cores = os.cpu_count()
    if way == "processes":
        jobs = [(way, epsilon, samples, model, data, part, cores, 1) for part in range(cores)]
        # Forked before any computation: the parent's thread pool does not exist yet.
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            parts = pool.map(one_process, jobs)
    else:
        parts = [one_process((way, epsilon, samples, model, data, 0, 1, cores))]
    attacked, broken = (sum(each) for each in zip(*parts))
    print(json.dumps({"attacked": attacked, "broken": broken}))
