"""`msasss`: assembles the verbs, and turns every error into a message and an exit code."""

import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from msasss.apps.cli import cohort, demo, doctor, evaluate, locate, models, node, report, schema, score, send
from msasss.apps.cli.console import note
from msasss.errors import MsasssError

ABOUT = "Score radiographic spinal damage (mSASSS). Research use, not a medical device."
EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected error, 2 usage, 3 input not scorable, 4 weights missing or not matching, "
    "5 network."
)
UNEXPECTED = 1

app = typer.Typer(
    name="msasss",
    help=ABOUT,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("score")(score.score)
app.command("report")(report.report)
app.command("send")(send.send)
app.command("locate")(locate.locate)
app.add_typer(cohort.app, name="cohort")
app.command("evaluate")(evaluate.evaluate)
app.add_typer(models.app, name="models")
app.command("node")(node.node)
app.command("doctor")(doctor.doctor)
app.command("schema")(schema.schema)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"msasss {version('msasss')}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Take the options that come before the verb."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments after the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return int(typer.main.get_command(app).main(args=arguments, prog_name="msasss") or 0)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except MsasssError as error:
        return _explain(str(error), error.exit_code, arguments)
    except Exception as error:  # noqa: BLE001 - the boundary of the application
        return _explain(f"Unexpected {type(error).__name__}: {error}", UNEXPECTED, arguments)


def _explain(message: str, exit_code: int, arguments: list[str]) -> int:
    """Show an error; call it inside the handler, whose traceback it shows on demand."""
    if "--debug" in arguments:
        note(traceback.format_exc())
    note(f"Error: {message}")
    if exit_code == UNEXPECTED and "--debug" not in arguments:
        note("Run 'msasss --debug ...' to see where, and report it with what 'msasss doctor' prints.")
    return exit_code
