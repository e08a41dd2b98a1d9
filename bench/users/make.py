"""Makes what users bring, each with what its own framework says of every image, for `check.mjs`:
photos for a torchvision network, a `.keras` file, XGBoost and a random forest, int8 files, a multi-label network.

python make.py DATA FOLDER   (torch, torchvision, keras 3, xgboost, scikit-learn, skl2onnx, onnxmltools, onnxruntime)
DATA is the folder with mnist/ and cifar10/.
"""
import gzip
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import onnxmltools
import skl2onnx
import torch
import torchvision
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from torch import nn
from torchvision import transforms

data, folder = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
torch.set_num_threads(1)
rng = np.random.default_rng(0)
expected = {}


def note(name, predictions, labels, **more):
    predictions, labels = np.asarray(predictions), np.asarray(labels)
    right = predictions == labels
    accuracy = float((right.all(1) if right.ndim > 1 else right).mean())
    expected[name] = {"predictions": predictions.tolist(), "accuracy": accuracy, **more}
    print(name, accuracy, flush=True)


def train(model, x, y, loss, epochs, rate=1e-3, batch=100):
    optimiser = torch.optim.Adam(model.parameters(), rate)
    print('training', len(x), flush=True)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for rows in order.split(batch):
            optimiser.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            optimiser.step()
    model.eval()


# Photos of any size: CIFAR-10 pictures enlarged to random sizes, as PNG and JPEG, in folders by class.
def records(name):
    raw = np.frombuffer((data / "cifar10" / name).read_bytes(), np.uint8).reshape(-1, 3073)
    return raw[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), raw[:, 0].astype(np.int64)


names = (data / "cifar10/batches.meta.txt").read_text().split()
mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
prepare = transforms.Compose(
    [transforms.Resize(72), transforms.CenterCrop(64), transforms.ToTensor(), transforms.Normalize(mean, std)]
)
batches = [records(f"data_batch_{k}.bin") for k in range(1, 6)]
images, labels = np.concatenate([b[0] for b in batches]), np.concatenate([b[1] for b in batches])
x = torch.stack([prepare(Image.fromarray(image)) for image in images])
network = torchvision.models.shufflenet_v2_x0_5(num_classes=10)
train(network, x, torch.tensor(labels), nn.functional.cross_entropy, epochs=4)
test, truth = records("test_batch.bin")
for i, (image, label) in enumerate(zip(test[:200], truth[:200])):
    size = tuple(int(s) for s in rng.integers(60, 200, 2))
    photo = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    place = folder / "photos" / names[label]
    place.mkdir(parents=True, exist_ok=True)
    photo.save(place / f"{i:03}.{'png' if i % 2 else 'jpg'}", **({} if i % 2 else {"quality": 92}))
photos = torchvision.datasets.ImageFolder(str(folder / "photos"), prepare)
with torch.no_grad():
    logits = torch.cat([network(photos[i][0][None]) for i in range(len(photos))])
torch.onnx.export(network, torch.zeros(1, 3, 64, 64), str(folder / "shufflenet.onnx"), dynamo=False)
note(
    "photos",
    logits.argmax(1),
    photos.targets,
    files=[os.path.relpath(p, folder / "photos") for p, _ in photos.samples],
    margins=[float(a - b) for a, b in logits.topk(2, 1).values],
)


# MNIST for the rest.
def idx(name, offset):
    return np.frombuffer(gzip.open(data / "mnist" / name).read(), np.uint8, offset=offset)


digits = idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1).astype(np.float32) / 255
digit_labels = idx("train-labels-idx1-ubyte.gz", 8).astype(np.int64)
digits_test = idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1).astype(np.float32) / 255
digit_labels_test = idx("t10k-labels-idx1-ubyte.gz", 8).astype(np.int64)

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(16, 3, strides=2, padding="same"),
        keras.layers.BatchNormalization(),
        keras.layers.LeakyReLU(negative_slope=0.1),
        keras.layers.DepthwiseConv2D(3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(digits[:10000], digit_labels[:10000], epochs=3, batch_size=100, verbose=0)
model.save(folder / "digits.keras")
note("keras", model.predict(digits_test[:200], verbose=0).argmax(1), digit_labels_test[:200])

# Trees, by default options of their converters.
bunch = load_digits()
rows, classes = (bunch.data / 16).astype(np.float32), bunch.target
np.savez(folder / "digits8.npz", x=rows[1500:1700].reshape(-1, 8, 8), y=classes[1500:1700])
boosted = xgboost.XGBClassifier(n_estimators=30, max_depth=4).fit(rows[:1500], classes[:1500])
types = [("x", FloatTensorType([None, 64]))]
onnxmltools.utils.save_model(onnxmltools.convert_xgboost(boosted, initial_types=types), folder / "xgboost.onnx")
note("xgboost", boosted.predict(rows[1500:1700]), classes[1500:1700])
forest = RandomForestClassifier(50, random_state=0).fit(rows[:1500], classes[:1500])
(folder / "forest.onnx").write_bytes(skl2onnx.to_onnx(forest, rows[:1]).SerializeToString())
note("forest", forest.predict(rows[1500:1700]), classes[1500:1700])

# Two digits side by side, and for each digit whether it is there.
def pairs(images, labels, count):
    a, b = rng.integers(0, len(images), (2, count))
    y = np.zeros((count, 10), np.float32)
    y[np.arange(count), labels[a]] = 1
    y[np.arange(count), labels[b]] = 1
    return np.concatenate([images[a], images[b]], 2).transpose(0, 3, 1, 2), y


class Attributes(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 14, 100), nn.ReLU(), nn.Linear(100, 10),
        )

    def forward(self, x):
        return torch.sigmoid(self.body(x))


several = Attributes()
px, py = pairs(digits, digit_labels, 12000)
train(several, torch.tensor(px), torch.tensor(py), nn.functional.binary_cross_entropy, epochs=4)
tx, ty = pairs(digits_test, digit_labels_test, 200)
np.savez(folder / "pairs.npz", x=tx.transpose(0, 2, 3, 1), y=ty.astype(np.uint8))
with torch.no_grad():
    said = (several(torch.tensor(tx)) > 0.5).numpy()
for kind in [False, True]:
    file = folder / f"pairs-{'dynamo' if kind else 'script'}.onnx"
    torch.onnx.export(several, torch.zeros(1, 1, 28, 56), str(file), dynamo=kind, external_data=False)
note("pairs", said.astype(int), ty.astype(int))

expected["versions"] = {
    name: version(name)
    for name in ["torch", "torchvision", "pillow", "keras", "xgboost", "onnxmltools", "scikit-learn", "skl2onnx", "onnxruntime"]
}
(folder / "expected.json").write_text(json.dumps(expected))
