"""Says which lesions the two corners of each disc space bear.

Axes: `N` patches, `L` labels, the last axis of 2 is (above, below) the disc space. A network takes `patches`
(N, 1, S, S) in [0, 1] and gives `logits` (N, L, 2); it standardises its patches itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Corner
from msasss.errors import WeightsError
from msasss.imaging.patches import DiscPatch
from msasss.models.runtime import Session
from msasss.models.weights import Bundle, WeightCard, verify
from msasss.reading import CornerFinding, Lesion

NOT_VISIBLE = "not_visible"
LABELS = (*(lesion.value for lesion in Lesion), NOT_VISIBLE)

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """How the answer of a network to one label is read.

    The probability is `sigmoid((logit - offset) / temperature)`.

    Args:
        threshold: Probability from which on the label is given.
        temperature: Spread of the logits, fitted on held-out films.
        offset: Logit at which the probability is one half.

    Raises:
        WeightsError: If the threshold is outside (0, 1) or the temperature not positive.
    """

    threshold: float = 0.5
    temperature: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 < self.threshold < 1.0 and self.temperature > 0.0):
            msg = (
                f"Expected a threshold in (0, 1) and a positive temperature, got {self.threshold} and "
                f"{self.temperature}. Calibrate the network again."
            )
            raise WeightsError(msg)


@dataclass(frozen=True, slots=True)
class LesionSettings:
    """What a lesion network's card says beyond its file.

    Args:
        patch_side: Side of the patches, in mean heights of the two vertebrae.
        patch_side_px: The same in pixels of the patch.
        rules: How to read each label, in the order of the network's outputs.
        review_margin: A label whose calibrated logit is nearer than this to its threshold's is in doubt.
        averages_flip: Each patch is also read upside down, and the two answers are averaged.

    Raises:
        WeightsError: If a label is unknown or there is none.
    """

    patch_side: float
    patch_side_px: int
    rules: Mapping[str, LabelRule]
    review_margin: float = 0.0
    averages_flip: bool = False

    def __post_init__(self) -> None:
        unknown = [label for label in self.rules if label not in LABELS]
        if unknown or not self.rules:
            msg = f"Expected labels among {', '.join(LABELS)}, got {', '.join(unknown) or 'none'}."
            raise WeightsError(msg)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the network's outputs."""
        return tuple(self.rules)


def settings_to_json(settings: LesionSettings) -> dict[str, Any]:
    """Return settings as a card holds them; a list keeps the order of the labels."""
    rules = [{"label": label, **asdict(rule)} for label, rule in settings.rules.items()]
    return {
        "patch_side": settings.patch_side,
        "patch_side_px": settings.patch_side_px,
        "labels": rules,
        "review_margin": settings.review_margin,
        "averages_flip": settings.averages_flip,
        "normalisation": "in the network",
    }


