"""What may happen to a picture before the network sees it: other people, hands and phones, other walls, other cloth,
other light, other cameras. Drawn on whole batches where they are, at little cost beside the network's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Random = np.random.Generator
Batch = tuple[Tensor, Tensor]

_SKIN, _OTHER, _UNLABELLED = 1, 7, 255
_CLOTH = (3, 4, 5, 6, 7)
_GARMENT_PX = 40
"""What is smaller is not dyed."""
_SKIN_TONE = (0.6, 0.45, 0.38)
"""Of hands, where a picture shows no skin to take it from."""
CLEAN_SHARE = 0.3
"""So many pictures of a batch stay as they were taken: what is asked most are plain photos by day."""
NOTHING = 0.5
"""The value of pixels where there is no picture."""


def augment(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Return a batch that has been through all of it; where a picture is NaN there stays nothing."""
    nothing = torch.isnan(pictures[:, :1])
    pictures = pictures.nan_to_num(NOTHING)
    plain, known = pictures, labels
    pictures = _walls(pictures, labels, random)
    pictures, labels = _people(pictures, labels, random)
    pictures = _cloth(pictures, labels, random)
    pictures, labels = _phones(pictures, labels, random)
    pictures = _camera(_light(pictures, random), random)
    clean = torch.tensor(random.random(len(pictures)) < CLEAN_SHARE, device=pictures.device)
    pictures = torch.where(clean[:, None, None, None], plain, pictures)
    labels = torch.where(clean[:, None, None], known, labels)
    labels = labels.masked_fill(nothing[:, 0], _UNLABELLED)
    return pictures.clamp(0, 1).masked_fill(nothing, NOTHING), labels


def finish(pictures: Tensor) -> Tensor:
    """Return pictures as they are, with nothing where there is none."""
    return pictures.nan_to_num(NOTHING)


def _pick(count: int, share: float, random: Random) -> list[int]:
    return [int(at) for at in np.nonzero(random.random(count) < share)[0]]


def _planes(values: np.ndarray | Sequence[float], like: Tensor) -> Tensor:
    """Return one number a picture, or three, as planes of one pixel."""
    planes = torch.tensor(np.asarray(values, np.float32), device=like.device)
    return planes.reshape(len(planes), -1, 1, 1)


def _places(like: Tensor) -> tuple[Tensor, Tensor]:
    """Return down and across of each pixel, in pixels, shape (1, 1, height, width)."""
    height, width = like.shape[-2:]
    down = torch.arange(height, device=like.device, dtype=torch.float32)
    across = torch.arange(width, device=like.device, dtype=torch.float32)
    return down[None, None, :, None], across[None, None, None, :]


def _colours(count: int, random: Random, like: Tensor) -> Tensor:
    """Return some colours, reds more often than others: they are what is asked for most."""
    hue = np.where(random.random(count) < 0.3, random.normal(0.0, 0.04, count), random.random(count)) % 1.0
    strength, value = random.beta(2.0, 1.3, count), random.uniform(0.15, 0.95, count)
    sectors = (np.array([5.0, 3.0, 1.0]) + hue[:, None] * 6.0) % 6.0
    tones = strength[:, None] * np.clip(np.minimum(sectors, 4.0 - sectors), 0.0, 1.0)
    return _planes(value[:, None] * (1 - tones), like)


def _ramps(low: np.ndarray, high: np.ndarray, random: Random, like: Tensor) -> Tensor:
    """Return planes that go evenly from one side to another."""
    angle = random.uniform(0, 2 * np.pi, len(low))
    down, across = _places(like)
    down, across = down / (like.shape[-2] - 1) * 2 - 1, across / (like.shape[-1] - 1) * 2 - 1
    slope = (across * _planes(np.cos(angle), like) + down * _planes(np.sin(angle), like)) / 2 + 0.5
    return _planes(low, like) + _planes(high - low, like) * slope.clamp(0, 1)


def _patterns(strength: np.ndarray, random: Random, like: Tensor) -> Tensor:
    """Return planes that are `strength` on stripes, checks, dots or bricks and 0 beside them."""
    planes = torch.zeros((len(strength), 1, *like.shape[2:]), device=like.device)
    chosen = np.nonzero(strength)[0]
    count = len(chosen)
    if not count:
        return planes
    turned = random.random(count) < 0.4
    angle = np.where(turned, random.uniform(0, np.pi, count), random.choice([0.0, np.pi / 2], count))
    cos, sin = _planes(np.cos(angle), like), _planes(np.sin(angle), like)
    down, across = _places(like)
    every = _planes(random.uniform(6, 28, count) * like.shape[-2] / 192, like)
    share = _planes(random.uniform(0.25, 0.6, count), like)
    along, beside = (across * cos + down * sin) / every, (down * cos - across * sin) / every
    stripes = along % 1 < share
    checks = stripes ^ (beside % 1 < share)
    dots = (along % 1 - 0.5) ** 2 + (beside % 1 - 0.5) ** 2 < share * 0.25
    bricks = ((along / 2 + beside.floor() * 0.5) % 1 < 0.08) | (beside % 1 < 0.14)
    kind = _planes(random.integers(4, size=count), like)
    pattern = torch.where(
        kind < 1, stripes, torch.where(kind < 2, checks, torch.where(kind < 3, dots, bricks))
    )
    planes[chosen] = pattern * _planes(strength[chosen], like)
    return planes


