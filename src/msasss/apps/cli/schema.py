"""`msasss schema`: prints a JSON Schema of a result."""

from enum import Enum
from typing import Annotated

import typer

from msasss.apps.cli.console import result


class Contract(Enum):
    """A result with a schema."""

    EXAM = "exam"
    LOCATE = "locate"


def schema(contract: Annotated[Contract, typer.Argument(help="The result: score.json or locate --json.")]) -> None:
    """Print the JSON Schema of score.json or of locate --json.

    Example: msasss schema exam > exam-1.schema.json
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.formats.exam_json import SCHEMA_FILE, schema_text
    from msasss.formats.landmarks_json import SCHEMA_FILE as LOCATE_SCHEMA_FILE

    result(schema_text(SCHEMA_FILE if contract is Contract.EXAM else LOCATE_SCHEMA_FILE))