def settings_of(card: WeightCard) -> LesionSettings:
    """Return the settings that a card states.

    Raises:
        WeightsError: If an entry is missing or wrong.
    """
    record: Mapping[str, Any] = card.settings
    try:
        entries = [dict(entry) for entry in record["labels"]]
        return LesionSettings(
            float(record["patch_side"]),
            int(record["patch_side_px"]),
            {str(entry.pop("label")): LabelRule(**entry) for entry in entries},
            review_margin=float(record["review_margin"]),
            averages_flip=bool(record["averages_flip"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{card.name}: Expected the settings of a lesion network, got some without {error}. Install it again."
        raise WeightsError(msg) from error
    except WeightsError as error:
        msg = f"{card.name}: {error}"
        raise WeightsError(msg) from error


class OnnxLesionClassifier:
    """Answers for every lesion, from one network for all or from several that share the labels between them.

    Args:
        folder: Where the network files lie.
        cards: The cards of the networks.
        threads: Number of CPU threads.

    Raises:
        WeightsError: If a file is not the one of its card, a label is answered by two networks or by none, or the
            networks want different patches.
    """

    def __init__(self, folder: Path, cards: Sequence[WeightCard], *, threads: int = 2) -> None:
        self._networks = tuple((settings_of(card), Session(verify(card, folder), threads=threads)) for card in cards)
        _check_labels(cards)
        sides = {(settings.patch_side, settings.patch_side_px) for settings, _ in self._networks}
        if len(sides) > 1:
            msg = f"Expected lesion networks that take the same patches, got sides {sorted(sides)}."
            raise WeightsError(msg)
        self.patch_side, self.patch_side_px = sides.pop()

    def classify(self, patches: Sequence[DiscPatch]) -> tuple[CornerFinding, ...]:
        """Return two findings per patch, above and below its disc space, in the order of the patches."""
        if not patches:
            return ()
        pixels = np.stack([patch.pixels for patch in patches])
        calibrated: dict[str, Logits] = {}
        doubtful = np.zeros((len(patches), 2), dtype=bool)
        given: dict[str, npt.NDArray[np.bool_]] = {}
        for settings, session in self._networks:
            logits = answers(session, pixels, averages_flip=settings.averages_flip)
            for place, (label, rule) in enumerate(settings.rules.items()):
                calibrated[label] = (logits[:, place] - rule.offset) / rule.temperature
                distance = calibrated[label] - logit(rule.threshold)
                given[label] = distance >= 0
                doubtful |= np.abs(distance) < settings.review_margin
        findings = []
        for row, patch in enumerate(patches):
            for side, corner in enumerate((patch.disc.above, patch.disc.below)):
                at = (row, side)
                probabilities = {label: float(sigmoid(values[at])) for label, values in calibrated.items()}
                present = {label for label, values in given.items() if values[at]}
                finding = _finding(corner, present, probabilities)
                findings.append(replace(finding, in_doubt=bool(doubtful[at])))
        return tuple(findings)


def open_lesion_classifier(bundle: Bundle, *, threads: int = 2) -> OnnxLesionClassifier:
    """Return the lesion classifier of a bundle.

    Raises:
        WeightsError: If its files are missing or do not match their cards.
    """
    return OnnxLesionClassifier(bundle.folder, bundle.lesions, threads=threads)


def answers(session: Session, pixels: npt.NDArray[np.float32], *, averages_flip: bool) -> Logits:
    """Return the logits (N, L, 2) of a network for patches (N, S, S).

    Upside down, the corner above becomes the one below, so the two answers change places.
    """
    upright: Logits = session.run({"patches": pixels[:, None]})["logits"]
    if not averages_flip:
        return upright
    turned = session.run({"patches": np.ascontiguousarray(pixels[:, None, ::-1])})["logits"]
    averaged: Logits = ((upright + turned[..., ::-1]) / 2).astype(np.float32)
    return averaged


def sigmoid(value: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the probability of a logit; stable for large ones."""
    half: npt.NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(value, dtype=np.float64)))
    return half


def logit(probability: float) -> float:
    """Return the logit of a probability in (0, 1)."""
    return float(np.log(probability) - np.log1p(-probability))


def _finding(corner: Corner, present: set[str], probabilities: Mapping[str, float]) -> CornerFinding:
    not_visible = NOT_VISIBLE in present
    lesions = frozenset() if not_visible else frozenset(lesion for lesion in Lesion if lesion.value in present)
    by_lesion = {lesion: probabilities[lesion.value] for lesion in Lesion}
    return CornerFinding(corner, lesions, not_visible, by_lesion, probabilities[NOT_VISIBLE])


def _check_labels(cards: Sequence[WeightCard]) -> None:
    answered = [(label, card.name) for card in cards for label in settings_of(card).labels]
    for label in LABELS:
        names = [name for other, name in answered if other == label]
        if len(names) != 1:
            msg = (
                f"Expected one network that answers for {label}, got {len(names)}"
                f"{': ' + ', '.join(names) if names else ''}. Use a bundle whose networks share the labels."
            )
            raise WeightsError(msg)
