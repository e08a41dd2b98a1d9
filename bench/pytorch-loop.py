"""The plain PyTorch loops that `engines.mjs` measures against. Prints one JSON line.

python3 pytorch-loop.py pgd THREADS [DEVICE] [NETWORK] [WAY]    image-gradients a second of PGD; WAY is plain, channels_last or compiled
python3 pytorch-loop.py minmax THREADS [DEVICE] [NETWORK] seconds an iteration of MinMax as the reference has it: one image, one MINE network
"""
import json
import math
import sys
import time

import torch
from torch import nn

task, threads = sys.argv[1], int(sys.argv[2])
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
torch.set_num_threads(threads)
torch.manual_seed(0)
# The architectures of the models that are measured; weights do not matter here.
networks = {
    "mnist-classifier": lambda: nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10),
    ),
    "digits-cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10),
    ),
}
network = sys.argv[4] if len(sys.argv) > 4 else "mnist-classifier"
if network not in networks:
    sys.exit(f"There is no network {network} to compare with: {', '.join(networks)}.")
model = networks[network]().to(device).requires_grad_(False)
filters = model[0].out_channels
way = sys.argv[5] if len(sys.argv) > 5 else "plain"
layout = torch.channels_last if way == "channels_last" else torch.contiguous_format


def synchronise():
    if device != "cpu":
        torch.cuda.synchronize()


def pgd(batch=100, epsilon=0.3, steps=40):
    clean = torch.rand(batch, 1, 28, 28, device=device).contiguous(memory_format=layout)
    network = model.to(memory_format=layout)
    network = torch.compile(network) if way == "compiled" else network
    labels = model(clean).argmax(1)
    loss = nn.CrossEntropyLoss(reduction="sum")
    x = clean.clone()

    def step(x):
        x = x.detach().requires_grad_(True)
        loss(network(x), labels).backward()
        moved = x.detach() + epsilon / 10 * x.grad.sign()
        return (clean + (moved - clean).clamp(-epsilon, epsilon)).clamp(0, 1)

    for _ in range(5):
        x = step(x)
    synchronise()
    started = time.perf_counter()
    for _ in range(steps):
        x = step(x)
    synchronise()
    return {"rate": batch * steps / (time.perf_counter() - started)}


class Mine(nn.Module):
    """Two branches conv 16 2x2 -> 512 -> 10, joined by relu(a + b) -> 1: 10.25 million parameters on 26x26 maps."""

    def __init__(self, side=26):
        super().__init__()
        branch = lambda: nn.Sequential(nn.Conv2d(1, 16, 2), nn.Flatten(), nn.Linear((side - 1) ** 2 * 16, 512), nn.Linear(512, 10))
        self.x, self.y, self.head = branch(), branch(), nn.Linear(10, 1, bias=False)

    def forward(self, u, v):
        return self.head(torch.relu(self.x(u) + self.y(v)))


def minmax(iterations=8):
    image = torch.rand(1, 1, 28, 28, device=device)
    label = int(model(image).argmax())
    mine = Mine().to(device)
    adam = torch.optim.Adam(mine.parameters(), lr=1.5e-5)
    maps = lambda z: torch.relu(model[0](z)).transpose(0, 1)
    u = maps(image)
    delta, c = (torch.rand_like(image) - 0.5) * 0.17, 1e-3

    def information(x):
        v = maps(x)
        shuffled = v[torch.randperm(filters, device=device)]
        return mine(u, v).mean() - torch.logsumexp(mine(u, shuffled).flatten(), 0) + math.log(filters)

    def iterate(delta):
        delta = delta.detach().requires_grad_(True)
        logits = model(image + delta)[0]
        others = torch.cat([logits[:label], logits[label + 1:]])
        f = torch.relu(logits[label] - others.max())
        gradient, = torch.autograd.grad(c * f - information(image + delta), delta)
        delta = (image + (delta.detach() - 0.01 * gradient).clamp(-1, 1)).clamp(0, 1) - image
        adam.zero_grad()
        (-information(image + delta)).backward()
        adam.step()
        return delta

    for _ in range(2):
        delta = iterate(delta)
    synchronise()
    started = time.perf_counter()
    for _ in range(iterations):
        delta = iterate(delta)
    synchronise()
    return {"seconds": (time.perf_counter() - started) / iterations}


print(json.dumps({"torch": torch.__version__, **(pgd() if task == "pgd" else minmax())}))
