"""What `msasss node` does."""

import sys
import warnings
from pathlib import Path

from msasss.apps.cli.console import result
from msasss.apps.cli.networks import bundle_folders
from msasss.apps.node.config_file import example_config, load_config
from msasss.apps.node.node import run_node
from msasss.apps.node.node_log import log_to
from msasss.apps.node.opening import scorer_opener
from msasss.errors import UsageError


def print_example() -> None:
    """Print a settings file."""
    result(example_config())


def run(file: Path | None, *, is_check: bool, retry_dead: bool) -> None:
    """Run a node until it is told to stop.

    Raises:
        MsasssError: If the settings are wrong or it cannot start.
    """
    if file is None:
        msg = "Expected settings, got none. Write them with 'msasss node --example-config > node.toml', name --config."
        raise UsageError(msg)
    config = load_config(file)
    if is_check:
        result(f"{file.name}: {len(config.service.senders)} senders, {len(config.targets)} targets, no fault")
        return
    # Warnings of libraries show values of the files that they warn of.
    warnings.simplefilter("ignore")
    log_to(sys.stderr)
    run_node(
        config, scorer_opener(config, tuple(folder.resolve() for folder in bundle_folders())), retry_dead=retry_dead
    )
