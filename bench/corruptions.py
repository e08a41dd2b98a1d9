"""Corrupts a few pictures with imagecorruptions, for bench/corruptions.mjs.

    python bench/corruptions.py <folder> [draws]

Needs: pip install imagecorruptions 'numpy<2' 'scikit-image<0.21' 'setuptools<81'
Parameters of CIFAR-10-C take the place of the package's own in its functions, for pictures of 32 pixels.
"""

import inspect
import json
import re
import sys
import textwrap
import warnings

warnings.filterwarnings("ignore")

import numpy as np
import skimage.data
from imagecorruptions import corruptions as package
from PIL import Image

folder, draws = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20

# The package asks scikit-image for an argument that newer ones call otherwise.
gaussian = package.gaussian
package.gaussian = lambda image, sigma, multichannel=False, **rest: gaussian(
    image, sigma, **rest, **({"channel_axis": -1} if multichannel else {})
)

cifar = {
    "gaussian_noise": "[0.04, 0.06, 0.08, 0.09, 0.10]",
    "shot_noise": "[500, 250, 100, 75, 50]",
    "impulse_noise": "[0.01, 0.02, 0.03, 0.05, 0.07]",
    "defocus_blur": "[(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)]",
    "glass_blur": "[(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)]",
    "motion_blur": "[(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)]",
    "zoom_blur": "[np.arange(1, end, 0.01) for end in (1.06, 1.11, 1.16, 1.21, 1.26)]",
    "snow": "[(0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),"
    " (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8)]",
    "frost": "[(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)]",
    "fog": "[(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)]",
    "brightness": "[0.05, 0.1, 0.15, 0.2, 0.3]",
    "contrast": "[0.75, 0.5, 0.4, 0.3, 0.15]",
    "pixelate": "[0.95, 0.9, 0.85, 0.75, 0.65]",
    "jpeg_compression": "[80, 65, 58, 50, 40]",
}


def with_cifar(name):
    source = textwrap.dedent(inspect.getsource(getattr(package, name)))
    source = re.sub(r"c = \[.*?\]\s*\[\s*severity - 1\]", f"c = {cifar[name]}[severity - 1]", source, count=1, flags=re.S)
    scope = dict(vars(package))
    exec(source, scope)
    return scope[name]


names = [*cifar, "elastic_transform"]
exact = {"defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression"}
photo = Image.fromarray(skimage.data.astronaut())
waves = np.indices((224, 224)).sum(0) / 17
synthetic = np.stack([np.sin(waves * k) * 127.5 + 127.5 for k in (1, 1.7, 0.4)], -1).astype(np.uint8)
noise = np.random.RandomState(3).randint(0, 256, (224, 224, 3)).astype(np.uint8)
rows = []
for side in (32, 224):
    pictures = [photo.resize((side, side), Image.BICUBIC), *(Image.fromarray(one[:side, :side].copy()) for one in (synthetic, noise))]
    for which, picture in enumerate(pictures):
        clean = np.array(picture)
        clean.tofile(f"{folder}/clean-{side}-{which}.bin")
        for scale in ("cifar", "imagenet") if side == 32 else ("imagenet",):
            for name in names:
                if scale == "cifar" and name not in cifar:
                    continue
                function = with_cifar(name) if scale == "cifar" else getattr(package, name)
                for severity in range(1, 6):
                    row = dict(side=side, which=which, scale=scale, kind=name.replace("_", "-"), severity=severity)
                    if name in exact:
                        row["file"] = f"{side}-{which}-{scale}-{name}-{severity}.bin"
                        np.uint8(function(picture, severity)).tofile(f"{folder}/{row['file']}")
                    else:
                        np.random.seed(severity)
                        all_ = np.stack([np.uint8(function(picture, severity)) for _ in range(draws if side == 32 else max(3, draws // 4))])
                        row["means"] = all_.mean((1, 2, 3)).tolist()
                        row["changes"] = np.sqrt(((all_.astype(float) - clean) ** 2).mean((1, 2, 3))).tolist()
                    rows.append(row)
    for which, picture in enumerate(pictures):
        for angle in (-45, -30, -7, 0, 20, 45):
            row = dict(side=side, which=which, kind="motion", angle=angle, radius=15, sigma=8, file=f"{side}-{which}-motion{angle}.bin")
            blurred = package._motion_blur(np.array(picture), row["radius"], row["sigma"], angle)
            np.uint8(np.clip(blurred, 0, 255)).tofile(f"{folder}/{row['file']}")
            rows.append(row)
with open(f"{folder}/index.json", "w") as out:
    json.dump(rows, out)
