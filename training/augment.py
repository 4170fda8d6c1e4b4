"""What may happen to a picture before the network sees it: other people, hands and phones, other walls, other cloth,
other light, other cameras. Drawn on whole batches, in arithmetic that costs little beside the network's own."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Random = np.random.Generator
Batch = tuple[Tensor, Tensor]

_SKIN, _OTHER, _UNLABELLED = 1, 7, 255
_CLOTH = (3, 4, 5, 6, 7)
CLEAN_SHARE = 0.3
"""So many pictures of a batch stay as they were taken: what is asked most are plain photos by day."""
NOTHING = 0.5
"""The value of pixels where there is no picture."""


def augment(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Return a batch that has been through all of it; where a picture is NaN there stays nothing."""
    nothing = torch.isnan(pictures[:, :1])
    pictures = pictures.nan_to_num(NOTHING)
    plain, known = pictures, labels
    pictures, labels = _walls(pictures, labels, random)
    pictures, labels = _people(pictures, labels, random)
    pictures = _cloth(pictures, labels, random)
    pictures, labels = _phones(pictures, labels, random)
    pictures = _camera(_light(pictures, random), random)
    clean = torch.from_numpy(random.random(len(pictures)) < CLEAN_SHARE)
    pictures = torch.where(clean[:, None, None, None], plain, pictures)
    labels = torch.where(clean[:, None, None], known, labels)
    labels = labels.masked_fill(nothing[:, 0], _UNLABELLED)
    return pictures.clamp(0, 1).masked_fill(nothing, NOTHING), labels


def finish(pictures: Tensor) -> Tensor:
    """Return pictures as they are, with nothing where there is none."""
    return pictures.nan_to_num(NOTHING)


def _pick(count: int, share: float, random: Random) -> list[int]:
    return [at for at in range(count) if random.random() < share]


def _colour(random: Random) -> Tensor:
    """Return some colour, reds more often than others: they are what is asked for most."""
    hue = random.normal(0.0, 0.04) if random.random() < 0.3 else random.random()
    strength, value = random.beta(2.0, 1.3), random.uniform(0.15, 0.95)
    sectors = (np.array([5.0, 3.0, 1.0]) + (hue % 1.0) * 6.0) % 6.0
    rgb = value - value * strength * np.clip(np.minimum(sectors, 4.0 - sectors), 0.0, 1.0)
    return torch.tensor(rgb, dtype=torch.float32)[:, None, None]


def _ramp(shape: tuple[int, int], random: Random, *, low: float, high: float) -> Tensor:
    """Return a plane that goes evenly from one side to another."""
    angle = random.uniform(0, 2 * np.pi)
    y, x = torch.meshgrid(torch.linspace(-1, 1, shape[0]), torch.linspace(-1, 1, shape[1]), indexing="ij")
    slope = (x * np.cos(angle) + y * np.sin(angle)) / 2 + 0.5
    return (low + (high - low) * slope.clamp(0, 1))[None]


def _pattern(shape: tuple[int, int], random: Random) -> Tensor:
    """Return a plane of 0 and 1: stripes, checks, dots or bricks."""
    angle = random.uniform(0, np.pi) if random.random() < 0.4 else random.choice([0.0, np.pi / 2])
    y, x = torch.meshgrid(torch.arange(shape[0]).float(), torch.arange(shape[1]).float(), indexing="ij")
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    every, share = random.uniform(6, 28), random.uniform(0.25, 0.6)
    stripes = (along / every) % 1 < share
    kind = random.integers(4)
    if kind == 1:
        stripes = stripes ^ ((across / every) % 1 < share)
    elif kind == 2:
        stripes = ((along / every) % 1 - 0.5) ** 2 + ((across / every) % 1 - 0.5) ** 2 < share * 0.25
    elif kind == 3:
        rows = torch.floor(across / every)
        stripes = (((along / every / 2 + rows * 0.5) % 1) < 0.08) | ((across / every) % 1 < 0.14)
    return stripes.float()[None]


