"""What scoring does for the node: look at one film, and turn the films of a visit into the objects to send."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from msasss.anatomy import Region
from msasss.dicom import read_radiograph
from msasss.dicom.source_headers import read_headers
from msasss.imaging import Landmarks, Radiograph
from msasss.models.ports import Localiser
from msasss.pipeline.networks import Networks
from msasss.pipeline.result_objects import ResultOptions, result_files
from msasss.pipeline.score import score_exam
from msasss.scoring import ScoringScheme

# Films of a pair are located when they arrive and scored soon after.
_REMEMBERED: Final = 16


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What pairing needs to know of a film.

    Args:
        uid: SOP instance UID.
        study_uid: Study instance UID, or "".
        patient_key: What the file identifies its patient by, or ""; never logged.
        acquired_on: Day of the exposure, or None.
        region: The view found in the pixels.
    """

    uid: str
    study_uid: str
    patient_key: str = field(repr=False)
    acquired_on: date | None
    region: Region


@dataclass(frozen=True, slots=True)
class Results:
    """The objects of a visit.

    Args:
        files: Content by name.
        is_complete: Whether the exam has a total.
    """

    files: Mapping[str, bytes] = field(repr=False)
    is_complete: bool


class ScorerFault(Exception):  # noqa: N818 - not an error of the input; the same film may go well next time
    """Scoring ended for a reason that is not in the film, as far as one can tell."""


class Scorer(Protocol):
    """Scores for the node.

    Attributes:
        digests: sha256 of each network, by its name.
    """

    digests: Mapping[str, str]

    def locate(self, film: Path, name: str) -> FilmFacts:
        """Look at a film.

        Args:
            film: Its file.
            name: What messages call it.

        Raises:
            NoImageError: If it is no film, or one of our own results.
            InputError: If it cannot be scored.
            ScorerFault: If something else went wrong.
        """
        ...

    def score(self, films: Sequence[Path], names: Sequence[str], key: str) -> Results:
        """Score a visit and make its objects, whose UIDs follow from the key.

        Raises:
            InputError: If it cannot be scored.
            ScorerFault: If something else went wrong.
        """
        ...

    def close(self) -> None:
        """Give up what it holds, if need be in the middle of its work; may be called from another thread."""
        ...


OpenScorer = Callable[[], "FilmScorer"]


class RememberingLocaliser:
    """A localiser that does not look twice at the same film."""

    def __init__(self, localiser: Localiser) -> None:
        self._localiser = localiser
        self._known: OrderedDict[tuple[str, int], Landmarks] = OrderedDict()

    def locate(self, radiograph: Radiograph) -> Landmarks:
        """Return what is found in the pixels, now or before."""
        key = (radiograph.uid, hash(radiograph.pixels.tobytes()))
        if key not in self._known:
            self._known[key] = self._localiser.locate(radiograph)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]


class FilmScorer:
    """Scores in this process.

    Args:
        networks: Find the vertebrae and read the lesions.
        scheme: The scoring rules.
        options: Which objects to make of a visit.
    """

    def __init__(self, networks: Networks, scheme: ScoringScheme, options: ResultOptions) -> None:
        self.digests = dict(networks.digests)
        self._localiser, self._classifier = RememberingLocaliser(networks.localiser), networks.classifier
        self._scheme, self._options = scheme, options

    def locate(self, film: Path, name: str) -> FilmFacts:
        """Look at a film; see `Scorer`."""
        radiograph = read_radiograph(film.read_bytes(), source=name)
        landmarks = self._localiser.locate(radiograph)
        return FilmFacts(
            radiograph.uid,
            radiograph.study_uid or "",
            radiograph.patient_key or "",
            radiograph.acquired_on,
            landmarks.region,
        )

    def score(self, films: Sequence[Path], names: Sequence[str], key: str) -> Results:
        """Score a visit; see `Scorer`."""
        radiographs = [read_radiograph(film, source=name) for film, name in zip(films, names, strict=True)]
        exam = score_exam(radiographs, self._localiser, self._classifier, scheme=self._scheme, weights=self.digests)
        files = result_files(exam, read_headers(films), self._options, uid_seed=key)
        return Results(files, exam.score.total is not None)

    def close(self) -> None:
        """Hold nothing that needs giving up; see `Scorer`."""
