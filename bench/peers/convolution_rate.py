"""The machine's best convolution rate, as oneDNN reaches it in PyTorch, to hold the rates of `bench/engines.mjs` against.

python3 convolution_rate.py PROCESSES SECONDS   prints one JSON line: GFLOP/s of all processes together, of the best shape

A multiplication and an addition are two operations. Forward passes in float32, one thread a process, weights packed beforehand,
channels last: the kindest case there is. Processes begin each shape together.
"""
import json
import multiprocessing
import sys
import time

import torch

# Images, channels in and out, and the side of an image, for filters of 3 × 3.
SHAPES = [(1, 64, 64, 56), (4, 128, 128, 28), (8, 256, 256, 14), (16, 64, 64, 28), (32, 32, 32, 26), (1, 256, 256, 56)]


def rate(shape, seconds):
    n, c, f, side = shape
    x = torch.rand(n, c, side, side).contiguous(memory_format=torch.channels_last)
    conv = torch.nn.Conv2d(c, f, 3, padding=1).to(memory_format=torch.channels_last).eval()
    with torch.no_grad():
        conv(x)
        begun, runs = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            conv(x)
            runs += 1
    return runs * 2 * n * c * f * 9 * side * side / (time.perf_counter() - begun) / 1e9


def work(barrier, seconds, results):
    torch.set_num_threads(1)
    found = []
    for shape in SHAPES:
        barrier.wait()
        found.append(rate(shape, seconds))
    results.put(found)


if __name__ == "__main__":
    processes, seconds = int(sys.argv[1]), float(sys.argv[2])
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    started = [context.Process(target=work, args=(barrier, seconds, results)) for _ in range(processes)]
    for process in started:
        process.start()
    found = [results.get() for _ in started]
    for process in started:
        process.join()
    together = [sum(rates) for rates in zip(*found)]
    best = max(range(len(SHAPES)), key=lambda i: together[i])
    print(json.dumps({"gflops": together[best], "shape": SHAPES[best], "all": together}))
