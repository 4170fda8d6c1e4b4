"""The planes of a HEIC as its decoder has them: how light each pixel is, and two planes of colour at half the sides.

The library that opens HEIC gives a picture as RGB and at full size only, four times the pixels that are wanted. Here
libheif's own functions are called: planes are reduced as they are, and become RGB when the picture is small. Only the
kind that cameras write is taken so; for any other the answer is None, and the usual way is gone.
"""

from __future__ import annotations

import ctypes
from contextlib import ExitStack

import _pi_heif
from PIL import Image

from wearemany.darkroom.geometry import Size

_YCBCR, _HALVED = 0, 1
_BITS = 8
_UNNAMED = 2
# How much of the second plane of colour is red, and of the first blue, by the number of the matrix in the file.
_RED_BLUE = {
    1: (1.5748, 1.8556),
    _UNNAMED: (1.402, 1.772),
    5: (1.402, 1.772),
    6: (1.402, 1.772),
    9: (1.4746, 1.8814),
}
_Matrix = tuple[float, ...]
_At = ctypes.c_void_p
_Number = ctypes.c_int


class _Answer(ctypes.Structure):
    _fields_ = (("code", _Number), ("more", _Number), ("message", ctypes.c_char_p))


class _Colours(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint8),
        ("primaries", _Number),
        ("curve", _Number),
        ("matrix", _Number),
        ("is_full", ctypes.c_uint8),
    )


_Given = ctypes.POINTER(_At)
_GivenNumber = ctypes.POINTER(_Number)
_GivenColours = ctypes.POINTER(ctypes.POINTER(_Colours))
# What each function answers and takes.
_FUNCTIONS = {
    "heif_context_alloc": (_At,),
    "heif_context_free": (None, _At),
    "heif_context_set_max_decoding_threads": (None, _At, _Number),
    "heif_context_read_from_memory_without_copy": (_Answer, _At, ctypes.c_char_p, ctypes.c_size_t, _At),
    "heif_context_get_primary_image_handle": (_Answer, _At, _Given),
    "heif_image_handle_release": (None, _At),
    "heif_image_handle_has_alpha_channel": (_Number, _At),
    "heif_image_handle_get_luma_bits_per_pixel": (_Number, _At),
    "heif_image_handle_get_preferred_decoding_colorspace": (_Answer, _At, _GivenNumber, _GivenNumber),
    "heif_decode_image": (_Answer, _At, _Given, _Number, _Number, _At),
    "heif_image_release": (None, _At),
    "heif_image_get_nclx_color_profile": (_Answer, _At, _GivenColours),
    "heif_nclx_color_profile_free": (None, ctypes.POINTER(_Colours)),
    "heif_image_get_bits_per_pixel_range": (_Number, _At, _Number),
    "heif_image_get_width": (_Number, _At, _Number),
    "heif_image_get_height": (_Number, _At, _Number),
    "heif_image_get_plane_readonly": (_At, _At, _Number, _GivenNumber),
}


def _library() -> ctypes.CDLL | None:
    """Return libheif as pi-heif brought it, or None where it does not let itself be called."""
    try:
        library = ctypes.CDLL(_pi_heif.__file__)
        for name, (answers, *takes) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = answers, takes
    except (OSError, AttributeError):
        return None
    return library


_HEIF = _library()


