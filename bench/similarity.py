"""SSIM of scikit-image for images of a closed form, which the test of ours is held against.

python3 bench/similarity.py > packages/core/src/3-worker/structural-similarity.json
"""
import json

import numpy as np
from skimage.metrics import structural_similarity


def image(h, w, c, phase):
    row, column, channel = np.meshgrid(np.arange(h), np.arange(w), np.arange(c), indexing="ij")
    return 0.5 + 0.3 * np.sin(0.31 * row + 0.17 * column * (channel + 1) + phase) + 0.2 * np.cos(0.05 * row * column + phase)


cases = []
for h, w, c, phase, low, high in (
    (28, 28, 1, 0.1, 0, 1), (28, 28, 1, 3.0, 0, 1), (32, 32, 3, 0.5, 0, 1), (11, 17, 1, 0.2, 0, 1), (20, 16, 3, 0.2, -1, 1), (24, 24, 1, 0.3, 0, 255),
):
    a, b = (low + (high - low) * image(h, w, c, p) for p in (0.0, phase))
    ssim = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=high - low, channel_axis=2
    )
    cases.append({"shape": [h, w, c], "phase": phase, "bounds": [low, high], "ssim": float(ssim)})
print(json.dumps(cases, indent=2))
