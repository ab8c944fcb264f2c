"""From radiographs of any patients and dates to visits: one cervical and one lumbar view within three months.

The view is the one the localiser found in the pixels; what the header claims is not used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from msasss.anatomy import Region
from msasss.errors import PairingError
from msasss.exam import LONGEST_GAP_DAYS
from msasss.imaging import Landmarks, Radiograph
from msasss.pipeline.intake import Failure

_COUNTS: Final = ("no", "one", "two", "three", "four")
_NAME_TWO: Final = "Name the two films: --cervical FILE --lumbar FILE."


@dataclass(frozen=True, slots=True)
class Located:
    """A radiograph with what the localiser found on it."""

    radiograph: Radiograph
    landmarks: Landmarks

    @property
    def region(self) -> Region:
        """The view, as found in the pixels."""
        return self.landmarks.region


@dataclass(frozen=True, slots=True)
class Visit:
    """The films of one patient's visit; a view that was not taken is None.

    Raises:
        PairingError: If there is no film, a film shows the other region, or the films are of different patients.
    """

    cervical: Located | None = None
    lumbar: Located | None = None

    def __post_init__(self) -> None:
        if not self.films:
            msg = "Expected at least one film of a visit, got none. Give a lateral view of the spine."
            raise PairingError(msg)
        for region, film in ((Region.CERVICAL, self.cervical), (Region.LUMBAR, self.lumbar)):
            if film is not None and film.region is not region:
                msg = (
                    f"{film.radiograph.source}: Expected a {region.value} view, but the pixels show the "
                    f"{film.region.value} spine. Check which film is which."
                )
                raise PairingError(msg)
        if len(_known({film.radiograph.patient_key for film in self.films})) > 1:
            msg = f"{_names(self.films)}: Expected films of one patient, got two. Give each patient's films alone."
            raise PairingError(msg)

    @property
    def films(self) -> tuple[Located, ...]:
        """The films that were taken, the cervical one first."""
        return tuple(film for film in (self.cervical, self.lumbar) if film is not None)

    @property
    def patient_key(self) -> str | None:
        """What the files identify the patient by, or None."""
        return next((film.radiograph.patient_key for film in self.films if film.radiograph.patient_key), None)

    @property
    def visit_date(self) -> date | None:
        """Day of the later film, the first on which the whole set existed; None if no film has a date."""
        return max((film.radiograph.acquired_on for film in self.films if film.radiograph.acquired_on), default=None)

    @property
    def gap_days(self) -> int | None:
        """Days between the two films, or None without two dates."""
        dates = [film.radiograph.acquired_on for film in self.films if film.radiograph.acquired_on]
        return abs((dates[0] - dates[1]).days) if len(dates) == 2 else None


@dataclass(frozen=True, slots=True)
class Pairing:
    """The visits found, by patient and date, and the films that could not be paired."""

    visits: tuple[Visit, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class _Sitting:
    """All films of one region of one patient on one day; more than one is a repeat, and nothing says which counts."""

    films: tuple[Located, ...]
    taken_on: date

    @property
    def region(self) -> Region:
        return self.films[0].region


def pair_exams(located: Sequence[Located]) -> Pairing:
    """Group films into visits by patient and date.

    A cervical and a lumbar film of a patient at most 92 days apart make a visit, the nearest first; a film without a
    partner is a visit of one region. Films without patient or date are paired only if the call holds exactly one film
    of each region. A region taken twice on one day is a failure, together with its partner.
    """
    whose = [film for film in located if film.radiograph.patient_key and film.radiograph.acquired_on]
    if len(whose) < len(located):
        unnamed = [film for film in located if film not in whose]
        named, rest = _pair_dated(whose), _pair_unnamed(unnamed, is_all=not whose)
        return Pairing(named.visits + rest.visits, named.failures + rest.failures)
    return _pair_dated(whose)


def _pair_dated(films: Sequence[Located]) -> Pairing:
    visits: list[Visit] = []
    failures: list[Failure] = []
    for patient in sorted({film.radiograph.patient_key or "" for film in films}):
        of_patient = [film for film in films if film.radiograph.patient_key == patient]
        for group in _matched(_sittings(of_patient)):
            together = tuple(film for sitting in group for film in sitting.films)
            if all(len(sitting.films) == 1 for sitting in group):
                visits.append(_visit(together))
            else:
                failures.append(_not_a_set(together))
    return Pairing(tuple(visits), tuple(failures))


def _sittings(films: Iterable[Located]) -> list[_Sitting]:
    by_day: dict[tuple[date, str], list[Located]] = {}
    for film in films:
        day = film.radiograph.acquired_on
        if day is not None:
            by_day.setdefault((day, film.region.value), []).append(film)
    return [_Sitting(tuple(by_day[key]), key[0]) for key in sorted(by_day)]


def _matched(sittings: Sequence[_Sitting]) -> list[tuple[_Sitting, ...]]:
    """Return pairs of sittings of the two regions, nearest dates first, and the sittings left over, by date."""
    cervical = [sitting for sitting in sittings if sitting.region is Region.CERVICAL]
    lumbar = [sitting for sitting in sittings if sitting.region is Region.LUMBAR]
    candidates = sorted(
        (abs((neck.taken_on - back.taken_on).days), first, second)
        for first, neck in enumerate(cervical)
        for second, back in enumerate(lumbar)
    )
    groups: list[tuple[_Sitting, ...]] = []
    paired: list[_Sitting] = []
    for gap_days, first, second in candidates:
        pair = (cervical[first], lumbar[second])
        if gap_days <= LONGEST_GAP_DAYS and not any(sitting in paired for sitting in pair):
            groups.append(pair)
            paired.extend(pair)
    groups.extend((sitting,) for sitting in sittings if sitting not in paired)
    return sorted(groups, key=lambda group: max(sitting.taken_on for sitting in group))


def _pair_unnamed(films: Sequence[Located], *, is_all: bool) -> Pairing:
    """Pair films without patient or date if they are one of each region and the only films of the call."""
    regions = [film.region for film in films]
    one_of_each = is_all and sorted(region.value for region in regions) == ["cervical", "lumbar"]
    if one_of_each and _agree(films):
        return Pairing((_visit(films),), ())
    message = (
        f"{_names(films)}: Expected a patient and a date in each file, or one cervical and one lumbar view in all, got "
        f"{_counted(films)} without them{'' if is_all else ' among other films'}. {_cure(films)}"
    )
    return Pairing((), (Failure(_names(films), message),))


def _agree(films: Sequence[Located]) -> bool:
    """Say whether what the files do know of patients and dates allows one visit."""
    patients = _known({film.radiograph.patient_key for film in films})
    days = sorted(film.radiograph.acquired_on for film in films if film.radiograph.acquired_on)
    return len(patients) <= 1 and (len(days) < 2 or (days[-1] - days[0]).days <= LONGEST_GAP_DAYS)


def _known(keys: set[str | None]) -> set[str]:
    return {key for key in keys if key}


def _visit(films: Sequence[Located]) -> Visit:
    by_region = {film.region: film for film in films}
    return Visit(by_region.get(Region.CERVICAL), by_region.get(Region.LUMBAR))


def _not_a_set(films: Sequence[Located]) -> Failure:
    message = f"{_names(films)}: Expected one film of each region at a visit, got {_counted(films)}. {_cure(films)}"
    return Failure(_names(films), message)


def _cure(films: Sequence[Located]) -> str:
    regions = {film.region for film in films}
    if len(regions) > 1:
        return _NAME_TWO
    (region,) = regions
    if len(films) > 1:
        return f"Name the one to score with --{region.value} FILE."
    return f"Name it with --{region.value} FILE."


def _counted(films: Sequence[Located]) -> str:
    return " and ".join(
        f"{_COUNTS[count] if count < len(_COUNTS) else count} {region.value}{' view' if count == 1 else ' views'}"
        for region in Region
        for count in [sum(film.region is region for film in films)]
    )


def _names(films: Sequence[Located]) -> str:
    return ", ".join(film.radiograph.source for film in films)