def reduced_planes(upload: bytes, size: Size, *, factor: int) -> Image.Image | None:
    """Return the first picture of a HEIC, which is at least `factor` times as large, at `size` in RGB.

    None where only the usual way leads to it; RuntimeError says what the decoder says of a picture that is damaged.
    """
    if _HEIF is None or factor < 2:
        return None
    with ExitStack() as held:
        context = _HEIF.heif_context_alloc()
        held.callback(_HEIF.heif_context_free, context)
        _HEIF.heif_context_set_max_decoding_threads(context, 1)
        _check(_HEIF.heif_context_read_from_memory_without_copy(context, upload, len(upload), None))
        handle, decoded = _At(), _At()
        _check(_HEIF.heif_context_get_primary_image_handle(context, ctypes.byref(handle)))
        held.callback(_HEIF.heif_image_handle_release, handle)
        if not _is_as_cameras_write(handle):
            return None
        _check(_HEIF.heif_decode_image(handle, ctypes.byref(decoded), _YCBCR, _HALVED, None))
        held.callback(_HEIF.heif_image_release, decoded)
        matrix = _matrix(decoded)
        if matrix is None:
            return None
        half = factor // 2
        planes = [_plane(decoded, at).reduce(by) for at, by in enumerate((2 * half, half, half))]
    # The eye sees far less in colour, which was taken at half the sides already: it is resized in half the time.
    light, *colours = planes
    small = [light.resize((size.width_px, size.height_px), Image.Resampling.BICUBIC)]
    small += [one.resize((size.width_px, size.height_px), Image.Resampling.HAMMING) for one in colours]
    # Only the name of what they are: the matrix that makes RGB of the three wants them called so.
    return Image.merge("RGB", small).convert("RGB", matrix)


def _check(answer: _Answer) -> None:
    if answer.code:
        raise RuntimeError((answer.message or b"").decode("utf-8", "replace"))


def _is_as_cameras_write(handle: _At) -> bool:
    """Say whether a picture has eight bits, colour at half the sides, and nothing that shines through."""
    assert _HEIF is not None
    space, chroma = _Number(), _Number()
    _check(
        _HEIF.heif_image_handle_get_preferred_decoding_colorspace(
            handle, ctypes.byref(space), ctypes.byref(chroma)
        )
    )
    return (
        (space.value, chroma.value) == (_YCBCR, _HALVED)
        and _HEIF.heif_image_handle_get_luma_bits_per_pixel(handle) == _BITS
        and not _HEIF.heif_image_handle_has_alpha_channel(handle)
    )


def matrix_named(number: int, *, is_full: bool) -> _Matrix | None:
    """Return what makes RGB of planes by a matrix of this number, in full or in video's range; None for others."""
    if number not in _RED_BLUE:
        return None
    red, blue = _RED_BLUE[number]
    of_red, of_blue = 1 - red / 2, 1 - blue / 2
    of_green = 1 - of_red - of_blue
    light, colour, black = (1.0, 1.0, 0.0) if is_full else (255 / 219, 255 / 224, 16.0)
    rows = ((0.0, red), (-of_blue * blue / of_green, -of_red * red / of_green), (blue, 0.0))
    return tuple(
        part
        for one, other in rows
        for part in (light, one * colour, other * colour, -light * black - 128 * colour * (one + other))
    )


def _matrix(decoded: _At) -> _Matrix | None:
    assert _HEIF is not None
    named = ctypes.POINTER(_Colours)()
    if _HEIF.heif_image_get_nclx_color_profile(decoded, ctypes.byref(named)).code:
        return matrix_named(_UNNAMED, is_full=True)
    number, is_full = named.contents.matrix, bool(named.contents.is_full)
    _HEIF.heif_nclx_color_profile_free(named)
    return matrix_named(number, is_full=is_full)


def _plane(decoded: _At, at: int) -> Image.Image:
    """Return a plane as it lies in the decoder's memory: to be used before that is given back."""
    assert _HEIF is not None
    stride = _Number()
    width, height = _HEIF.heif_image_get_width(decoded, at), _HEIF.heif_image_get_height(decoded, at)
    address = _HEIF.heif_image_get_plane_readonly(decoded, at, ctypes.byref(stride))
    bits = _HEIF.heif_image_get_bits_per_pixel_range(decoded, at)
    if not address or min(width, height) < 1 or stride.value < width or bits != _BITS:
        raise RuntimeError("a plane is absent, or not what the header says")
    rows = (ctypes.c_ubyte * (stride.value * height)).from_address(address)
    return Image.frombuffer("L", (width, height), rows, "raw", "L", stride.value, 1)
