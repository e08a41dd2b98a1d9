"""Writes the forms of an ONNX classifier that people deploy: quantised by ONNX Runtime's own tools, optimised, float16.

python make-forms.py MODEL.onnx IMAGES-idx3-ubyte.gz FOLDER   (onnx, onnxruntime, numpy)
"""
import gzip
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16

model, images, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
plain = folder / "float.onnx"
onnx.save(onnx.load(model), plain)
given = onnxruntime.InferenceSession(plain).get_inputs()[0]
sample = np.frombuffer(gzip.open(images).read(), np.uint8, offset=16)[: 200 * 784].reshape(-1, 1, 28, 28)
sample = (sample / 255).astype(np.float32).reshape(-1, *[d for d in given.shape[1:]])


class Reader(CalibrationDataReader):
    def __init__(self):
        self.rows = iter(sample)

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {given.name: row[None]}


def static(name, **options):
    quantize_static(plain, folder / f"{name}.onnx", Reader(), activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, **options)


static("qdq", quant_format=QuantFormat.QDQ)
static("qdq-per-channel", quant_format=QuantFormat.QDQ, per_channel=True)
static("qoperator", quant_format=QuantFormat.QOperator)
quantize_dynamic(plain, folder / "dynamic.onnx", weight_type=QuantType.QUInt8)

# Weights of eight bits that are made real again before they are used.
graph = onnx.load(plain)
for tensor in [each for each in graph.graph.initializer if len(each.dims) > 1]:
    values = numpy_helper.to_array(tensor)
    scale = np.float32(np.abs(values).max() / 127)
    graph.graph.initializer.extend([
        numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{tensor.name}/whole"),
        numpy_helper.from_array(scale, f"{tensor.name}/scale"),
    ])
    graph.graph.node.insert(0, helper.make_node("DequantizeLinear", [f"{tensor.name}/whole", f"{tensor.name}/scale"], [tensor.name]))
    graph.graph.initializer.remove(tensor)
onnx.save(graph, folder / "weight-only.onnx")

options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
for name, source in [("optimised", plain), ("qdq-optimised", folder / "qdq.onnx")]:
    options.optimized_model_filepath = str(folder / f"{name}.onnx")
    onnxruntime.InferenceSession(str(source), options)
onnx.save(convert_float_to_float16(onnx.load(plain), keep_io_types=True), folder / "float16.onnx")

for file in sorted(folder.glob("*.onnx")):
    print(file.name, sorted({f"{n.domain}:{n.op_type}".lstrip(":") for n in onnx.load(file).graph.node}))
