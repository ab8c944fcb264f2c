"""One film drawn from the layers of a patient: how it was taken, processed, cropped and marked.

Every part has its own random stream, so that a further draw in one leaves the others as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.imaging import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.reading import CornerFinding
from msasss.simulation.display import displayed, draw_display
from msasss.simulation.exposure import Thicknesses, detect, draw_exposure
from msasss.simulation.layers import Layers, check_findings
from msasss.simulation.noise import Field
from msasss.simulation.streams import stream
from msasss.simulation.surroundings import Border, draw_collimation, draw_ink, shutter, stray_shapes_mm
from msasss.simulation.visibility import Evidence, is_inside, is_readable

_EIGHT_BIT = 255.0


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedFilm:
    """A simulated radiograph with the truth about its corners.

    Args:
        pixels: (H, W) float32 in [0, 1], bone bright.
        pixel_mm: Side of a pixel at the detector.
        landmarks: Points in image coordinates; one outside the image or the collimated field is missing.
        findings: The twelve corners, cranio-caudally; one that cannot be read bears no lesion.

    Raises:
        ReadingError: If the findings are not the twelve corners of the region in order.
    """

    pixels: npt.NDArray[np.float32]
    pixel_mm: float
    landmarks: Landmarks
    findings: tuple[CornerFinding, ...]

    def __post_init__(self) -> None:
        check_findings(self.landmarks.region, self.findings)

    @property
    def region(self) -> Region:
        """The view."""
        return self.landmarks.region


def render(layers: Layers, *, seed: int) -> SimulatedFilm:
    """Draw one film of a patient; half of the films face left.

    Args:
        layers: The patient.
        seed: Decides exposure, processing and surroundings, whatever the patient is like.
    """
    shape = (layers.soft_mm.shape[0], layers.soft_mm.shape[1])
    flipped = bool(stream(seed, "facing").random() < 0.5)
    collimation = draw_collimation(stream(seed, "collimation"), shape)
    ink = draw_ink(stream(seed, "ink"), shape, flipped=flipped)
    signal = detect(
        _thicknesses(layers, seed),
        draw_exposure(stream(seed, "exposure"), layers.region),
        layers.region,
        pixel_mm=layers.pixel_mm,
        field=collimation.field,
        rng=stream(seed, "noise"),
    )
    display = draw_display(stream(seed, "display"), layers.region)
    shuttered = collimation.border is not Border.UNSHUTTERED
    picture = shutter(displayed(signal.noisy, display, collimation.field, shuttered=shuttered), collimation)
    evidence = Evidence(signal, picture, collimation.field, ink, layers.pixel_mm / layers.magnification)
    if ink is not None:
        picture = np.maximum(picture, ink)
    film = SimulatedFilm(
        pixels=_stored(picture, stream(seed, "storage")),
        pixel_mm=layers.pixel_mm,
        landmarks=_landmarks_inside(layers.landmarks, collimation.field),
        findings=tuple(_as_readable(finding, layers.landmarks, evidence) for finding in layers.findings),
    )
    return mirrored(film) if flipped else film


def mirrored(film: SimulatedFilm) -> SimulatedFilm:
    """Return the film flipped left to right, with its landmarks."""
    width = film.pixels.shape[1]
    facing = Facing.LEFT if film.landmarks.facing is Facing.RIGHT else Facing.RIGHT
    vertebrae = tuple(_mapped(item, lambda point: replace(point, x=width - point.x)) for item in film.landmarks)
    return replace(
        film,
        pixels=np.ascontiguousarray(film.pixels[:, ::-1]),
        landmarks=replace(film.landmarks, facing=facing, vertebrae=vertebrae),
    )


def _thicknesses(layers: Layers, seed: int) -> Thicknesses:
    cortical = layers.cortical_mm.astype(np.float32)
    stray = stray_shapes_mm(stream(seed, "stray shapes"), (cortical.shape[0], cortical.shape[1]))
    if stray is not None:
        cortical = cortical + stray
    trabecular, soft, metal = (
        values.astype(np.float32, copy=False) for values in (layers.trabecular_mm, layers.soft_mm, layers.metal_mm)
    )
    return Thicknesses(cortical, trabecular, soft, metal)


def _stored(picture: Field, rng: np.random.Generator) -> Field:
    """Round to 8 bits in half of the films, as exports to PNG and JPEG do."""
    if rng.random() < 0.5:
        picture = np.asarray(np.round(picture * np.float32(_EIGHT_BIT)) / np.float32(_EIGHT_BIT))
    return np.asarray(np.clip(picture, 0.0, 1.0), dtype=np.float32)


def _as_readable(finding: CornerFinding, landmarks: Landmarks, evidence: Evidence) -> CornerFinding:
    point = landmarks.corner(finding.corner)
    if not finding.not_visible and point is not None and is_readable(point.x, point.y, evidence):
        return finding
    return CornerFinding(finding.corner, not_visible=True)


def _landmarks_inside(landmarks: Landmarks, field: Field) -> Landmarks:
    def inside(point: Point) -> Point | None:
        return point if is_inside(point.x, point.y, field) else None

    return replace(landmarks, vertebrae=tuple(_mapped(item, inside) for item in landmarks))


def _mapped(item: VertebraLandmarks, change: Callable[[Point], Point | None]) -> VertebraLandmarks:
    """Return the points of a vertebra, each changed or left out."""
    points = {kind.value: item.point(kind) for kind in PointKind}
    changed = {name: None if point is None else change(point) for name, point in points.items()}
    return VertebraLandmarks(item.vertebra, **changed)
