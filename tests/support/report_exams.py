"""Exams to report on: a crude lordotic spine, read by a network with a few lesions, and what can go wrong with it.

Data sheet: films of 900 x 700 px, bodies as bright blurred boxes along an arc with noise; nothing anatomical can be
learnt from them. The network's probabilities are drawn with a fixed seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from msasss.anatomy import Region, corners_of, vertebrae_of
from msasss.exam import Exam, ExamFilm, Provenance
from msasss.imaging import Facing, Landmarks, PixelSpacing, Point, Radiograph, SpacingSource, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import MSASSS, ScoringScheme, score_reading

MODEL = Reader(ReaderKind.MODEL, "msasss")
HEIGHT_PX, WIDTH_PX = 900, 700
USUAL_FINDINGS: Mapping[str, tuple[Lesion, ...]] = {
    "C3 superior": (Lesion.SQUARING,),
    "C5 inferior": (Lesion.SYNDESMOPHYTE,),
    "C6 superior": (Lesion.SYNDESMOPHYTE, Lesion.SQUARING),
    "T12 inferior": (Lesion.BRIDGE,),
    "L1 superior": (Lesion.BRIDGE,),
    "L1 inferior": (Lesion.EROSION, Lesion.SCLEROSIS),
    "L3 superior": (Lesion.SYNDESMOPHYTE,),
    "L4 inferior": (Lesion.OSTEOPHYTE,),
}
HIDDEN = ("C7 inferior", "T1 superior")


def arc(region: Region, *, without: Sequence[str] = ()) -> Landmarks:
    """Points of a lordotic column that faces left; corners named in `without` are missing."""
    step, body, depth = (88.0, 54.0, 74.0) if region is Region.CERVICAL else (104.0, 74.0, 104.0)
    vertebrae = []
    for place, vertebra in enumerate(vertebrae_of(region)):
        angle = (place - 3) * 0.09
        centre = np.array([WIDTH_PX / 2 + 60 * np.cos(angle * 3) - 60, HEIGHT_PX / 2 + (place - 3) * step])
        down, front = np.array([-np.sin(angle), np.cos(angle)]), np.array([-np.cos(angle), -np.sin(angle)])
        corners = [centre + front * depth / 2 + down * body / 2 * side for side in (-1, 1)]
        upper, lower = (
            None if f"{vertebra.value} {name}" in without else Point(*map(float, point), 0.93)
            for name, point in zip(("superior", "inferior"), corners, strict=True)
        )
        whole = Point(*map(float, centre), 0.97)
        vertebrae.append(
            VertebraLandmarks(vertebra, None if place == 0 else upper, None if place == 6 else lower, whole)
        )
    return Landmarks(region, Facing.LEFT, tuple(vertebrae), level_margin=0.82)


def drawn_film(region: Region, *, source: str | None = None, patient_key: str | None = "PAT-0042") -> Radiograph:
    """A film that shows the column of `arc`."""
    depth = 74.0 if region is Region.CERVICAL else 104.0
    image = Image.new("L", (WIDTH_PX, HEIGHT_PX), 40)
    draw = ImageDraw.Draw(image)
    draw.rectangle((WIDTH_PX // 5, 0, WIDTH_PX * 4 // 5, HEIGHT_PX), fill=85)
    for item in arc(region):
        assert item.centre is not None
        half = depth / 2 * 0.72
        draw.rounded_rectangle(
            (item.centre.x - depth / 2, item.centre.y - half, item.centre.x + depth / 2, item.centre.y + half),
            8,
            fill=190,
        )
        draw.ellipse(
            (item.centre.x + depth, item.centre.y - 12, item.centre.x + 1.9 * depth, item.centre.y + 22), fill=150
        )
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(3)), dtype=np.float32) / 255
    noise = np.random.default_rng(7).normal(0, 0.02, pixels.shape).astype(np.float32)
    return Radiograph(
        np.clip(pixels + noise, 0, 1),
        source or f"{region.value}.dcm",
        PixelSpacing(0.143, SpacingSource.DETECTOR),
        uid=f"1.2.826.0.1.3680043.8.498.{region.value}.4711" if source is None else source,
        patient_key=patient_key,
        acquired_on=date(2024, 5, 31),
    )


def network_finding(name: str, found: Sequence[Lesion], *, hidden: bool, seed: int) -> CornerFinding:
    """What a network says about a corner: high probabilities for what is found, low ones for the rest."""
    rng = np.random.default_rng(seed)
    probabilities = {
        lesion: round(float(rng.uniform(0.62, 0.99) if lesion in found else rng.uniform(0.0, 0.2)), 3)
        for lesion in Lesion
    }
    corner = next(each for region in Region for each in corners_of(region) if str(each) == name)
    if hidden:
        return CornerFinding(corner, not_visible=True, not_visible_probability=0.91)
    return CornerFinding(corner, frozenset(found), False, probabilities, 0.04, name == "L3 superior")


def network_reading(
    films: Mapping[Region, str],
    findings: Mapping[str, Sequence[Lesion]] = USUAL_FINDINGS,
    *,
    hidden: Sequence[str] = HIDDEN,
    reader: Reader = MODEL,
) -> Reading:
    """A network's reading of films named by their UID."""
    names = [str(each) for region in Region if region in films for each in corners_of(region)]
    said = [
        network_finding(name, findings.get(name, ()), hidden=name in hidden, seed=seed)
        for seed, name in enumerate(names)
    ]
    return Reading(reader, dict(films), tuple(said), datetime(2024, 6, 1, 9, 30, tzinfo=UTC), "msasss 0.1.0")


def exam_of(
    reading: Reading,
    films: Sequence[ExamFilm],
    *,
    patient_key: str | None = "PAT-0042",
    scheme: ScoringScheme = MSASSS,
    warnings: Sequence[str] = (),
) -> Exam:
    score = score_reading(reading, scheme)
    provenance = Provenance(
        "msasss 0.1.0", datetime(2024, 6, 1, 9, 30, tzinfo=UTC), {"localiser": "ab12" * 16, "lesions": "cd34" * 16}
    )
    return Exam(patient_key, tuple(films), reading, scheme, score, (*warnings, *score.warnings), provenance)


def usual_exam(*, regions: Sequence[Region] = tuple(Region)) -> Exam:
    """An exam as the pipeline makes it: two films with pixels, a few lesions, two corners not visible."""
    films = []
    for region in regions:
        picture = drawn_film(region)
        films.append(
            ExamFilm(
                region,
                picture.uid,
                picture.source,
                picture.spacing,
                picture.acquired_on,
                arc(region, without=("T1 superior",)),
                picture,
            )
        )
    return exam_of(network_reading({film.region: film.uid for film in films}), films)


def earlier_exam() -> Exam:
    """The same patient two years before, with less damage and no pixels at hand."""
    exam = usual_exam()
    films = [replace(film, radiograph=None, acquired_on=date(2022, 5, 20)) for film in exam.films]
    findings = {
        "C5 inferior": (Lesion.SYNDESMOPHYTE,),
        "T12 inferior": (Lesion.SYNDESMOPHYTE,),
        "L1 superior": (Lesion.BRIDGE,),
    }
    return exam_of(network_reading(exam.reading.images, findings, hidden=("C7 inferior",)), films)


def without_pixels(exam: Exam) -> Exam:
    """The exam as read back from its file."""
    return replace(exam, films=tuple(replace(film, radiograph=None) for film in exam.films))
