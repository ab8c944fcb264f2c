"""From a seed to the layers of one film: the column, its lesions, what surrounds it, and the truth at its corners."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Corner, Disc, Endplate, Region, corners_of, discs_of, vertebrae_of
from msasss.errors import UsageError
from msasss.reading import Lesion
from msasss.simulation import bone_loss, cervical, lumbar, new_bone
from msasss.simulation.fields import Grid, add_round_cones
from msasss.simulation.layers import Layers
from msasss.simulation.lesions import CRITERIA, LesionPlan, draw_plan
from msasss.simulation.new_bone import DiscSpace
from msasss.simulation.posterior import posterior_grid
from msasss.simulation.projection import accumulate
from msasss.simulation.scene import Bony, Canvas, draw_body, draw_new_bone, findings_of, landmarks_of
from msasss.simulation.streams import stream
from msasss.simulation.vertebra import Bone, body_grid

_SAMPLE_MM = {Region.CERVICAL: 0.7, Region.LUMBAR: 1.0}
_NEW_BONE_STEP_MM = {Region.CERVICAL: (0.35, 0.35, 0.7), Region.LUMBAR: (0.5, 0.5, 1.1)}
_LOST = (Lesion.EROSION, Lesion.SCLEROSIS)

Cones = npt.NDArray[np.float64]
Found = dict[Corner, set[Lesion]]


@dataclass(frozen=True, slots=True)
class _Film:
    """What is being built: the view, the seed, the wishes, the vertebrae and what was found to be built."""

    region: Region
    seed: int
    plan: LesionPlan
    bones: Mapping[str, Bone]
    found: Found

    def stream(self, *names: str) -> np.random.Generator:
        return stream(self.seed, *names)


def simulate_layers(region: Region, *, seed: int, lesions: LesionPlan | None = None) -> Layers:
    """Simulate one patient on one lateral view, facing right.

    Every part of the anatomy has its own random stream: the same seed with another plan changes the film near the
    lesions only.

    Args:
        region: The view.
        seed: Chooses the patient and the geometry of the exposure.
        lesions: What to build; None draws a plan for training.

    Returns:
        The layers, their landmarks, and findings measured on what was built.

    Raises:
        UsageError: If the plan is of the other region.
    """
    plan = draw_plan(region, stream(seed, "plan")) if lesions is None else lesions
    if plan.region is not region:
        msg = f"Expected a plan of the {region.value} view, got one of the {plan.region.value} view."
        raise UsageError(msg)
    view = cervical if region is Region.CERVICAL else lumbar
    healthy = view.bones_of(seed)
    film = _Film(region, seed, plan, _squared(healthy, plan, seed), {corner: set() for corner in corners_of(region)})
    canvas = Canvas(view.camera_of(healthy, seed))
    grids = _draw_vertebrae(canvas, film)
    for disc in discs_of(region):
        _draw_disc(canvas, film, disc, grids)
    view.draw_surroundings(canvas, healthy, seed)
    return _layers(canvas, film)


def _layers(canvas: Canvas, film: _Film) -> Layers:
    landmarks = landmarks_of(canvas.camera, film.bones, film.region)
    found = {corner: frozenset(lesions) for corner, lesions in film.found.items()}
    return Layers(
        region=film.region,
        cortical_mm=canvas.cortical,
        trabecular_mm=canvas.trabecular,
        soft_mm=canvas.soft,
        metal_mm=canvas.metal,
        pixel_mm=canvas.camera.pixel_mm,
        magnification=canvas.camera.magnification,
        landmarks=landmarks,
        findings=findings_of(landmarks, found),
    )


def _squared(bones: Mapping[str, Bone], plan: LesionPlan, seed: int) -> dict[str, Bone]:
    built = dict(bones)
    for vertebra in vertebrae_of(plan.region):
        severity = plan.squaring(vertebra)
        if severity > 0:
            bone = bones[vertebra.value]
            rng = stream(seed, "squaring", vertebra.value)
            built[vertebra.value] = replace(bone, shape=bone_loss.squared(bone.shape, severity, plan.region, rng))
    return built


def _draw_vertebrae(canvas: Canvas, film: _Film) -> dict[str, Grid]:
    texture = film.stream("texture").uniform(0.08, 0.32)
    grids = {}
    for name, bone in film.bones.items():
        growths = _growths(film, bone)
        grid = body_grid(bone, film.region, film.stream("body surface", name), room_for_growth=bool(growths))
        _lose(grid, film, bone)
        for cones in growths:
            add_round_cones(grid, cones, blend_mm=1.0)
        sample = _SAMPLE_MM[film.region] * (1.0 if bone.fine else 1.5)
        pattern = film.stream("texture", name)
        draw_body(canvas, grid, bone.level.pose, sample_mm=sample, texture=texture, rng=pattern)
        if name != "S1":
            behind = posterior_grid(bone, film.region, film.stream("processes", name))
            pose = bone.level.pose
            accumulate(canvas.camera, behind, pose, canvas.cortical, canvas.trabecular, step_mm=1.5 * sample)
        grids[name] = grid
    return grids


def _own_corners(film: _Film, bone: Bone) -> tuple[Corner, ...]:
    return tuple(corner for corner in corners_of(film.region) if corner.vertebra.value == bone.name)


def _growths(film: _Film, bone: Bone) -> list[Cones]:
    criteria, growths = CRITERIA[film.region], []
    for corner in _own_corners(film, bone):
        end, space = corner.endplate, _space(film, corner.disc)
        severity = film.plan.severity(corner, Lesion.OSTEOPHYTE)
        if severity > 0:
            rng = film.stream("osteophyte", str(corner))
            claw = new_bone.osteophyte(bone, end, (severity, space.rim_gap_mm()), film.region, rng)
            _note(film, corner, new_bone.lesion_of(claw, criteria))
            growths.append(claw.cones)
        severity = film.plan.severity(corner, Lesion.OTHER)
        if severity > 0 and _other_form(film, corner.disc) == "nonmarginal":
            rng = film.stream("nonmarginal", str(corner))
            growths.append(new_bone.nonmarginal(bone, end, severity, film.region, rng))
            _note(film, corner, Lesion.OTHER)
    return growths


def _lose(grid: Grid, film: _Film, bone: Bone) -> None:
    criteria = CRITERIA[film.region]
    for corner in _own_corners(film, bone):
        place = (bone.shape, corner.endplate)
        if bone_loss.is_squared(bone.shape, criteria):
            _note(film, corner, Lesion.SQUARING)
        erosion, sclerosis = (film.plan.severity(corner, lesion) for lesion in _LOST)
        if erosion > 0:
            depth = bone_loss.erode(grid, place, erosion, film.region, film.stream("erosion", str(corner)))
            _note(film, corner, Lesion.EROSION if depth >= criteria.erosion_depth_mm else None)
        if sclerosis > 0:
            rise = bone_loss.thicken(grid, place, sclerosis, film.region, film.stream("sclerosis", str(corner)))
            _note(film, corner, Lesion.SCLEROSIS if rise >= criteria.sclerosis_contrast else None)


def _draw_disc(canvas: Canvas, film: _Film, disc: Disc, grids: Mapping[str, Grid]) -> None:
    space = _space(film, disc)
    rng = film.stream("new bone", str(disc))
    step = _NEW_BONE_STEP_MM[film.region]
    made = Bony(rng.uniform(0.25, 0.6), rng.uniform(0.7, 1.4), step, blend_mm=1.2, sample_mm=0.5)
    bodies = [(grids[bone.name], bone.level.pose) for bone in (space.upper, space.lower)]
    for cones in (*_between_rims(film, disc, space), *_elsewhere(film, disc, space)):
        draw_new_bone(canvas, cones, made, bodies, rng)


def _between_rims(film: _Film, disc: Disc, space: DiscSpace) -> list[Cones]:
    criteria = CRITERIA[film.region]
    severity = film.plan.severity(disc.above, Lesion.BRIDGE)
    if severity > 0:
        joined = new_bone.bridge(space, severity, film.region, film.stream("bridge", str(disc)))
        for corner in (disc.above, disc.below):
            _note(film, corner, new_bone.lesion_of(joined, criteria))
        return [joined.cones]
    wishes = {
        corner.endplate: film.plan.severity(corner, Lesion.SYNDESMOPHYTE)
        for corner in (disc.above, disc.below)
        if film.plan.severity(corner, Lesion.SYNDESMOPHYTE) > 0
    }
    if not wishes:
        return []
    rng = film.stream("syndesmophyte", str(disc))
    grown = new_bone.syndesmophytes(space, wishes, film.region, criteria, rng)
    for end, spur in grown.items():
        _note(film, disc.above if end is Endplate.INFERIOR else disc.below, new_bone.lesion_of(spur, criteria))
    return [spur.cones for spur in grown.values()]


def _elsewhere(film: _Film, disc: Disc, space: DiscSpace) -> list[Cones]:
    severity = film.plan.severity(disc.above, Lesion.OTHER)
    form = _other_form(film, disc)
    if severity == 0 or form == "nonmarginal":
        return []
    for corner in (disc.above, disc.below):
        _note(film, corner, Lesion.OTHER)
    build = new_bone.intradiscal if form == "intradiscal" else new_bone.flowing
    return [build(space, severity, film.region, film.stream(form, str(disc)))]


def _other_form(film: _Film, disc: Disc) -> str:
    """Return the form that OTHER takes at a disc: one that concerns the whole disc needs it planned at both corners."""
    if min(film.plan.severity(corner, Lesion.OTHER) for corner in (disc.above, disc.below)) == 0:
        return "nonmarginal"
    return str(film.stream("other", str(disc)).choice(["intradiscal", "flowing", "nonmarginal"], p=[0.4, 0.4, 0.2]))


def _space(film: _Film, disc: Disc) -> DiscSpace:
    return DiscSpace(film.bones[disc.upper.value], film.bones[disc.lower.value])


def _note(film: _Film, corner: Corner, lesion: Lesion | None) -> None:
    if lesion is not None:
        film.found[corner].add(lesion)
