"""One attack of another library on a shared classifier, for `attacks.mjs`. Prints one JSON line.

python3 attacks.py DATA CLASSIFIER COUNT '{"library": "torchattacks", "attack": "APGD", "norm": "linf", "epsilon": 0.1, ...}'

CLASSIFIER is mnist-classifier or mnist-dnn-tfjs, a folder of DATA/models. Without an epsilon the attack looks for the
shortest perturbation.
"""
import gzip
import importlib.metadata
import json
import sys
import types
from pathlib import Path

import numpy
import torch
from torch import nn

# adv-lib imports it to draw curves, which nothing here asks for.
sys.modules.setdefault("visdom", types.ModuleType("visdom"))
sys.modules["visdom"].Visdom = object

data, classifier, count, wanted = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
torch.set_num_threads(1)
torch.manual_seed(0)
numpy.random.seed(0)


def bytes_of(name, skip):
    with gzip.open(data / "mnist" / name) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=skip)


def images():
    x = bytes_of("t10k-images-idx3-ubyte.gz", 16)[: count * 784].reshape(count, 1, 28, 28)
    y = bytes_of("t10k-labels-idx1-ubyte.gz", 8)[:count]
    return torch.tensor(x / 255, dtype=torch.float32), torch.tensor(y.astype(numpy.int64))


def convolutional():
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(data / "models/mnist-classifier/model.onnx").graph
    weights = {one.name: torch.tensor(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10),
    )
    layers = [layer for layer in model if hasattr(layer, "weight")]
    for layer, name in zip(layers, ["c1", "c2", "c3", "c4", "d1", "d2", "d3"]):
        layer.weight.data, layer.bias.data = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return model


def dense():
    folder = data / "models/mnist-dnn-tfjs"
    manifest = json.loads((folder / "mnist_dnn.json").read_text())["weightsManifest"]
    values = numpy.concatenate([numpy.fromfile(folder / path, numpy.float32) for one in manifest for path in one["paths"]])
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    at = 0
    for layer in (model[1], model[3]):
        rows, columns = layer.in_features, layer.out_features
        kernel = values[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
        layer.weight.data = torch.tensor(kernel.T.copy())
        layer.bias.data = torch.tensor(values[at : at + columns].copy())
        at += columns
    return model


model = (convolutional() if classifier == "mnist-classifier" else dense()).requires_grad_(False).eval()
x, y = images()
with torch.no_grad():
    right = (model(x).argmax(1) == y).nonzero().flatten()
clean, labels = x[right], y[right]
norm, epsilon, params = wanted["norm"], wanted.get("epsilon"), wanted.get("params", {})


def of_torchattacks():
    import torchattacks

    make = getattr(torchattacks, wanted["attack"])
    names = {"linf": "Linf", "l2": "L2"}
    bound = {} if epsilon is None else {"eps": epsilon}
    takes_norm = "norm" in make.__init__.__code__.co_varnames
    return make(model, **bound, **({"norm": names[norm]} if takes_norm else {}), **params)(clean, labels)


def of_foolbox():
    import foolbox

    attack = getattr(foolbox.attacks, wanted["attack"])(**params)
    victim = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    _, clipped, _ = attack(victim, clean, labels, epsilons=epsilon)
    return clipped


def of_adv_lib():
    from adv_lib import attacks

    bound = {} if epsilon is None else {"eps": epsilon}
    return getattr(attacks, wanted["attack"])(model, clean, labels, **bound, **params)


perturbed = {"torchattacks": of_torchattacks, "foolbox": of_foolbox, "adv-lib": of_adv_lib}[wanted["library"]]()

perturbed = perturbed.detach()
delta = (perturbed - clean).double().flatten(1)
lengths = {"linf": delta.abs().amax(1), "l2": delta.norm(dim=1), "l1": delta.abs().sum(1), "l0": (delta != 0).sum(1)}[norm]
with torch.no_grad():
    fooled = model(perturbed).argmax(1) != labels
inside = (perturbed.amin() >= -2e-6) & (perturbed.amax() <= 1 + 2e-6)
if epsilon is not None:
    fooled &= lengths <= epsilon * (1 + 1e-4) + 2e-6
assert inside, "the attack left the box"
print(json.dumps({
    "attacked": right.tolist(),
    "broken": right[fooled].tolist(),
    "lengths": lengths[fooled].tolist(),
    "versions": {name: importlib.metadata.version(name) for name in ("torch", wanted["library"])},
}))