def _walls(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Put people before another wall, or before some other photo."""
    pictures = pictures.clone()
    shape = (pictures.shape[2], pictures.shape[3])
    soft = functional.avg_pool2d((labels == 0).float()[:, None], 3, 1, 1, count_include_pad=False)
    for at in _pick(len(pictures), 0.4, random):
        kind = random.random()
        if kind < 0.35:
            wall = pictures[random.integers(len(pictures))].flip(1 if random.random() < 0.3 else 2)
            wall = wall * random.uniform(0.6, 1.2)
        else:
            wall = _colour(random) * _ramp(
                shape, random, low=random.uniform(0.5, 1), high=random.uniform(0.8, 1.2)
            )
            if kind > 0.65:
                wall = torch.lerp(
                    wall, _colour(random).expand_as(wall), _pattern(shape, random) * random.uniform(0.2, 1)
                )
            wall = wall + torch.randn(1, *shape) * random.uniform(0, 0.04)
        place = soft[at]
        if random.random() < 0.25:  # a banner or a vehicle: only a part of what is behind
            place = place * (_ramp(shape, random, low=-3, high=4).clamp(0, 1))
        pictures[at] = torch.lerp(pictures[at], wall, place)
    return pictures, labels


def _people(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Put the people of one picture beside, behind or before those of another."""
    was, known = pictures, labels
    pictures, labels = pictures.clone(), labels.clone()
    width = pictures.shape[3]
    for at in _pick(len(pictures), 0.22, random):
        other = int(random.integers(len(was)))
        aside = int(random.choice([-1, 1]) * random.uniform(0.25, 0.75) * width)
        down = int(random.uniform(-0.15, 0.35) * pictures.shape[2])
        person = torch.roll(was[other], (down, aside), (1, 2))
        label = torch.roll(known[other], (down, aside), (0, 1)).clone()
        label[: max(down, 0)] = 0
        label[:, : max(aside, 0)] = 0
        label[:, (width + min(aside, 0)) :] = 0
        place = (label > 0) & (label != _UNLABELLED)
        if random.random() < 0.7:
            place &= labels[at] == 0
        pictures[at] = torch.where(place, person, pictures[at])
        labels[at] = torch.where(place, label, labels[at])
    return pictures, labels


def _cloth(pictures: Tensor, labels: Tensor, random: Random) -> Tensor:
    """Give garments another colour or pattern; folds and shade stay."""
    pictures = pictures.clone()
    shape = (pictures.shape[2], pictures.shape[3])
    for at in _pick(len(pictures), 0.55, random):
        for kind in _CLOTH:
            if random.random() < 0.35:
                continue
            place = (labels[at] == kind).float()[None]
            size = float(place.sum())
            if size < 40:
                continue
            grey = pictures[at].mean(dim=0, keepdim=True)
            middle = float((grey * place).sum() / size)
            colour = _colour(random)
            if random.random() < 0.25:
                colour = torch.lerp(
                    colour.expand(3, *shape), _colour(random).expand(3, *shape), _pattern(shape, random)
                )
            cloth = colour * ((grey + 0.05) / (middle + 0.05)).clamp(0.15, 2.2) ** random.uniform(0.5, 1.1)
            soft = functional.avg_pool2d(place[None], 3, 1, 1)[0]
            pictures[at] = torch.lerp(pictures[at], cloth.clamp(0, 1), torch.minimum(soft, place))
    return pictures


def _phones(pictures: Tensor, labels: Tensor, random: Random) -> Batch:
    """Hold hands and phones before people."""
    pictures, labels = pictures.clone(), labels.clone()
    height, width = pictures.shape[2:]
    y, x = torch.meshgrid(torch.arange(height).float(), torch.arange(width).float(), indexing="ij")
    for at in _pick(len(pictures), 0.25, random):
        skin = labels[at] == _SKIN
        tone = (
            pictures[at][:, skin].median(dim=1).values
            if int(skin.sum()) > 30
            else torch.tensor([0.6, 0.45, 0.38])
        )
        tone = tone[:, None, None] * (0.9 + 0.2 * torch.rand(1, height, width))
        angle, middle_x, middle_y = (
            random.normal(0, 0.5),
            random.uniform(0, width),
            random.uniform(0.3, 1) * height,
        )
        along = (x - middle_x) * np.cos(angle) + (y - middle_y) * np.sin(angle)
        across = (y - middle_y) * np.cos(angle) - (x - middle_x) * np.sin(angle)
        size = random.uniform(0.04, 0.12) * height
        hand = ((along / size) ** 2 + (across / size / random.uniform(0.8, 2.2)) ** 2) < 1
        pictures[at] = torch.where(hand, tone, pictures[at])
        labels[at] = labels[at].masked_fill(hand, _SKIN)
        if random.random() < 0.6:
            phone = (along.abs() < size * 0.75) & ((across + size * 0.8).abs() < size * 1.5)
            pictures[at] = torch.where(phone, _colour(random) * random.uniform(0.1, 1), pictures[at])
            labels[at] = labels[at].masked_fill(phone, _OTHER)
    return pictures, labels


def _light(pictures: Tensor, random: Random) -> Tensor:
    """Light the picture warmly, coldly, dimly, too brightly, in a colour, or from two lamps."""
    gains = []
    shape = (pictures.shape[2], pictures.shape[3])
    for _ in range(len(pictures)):
        strength = 0.0 if random.random() < 0.4 else random.uniform(0.1, 0.9)
        warm = random.normal(0, 0.6) * strength
        tint = random.normal(0, 0.25) * strength
        cast = torch.tensor([warm, -tint, -warm], dtype=torch.float32).exp()[:, None, None]
        if random.random() < 0.06:
            cast = _colour(random) + 0.25
        if random.random() < 0.15:
            other = torch.tensor([-warm, tint, warm], dtype=torch.float32).exp()[:, None, None]
            cast = torch.lerp(
                cast.expand(3, *shape), other.expand(3, *shape), _ramp(shape, random, low=-0.5, high=1.5)
            )
        bright = (
            float(np.exp(random.normal(0, 0.25)))
            if random.random() < 0.6
            else random.choice([0.12, 0.3, 1.6, 2.4])
        )
        gains.append((cast * bright).expand(3, *shape))
    return (pictures.clamp(0, 1) ** 2 * torch.stack(gains)).clamp(1e-6, 1).sqrt()


def _camera(pictures: Tensor, random: Random) -> Tensor:
    """Blur, coarsen and add noise as small cameras do; now and then leave no colour at all."""
    pictures = pictures.clone()
    for at in _pick(len(pictures), 0.3, random):
        kind = random.random()
        one = pictures[at][None]
        if kind < 0.35:
            one = functional.avg_pool2d(one, 3, 1, 1, count_include_pad=False)
        elif kind < 0.6:
            small = functional.interpolate(one, scale_factor=float(random.uniform(0.35, 0.8)), mode="area")
            one = functional.interpolate(small, size=one.shape[2:], mode="bilinear")
        elif kind < 0.75:
            one = functional.avg_pool2d(one, (1, 7), 1, (0, 3), count_include_pad=False)
        elif kind < 0.85:
            one = one.mean(dim=1, keepdim=True).expand_as(one)
        pictures[at] = one[0]
    noise = torch.tensor(random.choice([0.0, 0.01, 0.02, 0.05], len(pictures)), dtype=torch.float32)
    return pictures + torch.randn_like(pictures) * noise[:, None, None, None]
