"""Trains a classifier of handwritten digits, and writes what Gauntlet needs: a model, images and labels.

pip install torch onnx onnxscript scikit-learn
python train.py                 # writes model.onnx, images.npy and labels.npy
python train.py --adversarial   # the same, trained on FGSM examples, too
"""

import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
adversarial = "--adversarial" in sys.argv

# 1,797 images of 8×8 pixels, 0 to 16; the last 300 are for the test.
digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
y = torch.tensor(digits.target)
train_x, train_y, test_x, test_y = x[:-300], y[:-300], x[-300:], y[-300:]

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, 3, stride=2, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 4 * 4, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss = nn.CrossEntropyLoss()


def fgsm(images, labels, epsilon):
    images = images.clone().requires_grad_()
    gradient = torch.autograd.grad(loss(model(images), labels), images)[0]
    return (images + epsilon * gradient.sign()).clamp(0, 1).detach()


for epoch in range(30):
    for rows in torch.randperm(len(train_x)).split(64):
        images, labels = train_x[rows], train_y[rows]
        if adversarial:
            images = torch.cat([images, fgsm(images, labels, 0.1)])
            labels = torch.cat([labels, labels])
        optimizer.zero_grad()
        loss(model(images), labels).backward()
        optimizer.step()

with torch.no_grad():
    accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
print(f"test accuracy {accuracy:.3f}")

torch.onnx.export(
    model.eval(),
    (test_x[:2],),
    "model.onnx",
    input_names=["images"],
    output_names=["logits"],
    dynamic_shapes=({0: torch.export.Dim("batch")},),
    external_data=False,
)
np.save("images.npy", test_x.numpy())
np.save("labels.npy", test_y.numpy())
