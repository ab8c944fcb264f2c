"""Changes a film's look, so that a network trained on simulated films meets more than the simulator can draw.

Images are (H, W) float32 about [0, 1]; each change draws from the generator it is given. What worked on real films in
an experiment with networks trained on simulation alone: much of everything, geometry untouched here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

Grey = npt.NDArray[np.float32]
Random = np.random.Generator
_Change = Callable[[Grey, Random], Grey]


@dataclass(frozen=True, slots=True)
class LookSettings:
    """How often each change is made.

    Args:
        strength: Factor on every probability, 0 for none.
        inversion: Probability of dark bone on bright ground.
    """

    strength: float = 1.0
    inversion: float = 0.04


def change_look(grey: Grey, random: Random, settings: LookSettings) -> Grey:
    """Return the image as another detector, display, film digitiser or photographer might have given it."""
    for change, probability in _CHANGES:
        if random.random() < probability * settings.strength:
            grey = change(grey, random)
    for _ in range(random.poisson(1.0 * settings.strength)):
        grey = _occlude(grey, random)
    if random.random() < 0.25 * settings.strength:
        grey = _collimate(grey, random)
    if random.random() < settings.inversion * settings.strength:
        grey = 1.0 - grey
    return np.clip(grey, 0.0, 1.0).astype(np.float32)


def blurred(grey: Grey, sigma_px: float) -> Grey:
    """Blur; a wide blur is made on a smaller image, which is ten times as fast."""
    if sigma_px <= 4.0:
        narrow: Grey = ndimage.gaussian_filter(grey, sigma_px, mode="nearest", truncate=3.0)
        return narrow
    factor = int(sigma_px / 2)
    height, width = grey.shape
    small = _resized(grey, (max(2, height // factor), max(2, width // factor)), Image.Resampling.BOX)
    return _resized(ndimage.gaussian_filter(small, sigma_px / factor, mode="nearest"), grey.shape)


def _resized(grey: Grey, shape: tuple[int, ...], method: Image.Resampling = Image.Resampling.BILINEAR) -> Grey:
    resized: Grey = np.asarray(Image.fromarray(grey).resize((shape[1], shape[0]), method), dtype=np.float32)
    return resized


def _gamma(grey: Grey, random: Random) -> Grey:
    bent: Grey = np.clip(grey, 0.0, 1.0) ** np.float32(np.exp(random.normal(0.0, 0.4)))
    return bent


def _window(grey: Grey, random: Random) -> Grey:
    low, high = random.uniform(0.0, 0.3), random.uniform(0.7, 1.0)
    windowed: Grey = np.clip((grey - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    return windowed


def _uneven(grey: Grey, random: Random) -> Grey:
    """Uneven exposure: a smooth factor and a smooth offset."""
    return grey * (1.0 + _smooth_field(grey.shape, random, 0.25)) + _smooth_field(grey.shape, random, 0.1)


def _smooth_field(shape: tuple[int, ...], random: Random, amplitude: float) -> Grey:
    knots = random.integers(2, 7)
    field = random.normal(0.0, amplitude, (knots, knots)).astype(np.float32)
    return _resized(field, shape, Image.Resampling.BICUBIC)


def _equalise(grey: Grey, random: Random) -> Grey:
    """Local contrast equalisation, as vendors' displays do."""
    sigma = random.uniform(8.0, 50.0)
    away = grey - blurred(grey, sigma)
    spread = np.sqrt(np.maximum(blurred(away * away, sigma), 0.0)) + np.float32(0.03)
    share = np.float32(random.uniform(0.2, 0.9))
    return (1 - share) * grey + share * (np.float32(0.5) + np.float32(0.2) * away / spread)


def _sharpen(grey: Grey, random: Random) -> Grey:
    return grey + np.float32(random.uniform(0.3, 2.0)) * (grey - blurred(grey, random.uniform(1.0, 4.0)))


def _soften(grey: Grey, random: Random) -> Grey:
    return blurred(grey, random.uniform(0.5, 2.2))


def _coarsen(grey: Grey, random: Random) -> Grey:
    share = random.uniform(0.35, 0.7)
    height, width = grey.shape
    return _resized(_resized(grey, (int(height * share), int(width * share)), Image.Resampling.BOX), grey.shape)


