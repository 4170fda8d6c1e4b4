"""The face finder's graph as the darkroom runs it: cut in two, without what nobody reads. Numbers stay what they are.

The first layers see every pixel, and what they hold at once is fifty times the picture; they look at it in strips,
so they are a graph of their own, `near`. The rest, `far`, sees an eighth of the picture's sides and takes it whole.
`onnx` is needed here and nowhere else: the set-up calls this, the darkroom's children never do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from wearemany.darkroom.face_maps import Maps

PICTURE = "input.1"
"""The whole picture, or a strip of it."""
FINE, COARSE = "531", "394"
"""What `near` makes of it: at a fourth of its sides, and at an eighth."""
HEAT, SCALE, OFFSET = "537", "538", "539"
_CHANNELS = {PICTURE: 3, FINE: 24, COARSE: 32, HEAT: 1, SCALE: 2, OFFSET: 2}
# One layer without a bend after it, and the one that reads it: together they are a single smaller layer.
_STRAIGHT, _AFTER_STRAIGHT = "507", "509"
_PIXELS, _VALUES = (0.0, 255.0), (-32.0, 32.0)
"""Between what a layer's inputs lie: those of the picture, and those of any other layer (20 is the most seen)."""
_NOTHING = 1e-3
"""A channel that can add no more than this to values of about one to twenty adds nothing."""
_TOGETHER = 8
"""The runtime takes so many channels at a time; a layer that is not of whole bunches is slower than a larger one."""


def cut(model: onnx.ModelProto) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Return `near` and `far`; the landmarks of faces, which `far` could also return, are left out."""
    _join(model.graph, _STRAIGHT, _AFTER_STRAIGHT)
    _drop_silent(model.graph)
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


def _drop_silent(graph: onnx.GraphProto) -> None:
    """Take out the channels that training has left without a voice.

    Between a layer that widens and one that narrows lies one that sees each channel by itself. A channel's weights and
    bias tell how much of it can come through at most; where that is nothing, only the last bias remains of it.
    """
    held = {tensor.name: tensor for tensor in graph.initializer}
    makers = {node.output[0]: node for node in graph.node}
    readers = {value: node for node in graph.node for value in node.input}
    for alone in graph.node:
        if alone.op_type != "Conv" or held[alone.input[1]].dims[1] != 1:
            continue
        widens = makers[makers[alone.input[0]].input[0]]
        narrows = readers[readers[alone.output[0]].output[0]]
        layers = [
            [numpy_helper.to_array(held[name]) for name in node.input[1:3]]
            for node in (widens, alone, narrows)
        ]
        adds = _can_add(layers, _PIXELS if widens.input[0] == PICTURE else _VALUES)
        spare = int((adds < _NOTHING).sum()) // _TOGETHER * _TOGETHER
        kept = np.ones(len(adds), dtype=np.bool_)
        kept[np.argsort(adds, kind="stable")[:spare]] = False
        (wide, bias), (own, own_bias), (narrow, last_bias) = layers
        always = narrow[:, ~kept, 0, 0].astype(np.float64) * np.maximum(own_bias[~kept], 0)
        moved = [math.fsum([*row, at]) for row, at in zip(always, last_bias.astype(np.float64), strict=True)]
        left = ((wide[kept], bias[kept]), (own[kept], own_bias[kept]), (narrow[:, kept], np.array(moved)))
        for node, values in zip((widens, alone, narrows), left, strict=True):
            for name, value in zip(node.input[1:3], values, strict=True):
                held[name].CopyFrom(numpy_helper.from_array(value.astype(np.float32), name))
        next(entry for entry in alone.attribute if entry.name == "group").i = int(kept.sum())


def _can_add(layers: Sequence[Sequence[Maps]], between: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Return the most that each channel's own place in the middle can add to what the last layer says."""
    (wide, bias), (own, _), (narrow, _) = layers
    weights = wide.reshape(len(bias), -1).astype(np.float64)
    highest = np.maximum(weights * between[0], weights * between[1]).sum(axis=1) + bias
    passed = np.maximum(highest, 0) * np.abs(own).reshape(len(bias), -1).sum(axis=1)
    adds: npt.NDArray[np.float64] = passed * np.abs(narrow).max(axis=(0, 2, 3))
    return adds


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
