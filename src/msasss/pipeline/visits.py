"""From many radiographs to scored exams, one at a time; what fails is reported and never stops the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msasss.anatomy import Region
from msasss.errors import InputError, PairingError
from msasss.exam import Exam
from msasss.formats.readings_csv import join
from msasss.imaging import Facing, Landmarks, Radiograph
from msasss.models.ports import LesionClassifier, Localiser
from msasss.pipeline.film_names import film_named
from msasss.pipeline.intake import Failure
from msasss.pipeline.known_points import check_all_named
from msasss.pipeline.pairing import Located, Visit, pair_exams
from msasss.pipeline.score import score_reading_exam, score_visit
from msasss.reading import Reading
from msasss.scoring import MSASSS, ScoringScheme


@dataclass(frozen=True, slots=True)
class Films:
    """Radiographs with what was found on them, and the failures of those on which nothing was."""

    located: tuple[Located, ...]
    failures: tuple[Failure, ...]


def locate_films(radiographs: Iterable[Radiograph], localiser: Localiser) -> Films:
    """Find the vertebrae on every film; a film that shows no spine is a failure."""
    located: list[Located] = []
    failures: list[Failure] = []
    for radiograph in radiographs:
        try:
            located.append(Located(radiograph, localiser.locate(radiograph)))
        except InputError as error:
            failures.append(Failure(radiograph.source, str(error)))
    return Films(tuple(located), tuple(failures))


def score_visits(
    visits: Iterable[Visit],
    classifier: LesionClassifier,
    *,
    scheme: ScoringScheme = MSASSS,
    weights: Mapping[str, str] | None = None,
) -> Iterator[Exam | Failure]:
    """Score visits one at a time; a visit that cannot be scored is a failure."""
    for visit in visits:
        try:
            yield score_visit(visit, classifier, scheme=scheme, weights=weights)
        except InputError as error:
            yield Failure(", ".join(film.radiograph.source for film in visit.films), str(error))


def score_readings(
    readings: Sequence[Reading],
    radiographs: Sequence[Radiograph] = (),
    *,
    landmarks: Mapping[str, Landmarks] | None = None,
    scheme: ScoringScheme = MSASSS,
) -> Iterator[Exam | Failure]:
    """Score the readings that people made of single images, one exam per reader and visit.

    Where a reader read at most one image per region, these are one visit. Otherwise the films say which images belong
    together, by patient and date. A reader or a visit that cannot be scored is a failure and never stops the others; a
    film that nobody read is a failure too.

    Args:
        readings: One per image and reader, as `readings.csv` holds them.
        radiographs: Films, where they are at hand.
        landmarks: Points by image as the readings name it, or by the film's SOP instance UID or file name.
        scheme: The scoring rules.

    Raises:
        LandmarkError: If points are of neither an image that was read nor a film.
    """
    check_all_named(landmarks or {}, radiographs, "Points", read=_images(readings))
    named = {image: film_named(image, radiographs) for image in _images(readings)}
    films = {image: film for image, film in named.items() if film is not None}
    for of_reader in _by_reader(readings):
        try:
            groups, failures = _by_visit(of_reader, films)
        except InputError as error:
            yield _not_scored(of_reader, error)
            continue
        yield from failures
        for group in groups:
            yield _score_group(group, films, landmarks, scheme)
    yield from _unread(radiographs, films.values())


def _score_group(
    group: Sequence[Reading],
    films: Mapping[str, Radiograph],
    landmarks: Mapping[str, Landmarks] | None,
    scheme: ScoringScheme,
) -> Exam | Failure:
    shown = [films[image] for image in _images(group) if image in films]
    try:
        return score_reading_exam(join(group), shown, landmarks=landmarks, scheme=scheme)
    except InputError as error:
        return _not_scored(group, error)


def _not_scored(readings: Sequence[Reading], error: InputError) -> Failure:
    return Failure(", ".join(_images(readings)), str(error))


def _unread(radiographs: Iterable[Radiograph], read: Iterable[Radiograph]) -> Iterator[Failure]:
    uids = {film.uid for film in read}
    for radiograph in radiographs:
        if radiograph.uid not in uids:
            msg = (
                f"{radiograph.source}: Expected a film that a reading names by SOP instance UID or file name, got one "
                "that none does. Leave it out, or correct its name in the readings."
            )
            yield Failure(radiograph.source, msg)


def _by_reader(readings: Sequence[Reading]) -> list[list[Reading]]:
    of_reader: dict[object, list[Reading]] = {}
    for reading in readings:
        of_reader.setdefault(reading.reader, []).append(reading)
    return list(of_reader.values())


def _images(readings: Iterable[Reading]) -> list[str]:
    return [image for reading in readings for image in reading.images.values()]


def _by_visit(
    readings: Sequence[Reading], films: Mapping[str, Radiograph]
) -> tuple[list[list[Reading]], tuple[Failure, ...]]:
    regions = [region for reading in readings for region in reading.regions]
    if len(regions) == len(set(regions)):
        return [list(readings)], ()
    absent = [image for image in _images(readings) if image not in films]
    if absent:
        msg = (
            f"Expected the films of the {len(regions)} images that {readings[0].reader.id} read, to tell the visits "
            f"apart, got none of {absent[0]}. Give the films, or one visit per table."
        )
        raise PairingError(msg)
    by_uid = {films[image].uid: reading for reading in readings for image in reading.images.values()}
    pairing = pair_exams([_as_read(films[image], region) for r in readings for region, image in r.images.items()])
    groups = [[by_uid[film.radiograph.uid] for film in visit.films] for visit in pairing.visits]
    return groups, pairing.failures


def _as_read(radiograph: Radiograph, region: Region) -> Located:
    """Return a film with the region it was read as, and no points: pairing asks for nothing more."""
    return Located(radiograph, Landmarks(region, Facing.LEFT, ()))
