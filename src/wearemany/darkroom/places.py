"""How often each place around a face shows a garment, skin, hair, the ground behind, or something else.

Counted on 803 street photos with pixel labels of others (Clothing Co-Parsing), once, as shares of a grid that is
measured in face widths and heights; no picture and nothing of a single picture is in it.
"""

from __future__ import annotations

import numpy as np

from wearemany.darkroom.colour import Floats

CLASSES = ("garment", "skin", "hair", "ground", "rest")

# A grid around the face's middle axis, 3 faces to the left; the right side mirrors it. Rows begin
# one face height above the face's upper edge and step down a fifth. A character is a share in 35ths: 0-9, a-z.
CELLS_A_FACE_ACROSS = 4
CELLS_A_FACE_DOWN = 5
FACES_ABOVE = 1.0
HALF_COLUMNS = 12
_SHARES: dict[str, tuple[str, ...]] = {
    "garment": (
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000011210",
        "000001234663",
        "0000137cfgea",
        "000127gmnnlj",
        "00014blpqqpp",
        "00015enqssss",
        "00126fnrtuuu",
        "00138gosuvww",
        "00138hnsuvww",
        "01149hnruwwx",
        "0124ahnrtvww",
        "0124agmqtuvv",
        "0124aflpstuu",
        "01249fkoqsss",
        "01248ejnpqqq",
        "01248dilnooo",
        "01247cgklmll",
        "01246aehjjji",
        "012369dghiih",
        "011358begggg",
        "011246acefff",
    ),
    "skin": (
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000001",
        "0000000000cp",
        "0000000003mr",
        "0000000006rt",
        "0000000002vz",
        "0000000001fy",
        "0000000002cr",
        "00000000129k",
        "00000011125a",
        "000001111136",
        "000001211123",
        "000001221112",
        "000011221101",
        "000012221101",
        "000112321100",
        "000012332110",
        "000013432111",
        "000123432100",
        "000124532110",
        "000124531110",
        "000124431111",
        "000124431111",
        "000124431110",
        "001124532111",
        "001235542111",
        "001235642211",
    ),
    "hair": (
        "000000000000",
        "000000000001",
        "000000000012",
        "0000000002aj",
        "0000000029su",
        "000000013jk8",
        "000000016k72",
        "000000028h20",
        "000000139g30",
        "000000139fb0",
        "000000149da3",
        "000000148a83",
        "000000136763",
        "000000124642",
        "000000123432",
        "000000112221",
        "000000112211",
        "000000011110",
        "000000001100",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
        "000000000000",
    ),
    "ground": (
        "zzzzzzzzzzzy",
        "zzzzzzzzzzyy",
        "zzzzzzzzzyxv",
        "zzzzzzzzywmc",
        "zzzzzzzyxo30",
        "zzzzzzzyue00",
        "zzzzzzyxsa00",
        "zzzzzzywqa00",
        "zzzzzzywpg10",
        "zzzzzyxvog70",
        "zzzzzywskc51",
        "zzzzyvqia410",
        "zzzywrg73100",
        "zzzyvmb41100",
        "zzyxtk931000",
        "zzyxsi831000",
        "zzywrh731000",
        "zyyvpg831000",
        "zyxvof731000",
        "zyxunf731100",
        "zyxume732100",
        "zyxtne732100",
        "zywtne742100",
        "yywsnf842100",
        "yywsmf841100",
        "yxvsmf942100",
        "yxvsng942100",
        "yxvrng942100",
        "yxvsnha52100",
        "yxvsoib52110",
    ),
    "rest": (
        "000000000000",
        "000000000000",
        "000000000012",
        "000000000134",
        "000000001233",
        "000000001222",
        "000000011256",
        "000000001266",
        "000000000100",
        "000000001110",
        "000000001121",
        "000000012222",
        "000000122223",
        "000000122222",
        "000000122222",
        "000001122222",
        "000001122222",
        "000011122222",
        "000011222222",
        "000011222222",
        "000112233334",
        "001112334455",
        "001122345567",
        "011223457788",
        "011233579aab",
        "01123569bcdd",
        "0123458bdefg",
        "0123458cffgh",
        "1123469dfhii",
        "1123469dgiij",
    ),
}
_FULL = 35


def _tables() -> Floats:
    shares = np.array([[[int(sign, 36) for sign in row] for row in _SHARES[name]] for name in CLASSES])
    whole = np.concatenate([shares, shares[:, :, ::-1]], axis=2) / _FULL + 0.004
    return np.asarray(whole / whole.sum(axis=0, keepdims=True))


_TABLES = _tables()


def likely_places(x_faces: Floats, y_faces: Floats) -> Floats:
    """Return the share of each of CLASSES at places given in face widths from the face's middle axis and face
    heights below its upper edge; shape (classes, *places). Beyond the grid its edge goes on."""
    columns = np.clip(x_faces * CELLS_A_FACE_ACROSS + HALF_COLUMNS - 0.5, 0, 2 * HALF_COLUMNS - 1)
    rows = np.clip((y_faces + FACES_ABOVE) * CELLS_A_FACE_DOWN - 0.5, 0, _TABLES.shape[1] - 1)
    left, top = np.floor(columns).astype(int), np.floor(rows).astype(int)
    right, bottom = np.minimum(left + 1, 2 * HALF_COLUMNS - 1), np.minimum(top + 1, _TABLES.shape[1] - 1)
    across, down = columns - left, rows - top
    upper = _TABLES[:, top, left] * (1 - across) + _TABLES[:, top, right] * across
    lower = _TABLES[:, bottom, left] * (1 - across) + _TABLES[:, bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down)
