"""Trains the MNIST classifier of `pgd.py` a little further, for `bench/examples.mjs`, and writes it as a TensorFlow.js folder.

python3 fine_tune.py MODEL DATA OUTPUT IMAGES RATE

One pass of Adam with learning rate RATE over the first IMAGES training images of MNIST, in batches of 128.
"""
import gzip
import shutil
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

from pgd import load_model


def training_data(folder, count):
    images = numpy.frombuffer(gzip.open(folder / "train-images-idx3-ubyte.gz").read(), dtype="u1", offset=16)
    labels = numpy.frombuffer(gzip.open(folder / "train-labels-idx1-ubyte.gz").read(), dtype="u1", offset=8)
    images = images[: count * 784].reshape(-1, 1, 28, 28)
    return torch.tensor(images / 255, dtype=torch.float32), torch.tensor(labels[:count], dtype=torch.int64)


def save_model(model, source, output):
    """As `load_model` has read it: channels last."""
    output.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "model.json", output / "model.json")
    values = []
    for layer in (layer for layer in model if hasattr(layer, "weight")):
        kernel = layer.weight.detach()
        if kernel.dim() == 4:
            kernel = kernel.permute(2, 3, 1, 0)
        elif kernel.shape[1] == 1024:
            kernel = kernel.t().reshape(64, 4, 4, 200).permute(1, 2, 0, 3)
        else:
            kernel = kernel.t()
        values += [kernel.contiguous().numpy().ravel(), layer.bias.detach().numpy()]
    numpy.concatenate(values).astype("<f4").tofile(output / "weights.bin")


def main():
    source, data, output = map(Path, sys.argv[1:4])
    count, rate = int(sys.argv[4]), float(sys.argv[5])
    torch.manual_seed(0)
    model = load_model(source).requires_grad_(True).train()
    images, labels = training_data(data, count)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for rows in torch.randperm(count).split(128):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimizer.step()
    save_model(model.eval(), source, output)


if __name__ == "__main__":
    main()
