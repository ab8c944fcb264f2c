"""What an evaluation is about: visits, what readers say about them, and what is known of patients and films."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from msasss.anatomy import Region
from msasss.cohort.records import CohortVisit, Fold, ImageNote, Patient
from msasss.errors import ReadingError, UsageError
from msasss.formats.readings_csv import per_image
from msasss.reading import Reader, ReaderKind, Reading

_UNDATED = date.max


@dataclass(frozen=True, slots=True)
class Study:
    """Readings of the visits of a study.

    Args:
        visits: The visits evaluated, by patient and date.
        readings: One per image and reader; see `study_of`.
        patients: What is known of patients, by pseudonym; may be empty.
        notes: What is noted about images, by name; may be empty.
        folds: The fold of each patient; empty if the cohort was not split.
        all_visits: The visits before any were left out.
        fold: The fold evaluated; None for all.
        has_patients: Whether visits are known to belong to patients; else each is taken as a patient's only one.
        simulated: The films are simulated.
    """

    visits: tuple[CohortVisit, ...]
    readings: Mapping[tuple[str, Reader], Reading]
    patients: Mapping[str, Patient] = field(default_factory=dict)
    notes: Mapping[str, ImageNote] = field(default_factory=dict)
    folds: Mapping[str, Fold] = field(default_factory=dict)
    all_visits: tuple[CohortVisit, ...] = ()
    fold: Fold | None = None
    has_patients: bool = True
    simulated: bool = False

    @property
    def readers(self) -> tuple[Reader, ...]:
        """Who read some image of the visits: networks, then persons, then consensus; by name."""
        images = {image for visit in self.visits for image in visit.images.values()}
        found = {reader for image, reader in self.readings if image in images}
        return tuple(sorted(found, key=lambda reader: (_KINDS.index(reader.kind), reader.id)))

    @property
    def persons(self) -> tuple[Reader, ...]:
        """The human readers, by name."""
        return tuple(reader for reader in self.readers if reader.kind is ReaderKind.HUMAN)

    @property
    def patient_names(self) -> tuple[str, ...]:
        """The pseudonyms of the patients with a visit, in the order of the visits."""
        return tuple(dict.fromkeys(visit.patient for visit in self.visits))

    def readings_of(self, image: str, readers: Iterable[Reader]) -> tuple[Reading, ...]:
        """Return the readings of an image by some readers; those who did not read it are left out."""
        return tuple(self.readings[image, reader] for reader in readers if (image, reader) in self.readings)


_KINDS = (ReaderKind.MODEL, ReaderKind.HUMAN, ReaderKind.CONSENSUS)


def study_of(
    visits: Iterable[CohortVisit],
    readings: Iterable[Reading],
    *,
    patients: Mapping[str, Patient] | None = None,
    notes: Mapping[str, ImageNote] | None = None,
    folds: Mapping[str, Fold] | None = None,
    simulated: bool = False,
) -> Study:
    """Match readings with visits.

    Args:
        visits: The visits.
        readings: Of one or both images of a visit each.
        patients: What is known of patients.
        notes: What is noted about images.
        folds: The fold of each patient.
        simulated: The films are simulated; also taken to be so where a reading's software says it.

    Raises:
        ReadingError: If there is no reading, a reader read an image twice or goes by two kinds, or an image belongs
            to no visit or was read as the other region.
    """
    ordered = tuple(sorted(visits, key=lambda visit: (visit.patient, visit.visit_date or _UNDATED)))
    by_image = _by_image(readings)
    _check_images(ordered, by_image)
    claims = any("simulat" in (reading.software or "").lower() for reading in by_image.values())
    return Study(
        visits=ordered,
        readings=by_image,
        patients=patients or {},
        notes=notes or {},
        folds=folds or {},
        all_visits=ordered,
        simulated=simulated or claims,
    )


def study_of_images(readings: Iterable[Reading], *, simulated: bool = False) -> Study:
    """Make a study of readings alone.

    Where the readings are of one cervical and one lumbar image at most, these are one visit; otherwise every image
    is taken for the only one of its patient.

    Raises:
        ReadingError: As `study_of`.
    """
    parts = per_image(readings)
    regions = {image: region for reading in parts for region, image in reading.images.items()}
    if len(set(regions.values())) == len(regions):
        visits = [CohortVisit("patient", "visit", {region: image for image, region in regions.items()})]
    else:
        visits = [CohortVisit(image, image, {region: image}) for image, region in regions.items()]
    return replace(study_of(visits, parts, simulated=simulated), has_patients=False)


def of_fold(study: Study, fold: Fold | None) -> Study:
    """Keep the visits of the patients of one fold; None keeps all.

    Raises:
        UsageError: If no patient is in it.
    """
    if fold is None:
        return study
    kept = tuple(visit for visit in study.visits if study.folds.get(visit.patient) is fold)
    if not kept:
        msg = f"Expected patients in the fold {fold.value}, got none. Add split.csv to the cohort or evaluate all."
        raise UsageError(msg)
    return replace(study, visits=kept, fold=fold)


def of_centre(study: Study, centre: str) -> Study:
    """Keep the visits with a film from one centre, and the patients who have one."""
    everything = tuple(visit for visit in study.all_visits if centre in _centres(study, visit))
    names = {visit.patient for visit in everything}
    return replace(
        study,
        visits=tuple(visit for visit in study.visits if visit in everything),
        all_visits=everything,
        patients={name: patient for name, patient in study.patients.items() if name in names},
        folds={name: fold for name, fold in study.folds.items() if name in names},
    )


def centres_of(study: Study) -> tuple[str, ...]:
    """Return the centres that the notes about images name, by name."""
    return tuple(sorted({centre for visit in study.visits for centre in _centres(study, visit)}))


def _centres(study: Study, visit: CohortVisit) -> set[str]:
    notes = [study.notes[image] for image in visit.images.values() if image in study.notes]
    return {note.centre for note in notes if note.centre}


def _by_image(readings: Iterable[Reading]) -> dict[tuple[str, Reader], Reading]:
    found: dict[tuple[str, Reader], Reading] = {}
    kinds: dict[str, ReaderKind] = {}
    for reading in per_image(readings):
        (image,), reader = reading.images.values(), reading.reader
        if (image, reader) in found:
            msg = f"Expected one reading of {image} by reader {reader.id}, got two. Remove one."
            raise ReadingError(msg)
        if kinds.setdefault(reader.id, reader.kind) is not reader.kind:
            msg = (
                f"Expected reader {reader.id} to be {kinds[reader.id].value} throughout, got also {reader.kind.value}."
            )
            raise ReadingError(msg)
        found[image, reader] = reading
    if not found:
        msg = "Expected readings to evaluate, got none. Name a table of readings."
        raise ReadingError(msg)
    return found


def _check_images(visits: Iterable[CohortVisit], readings: Mapping[tuple[str, Reader], Reading]) -> None:
    regions: dict[str, Region] = {image: region for visit in visits for region, image in visit.images.items()}
    for (image, reader), reading in readings.items():
        (read_as,) = reading.images
        if image not in regions:
            msg = f"Expected readings of images that a visit names, got {image} by {reader.id}. Add it to visits.csv."
            raise ReadingError(msg)
        if regions[image] is not read_as:
            msg = (
                f"Expected {image} to be read as the {regions[image].value} image that its visit names, got "
                f"{read_as.value} corners by {reader.id}. Correct visits.csv or the reading."
            )
            raise ReadingError(msg)
