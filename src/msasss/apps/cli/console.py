"""What the command line says: results on stdout, everything else on stderr."""

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

import typer

Item = TypeVar("Item")


def result(text: str) -> None:
    """Print a result on stdout."""
    typer.echo(text.removesuffix("\n"))


def note(text: str) -> None:
    """Print a message on stderr."""
    typer.echo(text, err=True)


def counted(items: Iterable[Item], doing: str, *, total: int | None = None) -> Iterator[Item]:
    """Pass items on and show how far it is: a bar on a terminal, otherwise nothing but a line per item.

    Args:
        items: What is worked on. Their names are not shown: file names may identify a patient.
        doing: What is done with each, such as "Locating film".
        total: How many there are, where `items` does not know.
    """
    count = len(items) if isinstance(items, Sized) else total
    if count == 0:
        return
    if sys.stderr.isatty():
        yield from _with_bar(items, doing, count)
        return
    for number, item in enumerate(items, start=1):
        note(f"{doing} {number}" + ("" if count is None else f" of {count}"))
        yield item


def _with_bar(items: Iterable[Item], doing: str, count: int | None) -> Iterator[Item]:
    # rich takes a tenth of a second to import, which only a terminal needs.
    from rich.console import Console
    from rich.progress import track

    yield from track(items, doing, total=count, console=Console(stderr=True), transient=True)
