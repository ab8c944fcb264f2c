"""From many radiographs to scored exams, one at a time; what fails is reported and never stops the others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msasss.anatomy import Region
from msasss.errors import InputError, PairingError
from msasss.exam import Exam
from msasss.formats.readings_csv import join
from msasss.imaging import Facing, Landmarks, Radiograph
from msasss.models.ports import LesionClassifier, Localiser
from msasss.pipeline.intake import Failure
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
    together, by patient and date.

    Args:
        readings: One per image and reader, as `readings.csv` holds them.
        radiographs: Films, where they are at hand; those that nobody read are left out.
        landmarks: Points by image, named as the readings name it.
        scheme: The scoring rules.

    Raises:
        PairingError: If several images of a region were read and a film to tell the visits apart is missing.
    """
    by_name = {name: film for film in radiographs for name in (film.source, film.uid)}
    for of_reader in _by_reader(readings):
        films = {image: by_name[image] for image in _images(of_reader) if image in by_name}
        groups, failures = _by_visit(of_reader, films)
        yield from failures
        for group in groups:
            shown = [films[image] for image in _images(group) if image in films]
            yield score_reading_exam(join(group), shown, landmarks=landmarks, scheme=scheme)


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
