"""Everything the package raises on purpose.

The tree, with the exit code a command ends with:

    MsasssError                  1
    ├── UsageError               2   arguments that contradict each other or name nothing
    ├── InputError               3   an input that cannot be scored
    │   ├── RadiographError          a file that is no readable lateral radiograph
    │   │   └── NoImageError             no image, or none to score: a report, a DICOMDIR, an overlay
    │   ├── LandmarkError            points that are missing, misnamed or implausible
    │   ├── ReadingError             a reading that is incomplete or contradicts itself
    │   ├── SchemeError              a scoring scheme that is not well formed
    │   └── PairingError             files that do not make one visit of one patient
    ├── WeightsError             4   weights missing, damaged or not what their card says
    └── NetworkError             5   a PACS or web service that does not answer

A message names the rule, the value that broke it and the cure, and never a patient's name, birth date or identifier.

    from msasss.errors import InputError

    try:
        exam = score_exam(radiographs, localiser, classifier)
    except InputError as error:
        print(error)
"""

from typing import ClassVar


class MsasssError(Exception):
    """Base of every error raised on purpose by this package."""

    exit_code: ClassVar[int] = 1


class UsageError(MsasssError):
    """Arguments contradict each other, or name something that does not exist."""

    exit_code: ClassVar[int] = 2


class InputError(MsasssError):
    """An input cannot be scored."""

    exit_code: ClassVar[int] = 3


class RadiographError(InputError):
    """A file is no readable lateral radiograph of the spine."""


class NoImageError(RadiographError):
    """A file holds no image, as a DICOM report, or only our drawing of one; in a folder that is no fault."""


class LandmarkError(InputError):
    """Landmarks are missing, misnamed or implausible."""


class ReadingError(InputError):
    """A reading is incomplete or contradicts itself."""


class SchemeError(InputError):
    """A scoring scheme is not well formed."""


class PairingError(InputError):
    """Files do not make one visit of one patient."""


class WeightsError(MsasssError):
    """Weights are missing, damaged, or not the ones their card describes."""

    exit_code: ClassVar[int] = 4


class NetworkError(MsasssError):
    """A PACS or web service refused or did not answer."""

    exit_code: ClassVar[int] = 5
