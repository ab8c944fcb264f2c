"""The two example films shipped with the package: simulated, of nobody."""

import shutil
from importlib import resources
from pathlib import Path

from msasss.errors import InputError, UsageError

FILMS = ("cervical.dcm", "lumbar.dcm")


def write_demo_films(folder: Path) -> tuple[Path, ...]:
    """Copy the example films into a folder, made if it does not exist.

    Returns:
        The paths of the cervical and the lumbar film.

    Raises:
        InputError: If the installed package lacks them.
        UsageError: If they cannot be written there.
    """
    shipped = resources.files("msasss.pipeline").joinpath("demo_films")
    paths = tuple(folder / name for name in FILMS)
    if not all(shipped.joinpath(name).is_file() for name in FILMS):
        msg = f"Expected the example films {' and '.join(FILMS)} in the package, got none. Install it again."
        raise InputError(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with resources.as_file(shipped.joinpath(path.name)) as source:
                shutil.copyfile(source, path)
    except OSError as error:
        msg = f"Expected a folder that can be written, got {folder} ({error.strerror}). Choose another with -o."
        raise UsageError(msg) from error
    return paths