def _walls(pictures: Tensor, labels: Tensor, random: Random) -> Tensor:
    """Put people before another wall, or before some other photo."""
    chosen = _pick(len(pictures), 0.4, random)
    count = len(chosen)
    if not count:
        return pictures
    others = pictures[random.integers(len(pictures), size=count)]
    upside = _planes(random.random(count) < 0.3, pictures) > 0
    photos = torch.where(upside, others.flip(2), others.flip(3)) * _planes(
        random.uniform(0.6, 1.2, count), pictures
    )
    walls = _colours(count, random, pictures) * _ramps(
        random.uniform(0.5, 1, count), random.uniform(0.8, 1.2, count), random, pictures
    )
    strength = random.uniform(0.2, 1, count) * (random.random(count) < 0.54)
    pattern = _patterns(strength, random, pictures)
    walls = torch.lerp(walls, _colours(count, random, pictures).expand_as(walls), pattern.expand_as(walls))
    noise = torch.randn_like(walls[:, :1]) * _planes(random.uniform(0, 0.04, count), pictures)
    walls = torch.where(_planes(random.random(count) < 0.35, pictures) > 0, photos, walls + noise)
    background = (labels[chosen] == 0).float()[:, None]
    place = functional.avg_pool2d(background, 3, 1, 1, count_include_pad=False)
    banner = _ramps(np.full(count, -3.0), np.full(count, 4.0), random, pictures).clamp(0, 1)
    some = _planes(random.random(count) < 0.25, pictures) > 0  # a vehicle: only a part of what is behind
    place = torch.where(some, place * banner, place)
    pictures = pictures.clone()
    pictures[chosen] = torch.lerp(pictures[chosen], walls, place.expand_as(walls))
    return pictures


