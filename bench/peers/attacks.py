"""One attack of another library on a shared classifier, for `attacks.mjs`. Prints one JSON line.

python3 attacks.py DATA CLASSIFIER COUNT '{"library": "torchattacks", "attack": "APGD", "norm": "linf", "epsilon": 0.1, ...}'

CLASSIFIER is mnist-classifier, mnist-dnn-tfjs or cifar10-cnn-tfjs, a folder of DATA/models. Without an epsilon the attack
looks for the shortest perturbation.
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
    if classifier == "cifar10-cnn-tfjs":
        records = numpy.fromfile(data / "cifar10/test_batch.bin", numpy.uint8).reshape(-1, 3073)[:count]
        x = records[:, 1:].reshape(-1, 3, 32, 32)
        return torch.tensor(x / 255, dtype=torch.float32), torch.tensor(records[:, 0].astype(numpy.int64))
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


def weights_of(folder, file):
    """Names and arrays of a LayersModel's weights, in their order."""
    manifest = json.loads((folder / file).read_text())["weightsManifest"]
    values = numpy.concatenate([numpy.fromfile(folder / path, numpy.float32) for one in manifest for path in one["paths"]])
    found, at = {}, 0
    for one in (weight for group in manifest for weight in group["weights"]):
        size = int(numpy.prod(one["shape"]))
        found[one["name"]] = torch.tensor(values[at : at + size].reshape(one["shape"]).copy())
        at += size
    return found


def dense():
    weights = list(weights_of(data / "models/mnist-dnn-tfjs", "mnist_dnn.json").values())
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    for layer, kernel, bias in zip((model[1], model[3]), weights[::2], weights[1::2]):
        layer.weight.data, layer.bias.data = kernel.T.contiguous(), bias
    return model


class ChannelsLast(nn.Module):
    """Keras flattens [h,w,c]."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1)


def normalised():
    weights = weights_of(data / "models/cifar10-cnn-tfjs", "cifar10_cnn.json")
    layers, inputs = [], 3
    for i, width in enumerate((16, 16, 32, 32, 64, 64)):
        end = f"_{i}" if i else ""
        convolution, norm = nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width, eps=1e-3)
        convolution.weight.data = weights[f"conv2d{end}/kernel"].permute(3, 2, 0, 1).contiguous()
        convolution.bias.data = weights[f"conv2d{end}/bias"]
        names = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
        for ours, theirs in names.items():
            getattr(norm, ours).data = weights[f"batch_normalization{end}/{theirs}"]
        layers += [convolution, nn.ReLU(), norm] + ([nn.MaxPool2d(2)] if i % 2 else [])
        inputs = width
    head = [nn.Linear(1024, 128), nn.Linear(128, 10)]
    for layer, name in zip(head, ("dense", "dense_1")):
        layer.weight.data, layer.bias.data = weights[f"{name}/kernel"].T.contiguous(), weights[f"{name}/bias"]
    return nn.Sequential(*layers, ChannelsLast(), nn.Flatten(), head[0], nn.ReLU(), head[1])


makers = {"mnist-classifier": convolutional, "mnist-dnn-tfjs": dense, "cifar10-cnn-tfjs": normalised}
model = makers[classifier]().requires_grad_(False).eval()
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


def of_autoattack():
    """AutoAttack `standard` of torchattacks' parts: as its class has it, but with the steps that are asked for (there 10, in the paper 100)."""
    import torchattacks

    every = {"eps": epsilon, "norm": {"linf": "Linf", "l2": "L2"}[norm], "seed": 0}
    stepped = {**every, "steps": params["steps"]}
    return torchattacks.MultiAttack([
        torchattacks.APGD(model, loss="ce", **stepped),
        torchattacks.APGDT(model, n_classes=10, **stepped),
        torchattacks.FAB(model, multi_targeted=True, n_classes=10, **stepped),
        torchattacks.Square(model, n_queries=5000, **every),
    ])(clean, labels)


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


def of_art():
    from art.attacks import evasion
    from art.estimators.classification import PyTorchClassifier

    # Its models have gradients of all their weights; only the input's are asked for.
    victim = PyTorchClassifier(
        model, nn.CrossEntropyLoss(), tuple(clean.shape[1:]), 10, clip_values=(0.0, 1.0), device_type="cpu"
    )
    order = {"linf": numpy.inf, "l2": 2}[norm]
    attack = getattr(evasion, wanted["attack"])(victim, norm=order, eps=epsilon, **params)
    found = attack.generate(x=clean.numpy(), y=nn.functional.one_hot(labels, 10).numpy())
    return torch.tensor(found)


def of_library():
    if wanted["attack"] == "AutoAttack" and "steps" in params:
        return of_autoattack()
    return {"torchattacks": of_torchattacks, "foolbox": of_foolbox, "adv-lib": of_adv_lib, "adversarial-robustness-toolbox": of_art}[
        wanted["library"]
    ]()


perturbed = of_library()
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
