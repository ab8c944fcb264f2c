"""The whole main job: from the films of one visit to a scored exam."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from msasss.anatomy import Region, corners_of
from msasss.errors import PairingError
from msasss.exam import LONGEST_GAP_DAYS, Exam, ExamFilm, Provenance
from msasss.imaging import Landmarks, Radiograph, disc_patches
from msasss.models.ports import LesionClassifier, Localiser
from msasss.pipeline.film_names import film_named
from msasss.pipeline.known_points import points_of
from msasss.pipeline.level_guard import level_warnings
from msasss.pipeline.pairing import Located, Visit
from msasss.reading import CornerFinding, Reader, ReaderKind, Reading
from msasss.scoring import MSASSS, ScoringScheme, score_reading

MODEL_READER = "msasss"


def score_exam(
    radiographs: Iterable[Radiograph],
    localiser: Localiser,
    classifier: LesionClassifier,
    *,
    scheme: ScoringScheme = MSASSS,
    weights: Mapping[str, str] | None = None,
) -> Exam:
    """Score the films of one visit.

    Args:
        radiographs: A cervical and a lumbar film, or one of them, in any order; the region is found in the pixels.
        localiser: Finds the vertebrae.
        classifier: Says which lesions their corners bear.
        scheme: The scoring rules.
        weights: sha256 of each network used, by its name, for the exam's provenance.

    Returns:
        The exam. A corner that was not found counts as not visible, never as 0; a region without a film is missing,
        and the exam's warnings say so.

    Raises:
        PairingError: If there is no film, or there are two of one region.
        RadiographError: If a film shows no spine.
    """
    located = [Located(radiograph, localiser.locate(radiograph)) for radiograph in radiographs]
    return score_visit(one_visit(located), classifier, scheme=scheme, weights=weights)


def score_visit(
    visit: Visit,
    classifier: LesionClassifier,
    *,
    scheme: ScoringScheme = MSASSS,
    weights: Mapping[str, str] | None = None,
) -> Exam:
    """Score the films of one visit on which the vertebrae were already found, by a localiser or by a person.

    Raises:
        LandmarkError: If so few points are known that the scale of a film is not.
    """
    findings = [finding for film in visit.films for finding in read_film(film, classifier)]
    now = _now()
    images = {film.region: film.radiograph.uid for film in visit.films}
    reading = Reading(Reader(ReaderKind.MODEL, MODEL_READER), images, tuple(findings), now, software_name())
    films = [_film(film.region, film.radiograph.uid, film.radiograph, film.landmarks) for film in visit.films]
    return _exam(reading, films, scheme, Provenance(software_name(), now, weights or {}))


def one_visit(films: Sequence[Located]) -> Visit:
    """Return films that belong together as a visit, whatever their dates.

    Raises:
        PairingError: If there is no film, there are two of one region, or they are of different patients.
    """
    by_region: dict[Region, Located] = {}
    for film in films:
        if film.region in by_region:
            names = f"{by_region[film.region].radiograph.source}, {film.radiograph.source}"
            msg = f"{names}: Expected one {film.region.value} film per visit, got two. Leave one out."
            raise PairingError(msg)
        by_region[film.region] = film
    return Visit(by_region.get(Region.CERVICAL), by_region.get(Region.LUMBAR))


def score_reading_exam(
    reading: Reading,
    radiographs: Iterable[Radiograph] = (),
    *,
    landmarks: Mapping[str, Landmarks] | None = None,
    scheme: ScoringScheme = MSASSS,
) -> Exam:
    """Score a reading that a person made; no network is needed, nor are the films.

    Args:
        reading: What was read.
        radiographs: The films it was made on, where they are at hand.
        landmarks: Points, where there are any, by image as the reading names it, or by the film's SOP instance UID or
            file name.
        scheme: The scoring rules.

    Raises:
        PairingError: If a film is not one that was read, or the films are of different patients.
        LandmarkError: If the points of a film are of another region than was read on it.
    """
    at_hand = _films_read(reading, tuple(radiographs))
    films = [
        _film(region, image, film, points_of(landmarks or {}, film, image))
        for region, image in reading.images.items()
        for film in [at_hand.get(region)]
    ]
    exam = _exam(reading, films, scheme, Provenance(software_name(), _now()))
    return replace(exam, warnings=(*_other_regions_claimed(films), *exam.warnings))


def read_film(film: Located, classifier: LesionClassifier) -> tuple[CornerFinding, ...]:
    """Return a finding for each of a film's twelve corners; one that was not found is not visible."""
    patches = disc_patches(
        film.radiograph, film.landmarks, side=classifier.patch_side, side_px=classifier.patch_side_px
    )
    said = {finding.corner: finding for finding in classifier.classify(patches)}
    return tuple(
        said[corner] if film.landmarks.corner(corner) is not None else CornerFinding(corner, not_visible=True)
        for corner in corners_of(film.landmarks.region)
    )