def _people(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Put the people of one picture beside, behind or before those of another."""
    chosen = _pick(len(pictures), 0.22, random)
    count = len(chosen)
    if not count:
        return pictures, labels
    height, width = labels.shape[1:]
    others = torch.tensor(random.integers(len(pictures), size=count), device=labels.device)[:, None, None]
    aside = random.choice([-1, 1], count) * random.uniform(0.25, 0.75, count) * width
    down = random.uniform(-0.15, 0.35, count) * height
    rows, columns = (
        torch.arange(side, device=labels.device)[None, :]
        - torch.tensor(moved.astype(int), device=labels.device)[:, None]
        for side, moved in ((height, down), (width, aside))
    )
    there = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    rows, columns = rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :]
    people = pictures.permute(0, 2, 3, 1)[others, rows, columns].permute(0, 3, 1, 2)
    labelled = labels[others, rows, columns]
    behind = torch.tensor(random.random(count) < 0.7, device=labels.device)[:, None, None]
    place = there & (labelled > 0) & (labelled != _UNLABELLED) & (~behind | (labels[chosen] == 0))
    pictures, labels = pictures.clone(), labels.clone()
    pictures[chosen] = torch.where(place[:, None], people, pictures[chosen])
    labels[chosen] = torch.where(place, labelled, labels[chosen])
    return pictures, labels


def _cloth(pictures: Tensor, labels: Tensor, random: Random) -> Tensor:
    """Give garments another colour or pattern; folds and shade stay."""
    pictures = pictures.clone()
    dressed = random.random(len(pictures)) < 0.55
    sizes = torch.stack([(labels == kind).sum(dim=(1, 2)) for kind in _CLOTH]).cpu().numpy()
    for kind, worn in zip(_CLOTH, sizes >= _GARMENT_PX, strict=True):
        chosen = [int(at) for at in np.nonzero(dressed & worn & (random.random(len(pictures)) >= 0.35))[0]]
        count = len(chosen)
        if not count:
            continue
        before = pictures[chosen]
        place = (labels[chosen] == kind).float()[:, None]
        size = place.sum(dim=(2, 3), keepdim=True)
        grey = before.mean(dim=1, keepdim=True)
        middle = (grey * place).sum(dim=(2, 3), keepdim=True) / size
        patterned = _patterns(1.0 * (random.random(count) < 0.25), random, pictures)
        colour = _colours(count, random, pictures).expand_as(before)
        colour = torch.lerp(
            colour, _colours(count, random, pictures).expand_as(before), patterned.expand_as(before)
        )
        shade = ((grey + 0.05) / (middle + 0.05)).clamp(0.15, 2.2)
        cloth = (colour * shade ** _planes(random.uniform(0.5, 1.1, count), pictures)).clamp(0, 1)
        soft = torch.minimum(functional.avg_pool2d(place, 3, 1, 1), place)
        pictures[chosen] = torch.lerp(before, cloth, soft.expand_as(before))
    return pictures


def _phones(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Hold hands and phones before people."""
    chosen = _pick(len(pictures), 0.25, random)
    count = len(chosen)
    if not count:
        return pictures, labels
    height, width = labels.shape[1:]
    before, known = pictures[chosen], labels[chosen]
    skin = (known == _SKIN).float()[:, None]
    size = skin.sum(dim=(2, 3), keepdim=True)
    usual = torch.tensor(_SKIN_TONE, device=pictures.device)[None, :, None, None]
    tone = torch.where(size > 30, (before * skin).sum(dim=(2, 3), keepdim=True) / size.clamp(min=1), usual)
    tone = tone * (0.9 + 0.2 * torch.rand_like(before[:, :1]))
    angle = random.normal(0, 0.5, count)
    cos, sin = _planes(np.cos(angle), pictures), _planes(np.sin(angle), pictures)
    down, across = _places(pictures)
    down = down - _planes(random.uniform(0.3, 1, count) * height, pictures)
    across = across - _planes(random.uniform(0, width, count), pictures)
    along, beside = across * cos + down * sin, down * cos - across * sin
    size_px = _planes(random.uniform(0.04, 0.12, count) * height, pictures)
    long = _planes(random.uniform(0.8, 2.2, count), pictures)
    hand = (along / size_px) ** 2 + (beside / size_px / long) ** 2 < 1
    held = _planes(random.random(count) < 0.6, pictures) > 0
    phone = held & (along.abs() < size_px * 0.75) & ((beside + size_px * 0.8).abs() < size_px * 1.5)
    case = _colours(count, random, pictures) * _planes(random.uniform(0.1, 1, count), pictures)
    pictures, labels = pictures.clone(), labels.clone()
    pictures[chosen] = torch.where(phone, case, torch.where(hand, tone, before))
    labels[chosen] = known.masked_fill(hand[:, 0], _SKIN).masked_fill(phone[:, 0], _OTHER)
    return pictures, labels


def _light(pictures: Tensor, random: Random) -> Tensor:
    """Light pictures warmly, coldly, dimly, too brightly, in a colour, or from two lamps."""
    count = len(pictures)
    strength = np.where(random.random(count) < 0.4, 0.0, random.uniform(0.1, 0.9, count))
    warm, tint = random.normal(0, 0.6, count) * strength, random.normal(0, 0.25, count) * strength
    cast = _planes(np.exp(np.stack([warm, -tint, -warm], axis=1)), pictures)
    coloured = _planes(random.random(count) < 0.06, pictures) > 0
    cast = torch.where(coloured, _colours(count, random, pictures) + 0.25, cast)
    other = _planes(np.exp(np.stack([-warm, tint, warm], axis=1)), pictures)
    second = _ramps(np.full(count, -0.5), np.full(count, 1.5), random, pictures)
    second = second * _planes(random.random(count) < 0.15, pictures)
    cast = torch.lerp(cast.expand_as(pictures), other.expand_as(pictures), second.expand_as(pictures))
    bright = np.where(
        random.random(count) < 0.6,
        np.exp(random.normal(0, 0.25, count)),
        random.choice([0.12, 0.3, 1.6, 2.4], count),
    )
    return (pictures.clamp(0, 1) ** 2 * cast * _planes(bright, pictures)).clamp(1e-6, 1).sqrt()


def _camera(pictures: Tensor, random: Random) -> Tensor:
    """Blur, coarsen and add noise as small cameras do; now and then leave no colour at all."""
    pictures = pictures.clone()
    kind = random.random(len(pictures)) / 0.3
    times = float(random.uniform(0.35, 0.8))

    def coarsened(some: Tensor) -> Tensor:
        small = functional.interpolate(some, scale_factor=times, mode="area")
        return functional.interpolate(small, size=some.shape[2:], mode="bilinear")

    for low, high, change in (
        (0.0, 0.35, lambda some: functional.avg_pool2d(some, 3, 1, 1, count_include_pad=False)),
        (0.35, 0.6, coarsened),
        (0.6, 0.75, lambda some: functional.avg_pool2d(some, (1, 7), 1, (0, 3), count_include_pad=False)),
        (0.75, 0.85, lambda some: some.mean(dim=1, keepdim=True).expand_as(some)),
    ):
        chosen = [int(at) for at in np.nonzero((kind >= low) & (kind < high))[0]]
        if chosen:
            pictures[chosen] = change(pictures[chosen])
    noise = _planes(random.choice([0.0, 0.01, 0.02, 0.05], len(pictures)), pictures)
    return pictures + torch.randn_like(pictures) * noise
