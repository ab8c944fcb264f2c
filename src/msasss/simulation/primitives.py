"""Compiled loops over signed-distance grids: body, round cones, boxes, ellipsoids, blobs, roughness, carving.

Arrays are (nx, ny, nz); a lattice says where their nodes lie. Distances are in mm, negative inside. The public face of
these loops, with named shapes, is `msasss.simulation.fields`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Volume = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]

_Kernel = TypeVar("_Kernel", bound=Callable[..., object])

# A smooth union or subtraction changes nothing farther than this from a surface, so loops stop there.
REACH_MM = 4.0


class Lattice(NamedTuple):
    """Where the nodes of a grid lie: node (i, j, k) at `low + (i, j, k) * step`, in mm."""

    low: Vector
    step: Vector


def compiled(function: _Kernel) -> _Kernel:
    """Compile a numerical loop to machine code, kept on disk between runs."""
    return cast(_Kernel, numba.njit(cache=True, fastmath=True, nogil=True)(function))


@compiled
def smooth_min(a: float, b: float, blend: float) -> float:
    """Return the minimum of two distances, rounded over `blend` mm."""
    overlap = max(blend - abs(a - b), 0.0) / blend
    return min(a, b) - overlap * overlap * blend * 0.25


@compiled
def smooth_max(a: float, b: float, blend: float) -> float:
    """Return the maximum of two distances, rounded over `blend` mm."""
    return -smooth_min(-a, -b, blend)


@compiled
def trilinear(values: Volume, x: float, y: float, z: float) -> float:
    """Interpolate at fractional node indices; all must be in [0, n - 1)."""
    i, j, k = int(x), int(y), int(z)
    a, b, c = x - i, y - j, z - k
    v00 = values[i, j, k] * (1 - c) + values[i, j, k + 1] * c
    v01 = values[i, j + 1, k] * (1 - c) + values[i, j + 1, k + 1] * c
    v10 = values[i + 1, j, k] * (1 - c) + values[i + 1, j, k + 1] * c
    v11 = values[i + 1, j + 1, k] * (1 - c) + values[i + 1, j + 1, k + 1] * c
    return float((v00 * (1 - b) + v01 * b) * (1 - a) + (v10 * (1 - b) + v11 * b) * a)


@compiled
def _section(x: float, y: float, p: Vector) -> tuple[float, float, float, float, float]:
    """Return local height, depth, axial centre and half axes of the body at (x, y)."""
    mean_height = 0.5 * (p[4] + p[5])
    height = mean_height + (p[4] - p[5]) * max(-1.2, min(1.2, x / (0.5 * (p[0] + p[1]))))
    t = max(-1.0, min(1.0, y / (0.5 * height)))
    waist = 1.0 - abs(t) ** 2.4
    upper = 0.5 * (t + 1.0)
    depth = p[1] + (p[0] - p[1]) * upper
    width = p[3] + (p[2] - p[3]) * upper
    front = 0.5 * depth - p[6] * waist
    back = -0.5 * depth + p[7] * waist
    return height, depth, 0.5 * (front + back), 0.5 * (front - back), 0.5 * width - p[8] * waist


@compiled
def _endplates(y: float, height: float, x_share: float, axial: tuple[float, float], p: Vector) -> float:
    """Return the signed distance above the upper or below the lower endplate, whichever is greater."""
    rho, lateral = axial
    dish = max(0.0, 1.0 - (rho / 0.86) ** 2)
    dish *= 2.0 - dish
    top = 0.5 * height - p[9] * dish * max(0.2, 1.0 - p[18] * x_share)
    bottom = -0.5 * height + p[10] * dish * max(0.2, 1.0 - p[19] * x_share)
    if p[14] > 0.0:
        u = max(0.0, lateral - 0.62) / 0.38
        top += p[14] * u * u * (1.0 if x_share < 0.5 else max(0.0, 1.0 - (x_share - 0.5) * 2.0))
    front = max(0.0, x_share - 0.35) / 0.65
    top -= p[15] * front * front
    bottom -= p[16] * front * front
    return smooth_max(y - top, bottom - y, p[11])


@compiled
def fill_body(out: Volume, lattice: Lattice, p: Vector) -> None:
    """Write the distance to a vertebral body; `p` in the order of `BodyShape`."""
    low, step = lattice
    nx, ny, nz = out.shape
    for i in range(nx):
        x = low[0] + i * step[0]
        for j in range(ny):
            y = low[1] + j * step[1]
            height, depth, centre, half_depth, half_width = _section(x, y, p)
            dx = x - centre
            x_share = x / (0.5 * depth)
            for k in range(nz):
                z = low[2] + k * step[2]
                lateral = abs(z) / half_width
                if dx < 0.0:
                    axial = -dx / (half_depth - p[17] * max(0.0, 1.0 - (lateral / 0.55) ** 2))
                    n = p[13]
                else:
                    axial = dx / half_depth
                    n = p[12]
                rho = (axial**n + lateral**n) ** (1.0 / n)
                radius = math.sqrt(dx * dx + z * z)
                scale = radius / rho if rho > 1e-3 else min(half_depth, half_width)
                wall = scale * (rho - 1.0)
                ends = _endplates(y, height, x_share, (rho, lateral), p)
                out[i, j, k] = smooth_max(wall, ends, p[11])


@compiled
def _span(low: float, step: float, count: int, first: float, last: float) -> tuple[int, int]:
    """Return the range of node indices that covers [first, last] mm."""
    return max(0, int((first - low) / step)), min(count, int((last - low) / step) + 2)


@compiled
def unite_round_cones(out: Volume, lattice: Lattice, cones: Vector, blend: float) -> None:
    """Unite with round cones (N, 8): start (3), end (3), radius at start and end."""
    low, step = lattice
    for n in range(cones.shape[0]):
        ax, ay, az, bx, by, bz, ra, rb = cones[n]
        margin = max(ra, rb) + REACH_MM
        i0, i1 = _span(low[0], step[0], out.shape[0], min(ax, bx) - margin, max(ax, bx) + margin)
        j0, j1 = _span(low[1], step[1], out.shape[1], min(ay, by) - margin, max(ay, by) + margin)
        k0, k1 = _span(low[2], step[2], out.shape[2], min(az, bz) - margin, max(az, bz) + margin)
        vx, vy, vz = bx - ax, by - ay, bz - az
        square = vx * vx + vy * vy + vz * vz + 1e-9
        for i in range(i0, i1):
            px = low[0] + i * step[0] - ax
            for j in range(j0, j1):
                py = low[1] + j * step[1] - ay
                for k in range(k0, k1):
                    pz = low[2] + k * step[2] - az
                    h = max(0.0, min(1.0, (px * vx + py * vy + pz * vz) / square))
                    dx, dy, dz = px - h * vx, py - h * vy, pz - h * vz
                    value = math.sqrt(dx * dx + dy * dy + dz * dz) - (ra + (rb - ra) * h)
                    out[i, j, k] = smooth_min(out[i, j, k], value, blend)


@compiled
def unite_boxes(out: Volume, lattice: Lattice, boxes: Vector, blend: float) -> None:
    """Unite with rounded boxes (N, 9): centre (3), half sides (3), rounding, rotation about z, shear of y along x."""
    low, step = lattice
    nx, ny, nz = out.shape
    for n in range(boxes.shape[0]):
        rounding, shear = boxes[n, 6], boxes[n, 8]
        cosine, sine = math.cos(boxes[n, 7]), math.sin(boxes[n, 7])
        for i in range(nx):
            x = low[0] + i * step[0] - boxes[n, 0]
            for j in range(ny):
                y = low[1] + j * step[1] - boxes[n, 1]
                along = cosine * x + sine * y
                qx = abs(along) - boxes[n, 3]
                qy = (abs(-sine * x + cosine * y - shear * along) - boxes[n, 4]) / math.sqrt(1.0 + shear * shear)
                if max(qx, qy) > rounding + REACH_MM + 2.0:
                    continue
                for k in range(nz):
                    qz = abs(low[2] + k * step[2] - boxes[n, 2]) - boxes[n, 5]
                    mx, my, mz = max(qx, 0.0), max(qy, 0.0), max(qz, 0.0)
                    inner = min(max(qx, max(qy, qz)), 0.0)
                    value = math.sqrt(mx * mx + my * my + mz * mz) + inner - rounding
                    out[i, j, k] = smooth_min(out[i, j, k], value, blend)


@compiled
def cut_ellipsoids(out: Volume, lattice: Lattice, ellipsoids: Vector, blend: float) -> None:
    """Subtract ellipsoids (N, 6): centre (3), radii (3)."""
    low, step = lattice
    for n in range(ellipsoids.shape[0]):
        cx, cy, cz, rx, ry, rz = ellipsoids[n]
        smallest = min(rx, min(ry, rz))
        i0, i1 = _span(low[0], step[0], out.shape[0], cx - rx - REACH_MM, cx + rx + REACH_MM)
        j0, j1 = _span(low[1], step[1], out.shape[1], cy - ry - REACH_MM, cy + ry + REACH_MM)
        k0, k1 = _span(low[2], step[2], out.shape[2], cz - rz - REACH_MM, cz + rz + REACH_MM)
        for i in range(i0, i1):
            a = (low[0] + i * step[0] - cx) / rx
            for j in range(j0, j1):
                b = (low[1] + j * step[1] - cy) / ry
                for k in range(k0, k1):
                    c = (low[2] + k * step[2] - cz) / rz
                    value = (math.sqrt(a * a + b * b + c * c) - 1.0) * smallest
                    out[i, j, k] = smooth_max(out[i, j, k], -value, blend)


@compiled
def add_gaussians(out: Volume, lattice: Lattice, blobs: Vector) -> None:
    """Add gaussians (N, 7): centre (3), sigma (3), amplitude; cut off at 3 sigma along each axis."""
    low, step = lattice
    for n in range(blobs.shape[0]):
        cx, cy, cz, sx, sy, sz, amplitude = blobs[n]
        i0, i1 = _span(low[0], step[0], out.shape[0], cx - 3 * sx, cx + 3 * sx)
        j0, j1 = _span(low[1], step[1], out.shape[1], cy - 3 * sy, cy + 3 * sy)
        k0, k1 = _span(low[2], step[2], out.shape[2], cz - 3 * sz, cz + 3 * sz)
        for i in range(i0, i1):
            a = (low[0] + i * step[0] - cx) / sx
            for j in range(j0, j1):
                b = (low[1] + j * step[1] - cy) / sy
                for k in range(k0, k1):
                    c = (low[2] + k * step[2] - cz) / sz
                    out[i, j, k] += amplitude * math.exp(-0.5 * (a * a + b * b + c * c))


@compiled
def _periodic(noise: Volume, x: float, y: float, z: float) -> float:
    """Interpolate a noise cube that repeats for ever."""
    n = noise.shape[0]
    x, y, z = x % n, y % n, z % n
    i, j, k = int(x) % n, int(y) % n, int(z) % n
    a, b, c = x - int(x), y - int(y), z - int(z)
    i1, j1, k1 = (i + 1) % n, (j + 1) % n, (k + 1) % n
    v00 = noise[i, j, k] * (1 - c) + noise[i, j, k1] * c
    v01 = noise[i, j1, k] * (1 - c) + noise[i, j1, k1] * c
    v10 = noise[i1, j, k] * (1 - c) + noise[i1, j, k1] * c
    v11 = noise[i1, j1, k] * (1 - c) + noise[i1, j1, k1] * c
    return float((v00 * (1 - b) + v01 * b) * (1 - a) + (v10 * (1 - b) + v11 * b) * a)


@compiled
def displace(out: Volume, lattice: Lattice, noise: Volume, amplitude: float, cell: float) -> None:
    """Shift the surface by noise of two octaves (cells of `cell` and 0.37 `cell` mm)."""
    low, step = lattice
    nx, ny, nz = out.shape
    fine = cell * 0.37
    for i in range(nx):
        x = low[0] + i * step[0]
        for j in range(ny):
            y = low[1] + j * step[1]
            for k in range(nz):
                if abs(out[i, j, k]) < REACH_MM:
                    z = low[2] + k * step[2]
                    value = _periodic(noise, x / cell + 7.3, y / cell + 3.1, z / cell + 5.7)
                    value += 0.45 * _periodic(noise, x / fine + 1.3, y / fine + 9.1, z / fine + 2.7)
                    out[i, j, k] += amplitude * value


@compiled
def cut_placed(
    out: Volume, lattice: Lattice, body: Volume, body_lattice: Lattice, place: tuple[Vector, Vector]
) -> None:
    """Subtract a body whose grid is placed by (rotation (3, 3), translation (3,)) in the frame of `out`."""
    low, step = lattice
    body_low, body_step = body_lattice
    rotation, translation = place
    nx, ny, nz = out.shape
    local = np.empty(3)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                wx = low[0] + i * step[0] - translation[0]
                wy = low[1] + j * step[1] - translation[1]
                wz = low[2] + k * step[2] - translation[2]
                inside = True
                for a in range(3):
                    along = rotation[0, a] * wx + rotation[1, a] * wy + rotation[2, a] * wz
                    local[a] = (along - body_low[a]) / body_step[a]
                    inside = inside and 0.0 <= local[a] < body.shape[a] - 1
                if inside:
                    out[i, j, k] = max(out[i, j, k], -trilinear(body, local[0], local[1], local[2]))
