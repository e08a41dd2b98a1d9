"""Exports networks from PyTorch with inputs, outputs and input gradients, for `pytorch-gradients.mjs`.

python3 pytorch-gradients.py FOLDER
"""
import json
import sys
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(0)
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


class Residual(nn.Module):
    def __init__(self, channels=8, stride=2):
        super().__init__()
        conv = lambda i, o, k, s: nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o))
        self.inner = nn.Sequential(conv(channels, 2 * channels, 3, stride), nn.ReLU(), conv(2 * channels, 2 * channels, 3, 1))
        self.skip = conv(channels, 2 * channels, 1, stride)

    def forward(self, x):
        return torch.relu(self.inner(x) + self.skip(x))


class Inverted(nn.Module):
    def __init__(self, channels=8, wide=24):
        super().__init__()
        self.expand = nn.Sequential(nn.Conv2d(channels, wide, 1), nn.BatchNorm2d(wide), nn.Hardswish())
        self.depth = nn.Sequential(nn.Conv2d(wide, wide, 3, 1, 1, groups=wide), nn.BatchNorm2d(wide), nn.ReLU6())
        self.excite = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, 6, 1), nn.SiLU(), nn.Conv2d(6, wide, 1), nn.Hardsigmoid())
        self.project = nn.Conv2d(wide, channels, 1)

    def forward(self, x):
        deep = self.depth(self.expand(x))
        return x + self.project(deep * self.excite(deep))


class Transformer(nn.Module):
    """Patches of an image, a class token, attention, an MLP with GELU."""

    def __init__(self, width=16, heads=2):
        super().__init__()
        self.patches, self.heads = nn.Conv2d(3, width, 4, 4), heads
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.place = nn.Parameter(torch.randn(1, 17, width))
        self.one, self.two = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        n, t, w = x.shape[0], 17, x.shape[2]
        x = torch.cat([self.token.expand(n, -1, -1), x], 1) + self.place
        q, k, v = self.qkv(self.one(x)).reshape(n, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = torch.softmax(q @ k.transpose(-2, -1) / (w // self.heads) ** 0.5, -1) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, w))
        return self.head((x + self.mlp(self.two(x)))[:, 0])


classifier = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
    nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(), nn.Dropout(),
    nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10),
)
autoencoder = nn.Sequential(
    nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 8, 5, padding=2), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(),
    nn.Upsample(scale_factor=2, mode="bilinear"), nn.ConvTranspose2d(16, 1, 5, padding=2), nn.Sigmoid(),
)
networks = {
    "MNIST classifier": (classifier, (1, 28, 28)),
    "convolutional autoencoder": (autoencoder, (1, 28, 28)),
    "residual block": (Residual(), (8, 14, 14)),
    "inverted residual block": (Inverted(), (8, 10, 10)),
    "small vision transformer": (Transformer(), (3, 16, 16)),
}
index = []
for name, (model, shape) in networks.items():
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
    model.eval()
    x = torch.rand(4, *shape, requires_grad=True)
    y = model(x)
    cotangent = torch.randn_like(y)
    gradient, = torch.autograd.grad((y * cotangent).sum(), x)
    for opset in (11, 13, 16):
        stem = f"{name.replace(' ', '-')}-{opset}"
        torch.onnx.export(model, torch.rand(1, *shape), str(folder / f"{stem}.onnx"), opset_version=opset,
                          input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
        index.append({"name": f"{name}, opset {opset}", "file": f"{stem}.onnx", "shape": list(x.shape), "x": x.flatten().tolist(),
                      "y": y.flatten().tolist(), "cotangent": cotangent.flatten().tolist(), "dims": list(y.shape), "gradient": gradient.flatten().tolist()})
(folder / "index.json").write_text(json.dumps(index))
