"""Exports the networks of networks.py by both of PyTorch's exporters, with batch 1 and a dynamic batch, each with an
input, PyTorch's float64 output, a cotangent and the float64 gradient, for `check.mjs`.

python export.py FOLDER [--only NAME …] [--exporters script dynamo]   (torch, torchvision, timm, onnxscript)
"""
import argparse
import copy
import json
import time
import warnings
from pathlib import Path

import torch

from networks import all_networks

warnings.filterwarnings("ignore")
arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=Path)
arguments.add_argument("--only", nargs="*")
arguments.add_argument("--exporters", nargs="*", default=["script", "dynamo"])
arguments.add_argument("--draws", type=int, default=1, help="of noise; more where a network jumps seldom")
options = arguments.parse_args()
options.folder.mkdir(parents=True, exist_ok=True)
torch.set_num_threads(1)
# PyTorch's fused attention for inference has no ONNX form.
torch.backends.mha.set_fastpath_enabled(False)


class OneOutput(torch.nn.Module):
    """Segmentation models give a dictionary."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        y = self.model(x)
        return y["out"] if isinstance(y, dict) else y


def pull_back(model, x, cotangent):
    x = x.clone().requires_grad_()
    y = model(x)
    (gradient,) = torch.autograd.grad((y * cotangent).sum(), x)
    return y.detach(), gradient


def reference(model, size):
    """Output and gradient in float64, and how far that gradient jumps under noise of 3e-6 in the input or in float32."""
    wide = copy.deepcopy(model).double()
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(2, 3, size, size, generator=generator).double().float().double()
    with torch.no_grad():
        shape = wide(x).shape
    cotangent = torch.randn(shape, generator=generator).double().float().double()
    y, gradient = pull_back(wide, x, cotangent)
    jump = 0.0
    for _ in range(options.draws):
        noisy = x + 3e-6 * torch.randn(x.shape, generator=generator).double()
        apart = (pull_back(wide, noisy, cotangent)[1] - gradient).norm() / gradient.norm().clamp_min(1e-30)
        jump = max(jump, float(apart))
    # Where PyTorch's own float32 differs as far, rounding takes other sides of kinks.
    single = pull_back(model, x.float(), cotangent.float())[1].double()
    jump = max(jump, float((single - gradient).norm() / gradient.norm().clamp_min(1e-30)))
    return x, y, cotangent, gradient, jump


def save(path, tensor):
    path.write_bytes(tensor.detach().double().contiguous().numpy().tobytes())


def export(model, exporter, dynamic, size, file):
    x = torch.rand(2 if dynamic else 1, 3, size, size)
    if exporter == "script":
        axes = {"input": {0: "batch"}, "output": {0: "batch"}} if dynamic else None
        torch.onnx.export(model, (x,), str(file), dynamo=False, input_names=["input"], output_names=["output"], dynamic_axes=axes)
        return
    shapes = ({0: torch.export.Dim("batch")},) if dynamic else None
    torch.onnx.export(model, (x,), str(file), dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False)


for name, (kind, size, make) in all_networks().items():
    if options.only and not any(part in name for part in options.only):
        continue
    stem = name.replace("/", "-")
    index = options.folder / f"{stem}.json"
    if index.exists():
        continue
    torch.manual_seed(0)
    started = time.time()
    entry = {"name": name, "kind": kind, "size": size, "files": {}, "failed": {}}
    try:
        model = OneOutput(make()).eval()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
            # Some heads begin at zero, where every gradient is zero.
            if parameter.abs().max() < 1e-3:
                parameter.normal_(0, 0.1)
        x, y, cotangent, gradient, jump = reference(model, size)
    except Exception as error:
        print(f"{name}: no model: {error!r}"[:300], flush=True)
        continue
    entry.update(jump=jump, shape=list(y.shape))
    for part, tensor in {"x": x, "y": y, "cotangent": cotangent, "gradient": gradient}.items():
        save(options.folder / f"{stem}.{part}.f64", tensor)
    for exporter in options.exporters:
        for dynamic in [False, True]:
            form = f"{exporter}-{'dynamic' if dynamic else 'one'}"
            file = f"{stem}.{form}.onnx"
            try:
                export(model, exporter, dynamic, size, options.folder / file)
                entry["files"][form] = file
            except Exception as error:
                entry["failed"][form] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    index.write_text(json.dumps(entry, indent=1))
    print(f"{name}: {len(entry['files'])} files, {time.time() - started:.0f} s, jump {jump:.1e} {entry['failed'] or ''}", flush=True)
