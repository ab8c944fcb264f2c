"""How a localiser does on films whose landmarks are known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msasss.errors import RadiographError
from msasss.imaging.landmarks import Landmarks
from msasss.models.column_points import CENTRES, LEVELS, Positions, positions_of
from msasss.models.ports import Localiser
from msasss.training.examples import Example, load_example, radiograph_of


@dataclass(frozen=True, slots=True)
class LocaliserQuality:
    """What a localiser got right.

    Args:
        films: Films looked at.
        refused: Films on which no spine was found; they count as wrong everywhere.
        region_right: Films whose region was found.
        facing_right: Films whose facing was found.
        levels_right: Films of the right region and facing on which every vertebra that was found is named right.
        corners: Corners that lie on the films of the right region and facing.
        corners_found: Those of them that were found.
        median_error_mm: Median distance of a found corner from its true place, wrong names included.
        p95_error_mm: 95th percentile of the same.
    """

    films: int
    refused: int
    region_right: int
    facing_right: int
    levels_right: int
    corners: int
    corners_found: int
    median_error_mm: float
    p95_error_mm: float

    def as_metrics(self) -> dict[str, float]:
        """Return shares and errors by name, for a weight card."""
        films, corners = max(self.films, 1), max(self.corners, 1)
        return {
            "films": float(self.films),
            "refused_share": self.refused / films,
            "region_right_share": self.region_right / films,
            "facing_right_share": self.facing_right / films,
            "levels_right_share": self.levels_right / films,
            "corners_found_share": self.corners_found / corners,
            "median_corner_error_mm": self.median_error_mm,
            "p95_corner_error_mm": self.p95_error_mm,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    found: Landmarks | None
    truth: Landmarks
    pixel_mm: float

    @property
    def comparable(self) -> bool:
        """Whether a spine of the right region and facing was found, so that its points can be compared."""
        return self.found is not None and (self.found.region, self.found.facing) == (
            self.truth.region,
            self.truth.facing,
        )


def evaluate_localiser(localiser: Localiser, paths: Sequence[Path]) -> LocaliserQuality:
    """Locate the spine on example films and compare with what is known of them."""
    return quality_of(_outcome(localiser, load_example(path), path.name) for path in paths)


def quality_of(outcomes: Iterable[_Outcome]) -> LocaliserQuality:
    """Count what is right."""
    seen = list(outcomes)
    errors = [_corner_errors(outcome) for outcome in seen if outcome.comparable]
    pooled = np.concatenate(errors) if errors else np.zeros(0)
    found = pooled[np.isfinite(pooled)]
    return LocaliserQuality(
        films=len(seen),
        refused=sum(outcome.found is None for outcome in seen),
        region_right=sum(
            outcome.found is not None and outcome.found.region is outcome.truth.region for outcome in seen
        ),
        facing_right=sum(
            outcome.found is not None and outcome.found.facing is outcome.truth.facing for outcome in seen
        ),
        levels_right=sum(outcome.comparable and _levels_right(outcome) for outcome in seen),
        corners=len(pooled),
        corners_found=len(found),
        median_error_mm=float(np.median(found)) if found.size else float("inf"),
        p95_error_mm=float(np.percentile(found, 95)) if found.size else float("inf"),
    )


def _outcome(localiser: Localiser, example: Example, name: str) -> _Outcome:
    try:
        found = localiser.locate(radiograph_of(example, name))
    except RadiographError:
        found = None
    return _Outcome(found, example.landmarks, example.pixel_mm)


def _both(outcome: _Outcome) -> tuple[Positions, Positions]:
    if outcome.found is None:
        msg = "Expected landmarks to compare, got none."
        raise ValueError(msg)
    return positions_of(outcome.found), positions_of(outcome.truth)


def _corner_errors(outcome: _Outcome) -> Positions:
    """Return the error of each corner on the film, in mm; NaN where it was not found."""
    found, truth = _both(outcome)
    corners = slice(CENTRES.stop, None)
    on_film = np.isfinite(truth[corners, 0])
    away: Positions = np.hypot(*(found[corners] - truth[corners])[on_film].T) * outcome.pixel_mm
    return away


def _levels_right(outcome: _Outcome) -> bool:
    """Whether each centre found is nearest to the true centre of its own name."""
    found, truth = _both(outcome)
    away = np.hypot(*np.moveaxis(found[CENTRES][:, None] - truth[CENTRES][None], -1, 0))
    there = np.isfinite(found[CENTRES, 0])
    nearest = np.where(np.isfinite(away), away, np.inf).argmin(axis=1)
    return bool((nearest == np.arange(LEVELS))[there].all())
