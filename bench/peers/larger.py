"""Larger networks with random weights for `bench/larger.mjs`.

python3 larger.py export FOLDER NAME                      writes FOLDER/NAME.onnx
python3 larger.py gradients FOLDER NAME WAY BATCH STEPS   prints one JSON line: seconds of CPU and of the clock for STEPS
    gradients of the cross-entropy of BATCH images, after one that warms up, and the most memory that the process held, in MB

WAY is `plain`, `channels_last` or `compiled` (TorchInductor). One thread.
"""
import json
import sys
import time
import warnings
from pathlib import Path

import torch
import torchvision.models as tv

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
# PyTorch's fused attention for inference has no ONNX form; gradients do not take it.
torch.backends.mha.set_fastpath_enabled(False)
NETWORKS = {
    "resnet18-32": (32, lambda: tv.resnet18(weights=None, num_classes=10)),
    "resnet18-224": (224, lambda: tv.resnet18(weights=None)),
    "mobilenet-v3-small-224": (224, lambda: tv.mobilenet_v3_small(weights=None)),
    "vit-b16-224": (224, lambda: tv.vit_b_16(weights=None)),
}


def network(name):
    torch.manual_seed(0)
    size, make = NETWORKS[name]
    return size, make().requires_grad_(False).eval()


def export(folder, name):
    size, model = network(name)
    torch.onnx.export(
        model, (torch.rand(2, 3, size, size),), str(folder / f"{name}.onnx"), dynamo=False, opset_version=17,
        input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
    )


def gradients(name, way, batch, steps):
    size, model = network(name)
    x = torch.rand(batch, 3, size, size, generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(batch, dtype=torch.int64)
    if way == "channels_last":
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    if way == "compiled":
        model = torch.compile(model)

    def once():
        moved = x.detach().requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(model(moved), labels, reduction="sum")
        return torch.autograd.grad(loss, moved)[0]

    once()
    clock, cpu = time.perf_counter(), time.process_time()
    for _ in range(steps):
        once()
    taken = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - cpu}
    status = Path("/proc/self/status").read_text()
    taken["megabytes"] = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps(taken))


if __name__ == "__main__":
    command, folder, name, *rest = sys.argv[1:]
    if command == "export":
        export(Path(folder), name)
    else:
        gradients(name, rest[0], int(rest[1]), int(rest[2]))
