"""A minimal simulated patient for tests: seven plain vertebral bodies in a block of tissue, made in no time."""

import numpy as np

from msasss.anatomy import Region, corners_of, vertebrae_of
from msasss.imaging import Facing, Landmarks, Point, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion
from msasss.simulation import Layers
from msasss.simulation.fields import BodyShape, Grid, add_body
from msasss.simulation.projection import Camera, Pose, accumulate, rotation_of

PIXEL_MM = 0.6
_PITCH_MM = {Region.CERVICAL: 18.0, Region.LUMBAR: 36.0}
_BODY = {Region.CERVICAL: (16.0, 18.0, 13.0), Region.LUMBAR: (35.0, 44.0, 27.0)}


def camera_of(region: Region) -> Camera:
    height, width = (300, 260) if region is Region.CERVICAL else (560, 320)
    return Camera(1000.0, 200.0, PIXEL_MM, height, width, -width * PIXEL_MM / 2, height * PIXEL_MM / 2, 0.0, 0.0)


def plain_layers(region: Region) -> Layers:
    """Layers of seven bodies, all with a syndesmophyte by decree at their first corner."""
    camera = camera_of(region)
    depth, width, height = _BODY[region]
    half = np.array([depth / 2 + 3, height / 2 + 4, width / 2 + 3])
    grid = Grid(-half, half, (0.8, 0.8, 1.5))
    add_body(grid, BodyShape(depth, depth, width, width, height, height))
    shape = (camera.height_px, camera.width_px)
    cortical, trabecular = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    vertebrae = []
    for place, vertebra in enumerate(vertebrae_of(region)):
        pose = Pose(rotation_of(0.05 * (place - 3)), np.array([0.0, (3 - place) * _PITCH_MM[region], 0.0]))
        accumulate(camera, grid, pose, cortical, trabecular, step_mm=1.0)
        local = np.array([[depth / 2, height / 2, 0.0], [depth / 2, -height / 2, 0.0], [0.0, 0.0, 0.0]])
        points = (Point(*map(float, point)) for point in camera.project(pose.to_world(local)))
        vertebrae.append(VertebraLandmarks(vertebra, *points))
    x, _ = camera.object_grid()
    soft = np.where(np.abs(x) < 50, 120.0 if region is Region.CERVICAL else 220.0, 0.0).astype(np.float32)
    corners = corners_of(region)
    findings = [CornerFinding(corner) for corner in corners]
    findings[5] = CornerFinding(corners[5], frozenset({Lesion.SYNDESMOPHYTE}))
    return Layers(
        region=region,
        cortical_mm=cortical,
        trabecular_mm=trabecular,
        soft_mm=soft,
        metal_mm=np.zeros(shape, np.float32),
        pixel_mm=PIXEL_MM,
        magnification=camera.magnification,
        landmarks=Landmarks(region, Facing.RIGHT, tuple(vertebrae)),
        findings=tuple(findings),
    )
