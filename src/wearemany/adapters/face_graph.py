"""The face finder's graph as the darkroom runs it: cut in two, without what nobody reads. Numbers stay what they are.

The first layers see every pixel, and what they hold at once is fifty times the picture; they look at it in strips,
so they are a graph of their own, `near`. The rest, `far`, sees an eighth of the picture's sides and takes it whole.
`onnx` is needed here and nowhere else: the set-up calls this, the darkroom's children never do.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
from onnx import helper, numpy_helper

PICTURE = "input.1"
"""The whole picture, or a strip of it."""
FINE, COARSE = "531", "394"
"""What `near` makes of it: at a fourth of its sides, and at an eighth."""
HEAT, SCALE, OFFSET = "537", "538", "539"
_CHANNELS = {PICTURE: 3, FINE: 24, COARSE: 32, HEAT: 1, SCALE: 2, OFFSET: 2}
# One layer without a bend after it, and the one that reads it: together they are a single smaller layer.
_STRAIGHT, _AFTER_STRAIGHT = "507", "509"


def cut(model: onnx.ModelProto) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Return `near` and `far`; the landmarks of faces, which `far` could also return, are left out."""
    _join(model.graph, _STRAIGHT, _AFTER_STRAIGHT)
    near = _between(model, (PICTURE,), (FINE, COARSE), "near")
    return near, _between(model, (FINE, COARSE), (HEAT, SCALE, OFFSET), "far")


def _join(graph: onnx.GraphProto, first: str, second: str) -> None:
    """Make one layer of two that only weigh channels; sums are exact, so every machine gets the same numbers."""
    makers = {node.output[0]: node for node in graph.node}
    one, two = makers[first], makers[second]
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights, more_weights = (held[node.input[1]][:, :, 0, 0].astype(np.float64) for node in (one, two))
    bias, more_bias = (held[node.input[2]].astype(np.float64) for node in (one, two))
    joined = np.array([[math.fsum(row * column) for column in weights.T] for row in more_weights])
    moved = np.array(
        [math.fsum([*(row * bias), at]) for row, at in zip(more_weights, more_bias, strict=True)]
    )
    for name, values in ((two.input[1], joined[:, :, None, None]), (two.input[2], moved)):
        tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), name))
    two.input[0] = one.input[0]
    graph.node.remove(one)


def _between(
    model: onnx.ModelProto, inputs: tuple[str, ...], outputs: tuple[str, ...], name: str
) -> onnx.ModelProto:
    """Return the part of a graph that makes `outputs` of `inputs`, for pictures of any height and width."""
    makers = {made: node for node in model.graph.node for made in node.output}
    needed, asked = set(inputs), list(outputs)
    while asked:
        value = asked.pop()
        if value not in needed:
            needed.add(value)
            asked += makers[value].input if value in makers else ()
    graph = helper.make_graph(
        [
            node
            for node in model.graph.node
            if needed.issuperset(node.output) and node.output[0] not in inputs
        ],
        name,
        [_value(value) for value in inputs],
        [_value(value) for value in outputs],
        [tensor for tensor in model.graph.initializer if tensor.name in needed],
    )
    part = helper.make_model(graph, ir_version=model.ir_version, opset_imports=model.opset_import)
    onnx.checker.check_model(part)
    return part


def _value(name: str) -> onnx.ValueInfoProto:
    share = {PICTURE: "", COARSE: "_8"}.get(name, "_4")
    dims = ("batch", _CHANNELS[name], f"height{share}", f"width{share}")
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, dims)
