"""The trained network as a file: ONNX with weights of half the length, and the digest checked at every load."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from network import Chances, Parser
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def write_model(parser: Parser, path: Path, size_px: tuple[int, int]) -> str:
    """Write the network, for any number of pictures of any size that suits it; return the file's digest.

    `size_px` is the size of the picture that it is drawn with here.
    """
    model = Chances(parser).eval()
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, *size_px),),
        str(path),
        opset_version=OPSET,
        input_names=["picture"],
        output_names=["chances"],
        dynamic_axes={
            "picture": {0: "pictures", 2: "height", 3: "width"},
            "chances": {0: "pictures", 2: "rows", 3: "columns"},
        },
        dynamo=False,
        do_constant_folding=True,
    )
    written = _halved(onnx.load(str(path)))
    onnx.checker.check_model(written)
    content = written.SerializeToString()
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    path.with_name(path.name + ".sha256").write_text(digest + "\n")
    return digest


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep large weights in sixteen bits and widen them when the file is loaded: half the size, the same arithmetic."""
    casts, kept = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < 256:
            kept.append(weight)
            continue
        short = weight.name + ".short"
        kept.append(numpy_helper.from_array(values.astype(np.float16), short))
        casts.append(helper.make_node("Cast", [short], [weight.name], to=TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model
