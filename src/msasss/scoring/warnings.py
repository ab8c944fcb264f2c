"""What a reader of a score must know beside its numbers."""

from collections.abc import Iterator

from msasss.anatomy import Disc, discs_of
from msasss.reading import Lesion, Reading
from msasss.scoring.grades import RegionScore
from msasss.scoring.missing import MissingKind, MissingPolicy


def bridge_warnings(reading: Reading) -> Iterator[str]:
    """Yield a sentence for each disc space with a bridge at one of its two corners only.

    A bridge spans the disc space, so both of its corners bear it (Dawes's SASSS; Chen 2024). The grades are left as
    read: which of the two corners is wrong is for a person to say.
    """
    for region in reading.regions:
        for disc in discs_of(region):
            warning = _one_sided_bridge(reading, disc)
            if warning:
                yield warning


def _one_sided_bridge(reading: Reading, disc: Disc) -> str | None:
    with_bridge = [corner for corner in (disc.above, disc.below) if Lesion.BRIDGE in reading[corner].lesions]
    if len(with_bridge) != 1:
        return None
    facing = with_bridge[0].opposite
    found = "which is not visible" if reading[facing].not_visible else "where none was read"
    return f"{disc}: a bridge at {with_bridge[0]} should span the disc space to {facing}, {found}. Check both corners."


def total_warnings(score: RegionScore, policy: MissingPolicy) -> Iterator[str]:
    """Yield a sentence if a view has no total."""
    name = score.region.value
    if score.total is not None:
        return
    if not score.is_read:
        yield f"No {name} view was read, so the exam has no total."
    elif policy.kind is MissingKind.OBSERVED_WITH_BOUNDS:
        low, high = score.range
        yield (
            f"{name.capitalize()} observed sum {score.observed} over {len(score.grades)} of 12 corners, possible range "
            f"{low} to {high}; nothing is imputed, so there is no total."
        )
    else:
        yield (
            f"{len(score.not_scored)} of 12 {name} corners are not scored and at most {policy.imputable} may be, so "
            f"there is no {name} total and none of the exam."
        )
