"""Writes ONNX's own operator tests (backend node tests, out of the `onnx` package) for `node-tests.mjs`: for each case
the model, with integer and truth-valued inputs and settings such as scales made initialisers, and its inputs.

python node-tests.py FOLDER   (onnx)
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
floats = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}
# Real numbers that are a setting rather than data.
settings = {"scales", "roi", "ratio", "max_output_boxes_per_class", "iou_threshold", "score_threshold", "start", "limit", "delta"}
index = []
for case in collect_testcases(None):
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    inputs = []
    try:
        # ONNX Runtime's binding for Node.js ends the process over an output of such a type.
        if any(info.type.tensor_type.elem_type > TensorProto.BFLOAT16 for info in [*model.graph.input, *model.graph.output]):
            raise TypeError("a type of 8 bits or fewer")
        given = case.data_sets[0][0]
        kept = []
        for info, value in zip(list(model.graph.input), given):
            kind = info.type.tensor_type.elem_type if info.type.HasField("tensor_type") else None
            if kind is None or isinstance(value, (list, dict)) or value is None:
                raise TypeError("not a tensor")
            array = value if isinstance(value, np.ndarray) else np.asarray(value)
            if isinstance(value, TensorProto):
                array = numpy_helper.to_array(value)
            if kind in floats and info.name not in settings:
                kept.append(info)
                wide = array.astype(np.float64)
                inputs.append({"name": info.name, "type": TensorProto.DataType.Name(kind).lower(), "dims": list(array.shape), "values": base64.b64encode(wide.tobytes()).decode()})
            else:
                model.graph.initializer.append(value if isinstance(value, TensorProto) else numpy_helper.from_array(array, info.name))
                model.graph.initializer[-1].name = info.name
        del model.graph.input[:]
        model.graph.input.extend(kept)
    except Exception as error:
        index.append({"name": case.name, "skipped": f"{type(error).__name__}: {error}"[:100]})
        continue
    (folder / f"{case.name}.onnx").write_bytes(model.SerializeToString())
    index.append({"name": case.name, "op": model.graph.node[0].op_type if len(model.graph.node) == 1 else "several", "inputs": inputs})
(folder / "index.json").write_text(json.dumps(index))
print(len(index), "cases", sum("skipped" in each for each in index), "not of tensors")