def _add_noise(grey: Grey, random: Random) -> Grey:
    noise = random.standard_normal(grey.shape, dtype=np.float32)
    if random.random() < 0.5:
        noise = np.float32(1.8) * blurred(noise, random.uniform(0.4, 1.2))
    return grey + noise * np.float32(10 ** random.uniform(-2.6, -1.1))


# In the order of the imaging chain's reverse: what a display does comes before what a copy of it loses.
_CHANGES: tuple[tuple[_Change, float], ...] = (
    (_gamma, 0.6),
    (_window, 0.25),
    (_uneven, 0.3),
    (_equalise, 0.3),
    (_sharpen, 0.2),
    (_soften, 0.3),
    (_coarsen, 0.15),
    (_add_noise, 0.5),
)


def _occlude(grey: Grey, random: Random) -> Grey:
    """Lay something over the film: a mask, letters, a tube, a disc, a wire."""
    sheet = Image.new("L", (grey.shape[1], grey.shape[0]), 0)
    _SHAPES[random.integers(len(_SHAPES))](ImageDraw.Draw(sheet), random, grey.shape)
    mask = np.asarray(sheet, dtype=np.float32) / np.float32(255)
    if random.random() < 0.6:
        mask = blurred(mask, random.uniform(0.4, 2.5))
    if random.random() < 0.5:
        grey = grey * (np.float32(1.0) - mask)
        return grey + mask * np.float32(random.uniform(-0.1, 1.1))
    return grey + mask * np.float32(random.uniform(-0.3, 0.4))


def _place(random: Random, shape: tuple[int, ...]) -> tuple[float, float]:
    return random.uniform(0, shape[1]), random.uniform(0, shape[0])


def _draw_box(draw: ImageDraw.ImageDraw, random: Random, shape: tuple[int, ...]) -> None:
    x, y = _place(random, shape)
    width, height = random.uniform(6, 70, 2)
    draw.rectangle([x, y, x + width, y + height], fill=255)


def _draw_letters(draw: ImageDraw.ImageDraw, random: Random, shape: tuple[int, ...]) -> None:
    letters = "".join(random.choice(list("LRlatABCDE123 "), int(random.integers(1, 6))))
    draw.text(_place(random, shape), letters, fill=255, font_size=int(random.integers(8, 34)))


def _draw_tube(draw: ImageDraw.ImageDraw, random: Random, shape: tuple[int, ...]) -> None:
    x, y = _place(random, shape)
    angle, length = random.uniform(0, 2 * np.pi), random.uniform(40, 400)
    end = (x + length * np.cos(angle), y + length * np.sin(angle))
    draw.line([(x, y), end], fill=255, width=int(random.integers(1, 6)))


def _draw_disc(draw: ImageDraw.ImageDraw, random: Random, shape: tuple[int, ...]) -> None:
    x, y = _place(random, shape)
    radius, flatness = random.uniform(8, 50), random.uniform(0.2, 1)
    draw.ellipse([x - radius, y - radius * flatness, x + radius, y + radius * flatness], fill=255)


def _draw_wire(draw: ImageDraw.ImageDraw, random: Random, shape: tuple[int, ...]) -> None:
    x, y = _place(random, shape)
    radius, flatness = random.uniform(15, 90), random.uniform(0.3, 1)
    box = [x - radius, y - radius, x + radius, y + radius * flatness]
    draw.arc(box, random.uniform(0, 180), random.uniform(180, 360), fill=255, width=int(random.integers(1, 6)))


_SHAPES = (_draw_box, _draw_letters, _draw_tube, _draw_disc, _draw_wire)


def _collimate(grey: Grey, random: Random) -> Grey:
    """Cover the borders; the lower one seldom, since it often shows the last vertebra."""
    edges = random.integers(0, min(grey.shape) // 7, 4)
    value = np.float32(random.choice([0.0, 0.0, 1.0]))
    covered = grey.copy()
    covered[: edges[0]] = value
    covered[:, : edges[1]] = value
    covered[:, grey.shape[1] - edges[2] :] = value
    if random.random() < 0.3:
        covered[grey.shape[0] - edges[3] :] = value
    return covered
