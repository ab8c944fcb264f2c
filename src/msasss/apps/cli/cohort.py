"""`msasss cohort`: labelled films of many patients, in a folder of tables and images."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.options import AsJson, Inputs, Threads, Weights

app = typer.Typer(help="Build, check, split and import cohorts.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(metavar="COHORT", help="Folder of the cohort.", show_default=False)]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="COHORT", file_okay=False, help="New folder to write.", show_default=False),
]


class RegionFrom(Enum):
    """Where the region of a film is taken from."""

    PIXELS = "pixels"
    HEADER = "header"


class Form(Enum):
    """How films come into a cohort."""

    PNG = "png"
    COPY = "copy"
    LINK = "link"


class Source(Enum):
    """A form of annotations that can be imported."""

    CSXA = "csxa"
    BUU_LSPINE = "buu-lspine"
    COCO = "coco"
    LABEL_STUDIO = "label-studio"


class Side(Enum):
    """The side of the image that patients face."""

    LEFT = "left"
    RIGHT = "right"


class Origin(Enum):
    """Where coordinates count from: the centre of the top-left pixel or its outer corner."""

    CENTRE = "centre"
    CORNER = "corner"


@app.command("build")
def build(
    inputs: Inputs = None,
    *,
    output: Output,
    region_from: Annotated[
        RegionFrom, typer.Option(help="'pixels' asks the localiser; 'header' believes the files.")
    ] = RegionFrom.PIXELS,
    images: Annotated[
        Form, typer.Option(help="'png' writes grey values without a header; 'copy' and 'link' keep the files.")
    ] = Form.PNG,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write who is who; by default beside COHORT, as COHORT-key.csv.",
            dir_okay=False,
        ),
    ] = None,
    weights: Weights = "default",
    threads: Threads = 2,
) -> None:
    """Make a cohort of films: pair them into visits and replace patients by P0001, P0002, ...

    Example: msasss cohort build films/ -o my-cohort
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.cohort_run import BuildRequest, run_build

    chosen = key or output.with_name(f"{output.name}-key.csv")
    by_header = region_from is RegionFrom.HEADER
    request = BuildRequest(tuple(inputs or ()), output, chosen, images.value, None if by_header else weights, threads)
    raise typer.Exit(run_build(request))


@app.command("check")
def check(
    cohort: Folder,
    *,
    pixels: Annotated[
        bool, typer.Option("--pixels/--no-pixels", help="Decode every image, or only see that the files are there.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """List everything that is wrong with the files of a cohort, by file, row and column.

    Ends with 3 if anything is.

    Example: msasss cohort check my-cohort
    """
    from msasss.apps.cli.cohort_run import run_check

    raise typer.Exit(run_check(cohort, pixels=pixels, as_json=as_json))


@app.command("split")
def split(
    cohort: Folder,
    *,
    seed: Annotated[int, typer.Option(help="Decides between patients that are alike.")] = 0,
    test: Annotated[float, typer.Option(metavar="SHARE", help="Share of all visits for the test.")] = 0.2,
    validation: Annotated[float, typer.Option(metavar="SHARE", help="Share of the other visits for validation.")] = 0.2,
) -> None:
    """Write split.csv: whole patients into train, validation and test, evenly by score and lesions.

    A split that is there is never replaced.

    Example: msasss cohort split my-cohort --seed 1
    """
    from msasss.apps.cli.cohort_run import run_split

    raise typer.Exit(run_split(cohort, seed=seed, test_share=test, validation_share=validation))


@app.command("import")
def import_annotations(
    source: Annotated[Source, typer.Argument(help="The form of the annotations.", show_default=False)],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="Folder of the data set, or JSON file.", show_default=False)
    ],
    *,
    output: Output,
    images: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the images of a JSON file; by default its own.", file_okay=False),
    ] = None,
    visits: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="visits.csv: whose the images are, and which belong together.", dir_okay=False
        ),
    ] = None,
    facing: Annotated[Side, typer.Option(help="Where the patients of csxa or buu-lspine face.")] = Side.LEFT,
    pixel_origin: Annotated[
        Origin, typer.Option(help="Where the coordinates of coco count from in the top-left pixel.")
    ] = Origin.CENTRE,
    link: Annotated[bool, typer.Option("--link", help="Link to the images instead of copying them.")] = False,
) -> None:
    """Make a cohort of annotated films: CSXA, BUU-LSPINE, COCO keypoints or Label Studio.

    Example: msasss cohort import csxa CSXA/ -o csxa-cohort

    Example: msasss cohort import coco points.json --images films/ --visits visits.csv -o my-cohort
    """
    from msasss.apps.cli.cohort_import_run import ImportRequest, run_import

    request = ImportRequest(
        source.value, path, output, images or path.parent, visits, facing.value, pixel_origin.value, link
    )
    raise typer.Exit(run_import(request))