def software_name() -> str:
    """Return name and version of this package."""
    return f"msasss {version('msasss')}"


def _exam(reading: Reading, films: Sequence[ExamFilm], scheme: ScoringScheme, provenance: Provenance) -> Exam:
    score = score_reading(reading, scheme)
    doubts = [
        warning
        for film in films
        if film.landmarks is not None
        for warning in level_warnings(film.landmarks, film.source)
    ]
    keys = (film.radiograph.patient_key for film in films if film.radiograph is not None)
    key = next((key for key in keys if key), None)
    return Exam(key, tuple(films), reading, scheme, score, (*doubts, *_gap(films), *score.warnings), provenance)


def _other_regions_claimed(films: Sequence[ExamFilm]) -> Iterator[str]:
    for film in films:
        claimed = film.radiograph.claimed_region if film.radiograph is not None else None
        if claimed not in (None, film.region):
            yield (
                f"{film.source}: Read as the {film.region.value} view, but its header says {claimed.value}. "
                "Check which film is which."
            )


def _gap(films: Sequence[ExamFilm]) -> Iterator[str]:
    dates = sorted(film.acquired_on for film in films if film.acquired_on is not None)
    if len(dates) == 2 and (days := (dates[1] - dates[0]).days) > LONGEST_GAP_DAYS:
        yield f"The two films are {days} days apart; a visit's are at most {LONGEST_GAP_DAYS}."


def _film(region: Region, image: str, radiograph: Radiograph | None, landmarks: Landmarks | None) -> ExamFilm:
    if radiograph is None:
        return ExamFilm(region, image, image, landmarks=landmarks)
    spacing, acquired_on = radiograph.spacing, radiograph.acquired_on
    return ExamFilm(region, image, radiograph.source, spacing, acquired_on, landmarks, radiograph)


def _films_read(reading: Reading, radiographs: Sequence[Radiograph]) -> dict[Region, Radiograph]:
    named = {region: film_named(image, radiographs) for region, image in reading.images.items()}
    at_hand = {region: film for region, film in named.items() if film is not None}
    for radiograph in radiographs:
        if radiograph not in at_hand.values():
            read = ", ".join(reading.images.values())
            msg = f"{radiograph.source}: Expected a film that was read ({read}), got another one. Leave it out."
            raise PairingError(msg)
    if len({film.uid for film in at_hand.values()}) < len(at_hand):
        read = ", ".join(reading.images.values())
        msg = f"{read}: Expected a film per region, got one film under two names. Correct the names."
        raise PairingError(msg)
    if len({film.patient_key for film in at_hand.values() if film.patient_key}) > 1:
        names = ", ".join(film.source for film in at_hand.values())
        msg = f"{names}: Expected films of one patient, got two. Read each patient's films under a table of their own."
        raise PairingError(msg)
    return at_hand


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
