"""Which film a table means by the name of an image."""

from collections.abc import Sequence

from msasss.imaging import Radiograph


def film_named(image: str, films: Sequence[Radiograph]) -> Radiograph | None:
    """Return the film that a table calls by this name, or None if none or several could be meant.

    Args:
        image: SOP instance UID, file name, or file name with some of its folders.
        films: Those at hand; a UID counts before a whole name, a whole name before one that differs in folders.
    """
    for is_meant in (_has_uid, _has_source, _ends_alike):
        meant = [film for film in films if is_meant(image, film)]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


def _has_uid(image: str, film: Radiograph) -> bool:
    return image == film.uid


def _has_source(image: str, film: Radiograph) -> bool:
    return image == film.source


def _ends_alike(image: str, film: Radiograph) -> bool:
    return film.source.endswith(f"/{image}") or image.endswith(f"/{film.source}")
