"""What `msasss doctor` looks at; every finding is one line, and one that stops scoring is marked."""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from msasss.apps.cli.console import result
from msasss.apps.cli.networks_listing import installed_bundles
from msasss.errors import WeightsError
from msasss.models.weights import BUNDLED, verify

BROKEN = 1
DISTRIBUTION = "msasss"
# The name at the start of a requirement (PEP 508) and the extra at its end.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check-up.

    Args:
        text: What was found.
        exit_code: What the command ends with for it; 0 if it is well.
    """

    text: str
    exit_code: int = 0


def print_health() -> int:
    """Print the check-up and return the exit code: that of broken weights before any other."""
    findings = list(check_up())
    for finding in findings:
        result(f"{'BROKEN ' if finding.exit_code else 'ok     '}{finding.text}")
    return max(finding.exit_code for finding in findings)


def check_up() -> Iterator[Finding]:
    """Yield everything that is worth knowing about this installation."""
    yield Finding(f"{DISTRIBUTION} {version(DISTRIBUTION)}, Python {platform.python_version()}, {platform.platform()}")
    yield Finding(f"CPU: {_cpus()} usable")
    yield from _base()
    yield from _extras()
    yield from _decoders()
    yield _providers()
    yield from _weights()


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _base() -> Iterator[Finding]:
    for name in _required(None):
        installed = _version(name)
        yield Finding(f"{name} {installed}") if installed else Finding(f"{name} is not installed", BROKEN)


def _extras() -> Iterator[Finding]:
    for extra in metadata(DISTRIBUTION).get_all("Provides-Extra") or []:
        absent = [name for name in _required(extra) if _version(name) is None]
        state = f"not installed ({', '.join(absent)})" if absent else "installed"
        yield Finding(f"extra {extra}: {state}")


def _required(extra: str | None) -> list[str]:
    """Return the distributions that the package, or one of its extras, asks for."""
    names = []
    for requirement in requires(DISTRIBUTION) or []:
        of_extra = _EXTRA.search(requirement)
        name = _NAME.match(requirement)
        if name and (of_extra.group(1) if of_extra else None) == extra:
            names.append(name.group())
    return names


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _decoders() -> Iterator[Finding]:
    try:
        from msasss.dicom.decoders import available_decoders
    except ImportError as error:
        yield Finding(f"DICOM cannot be read: {error}", BROKEN)
        return
    for syntax, plugins in available_decoders().items():
        found = f"decoded by {', '.join(plugins)}" if plugins else "no decoder; install the package again"
        yield Finding(f"{syntax}: {found}", 0 if plugins else BROKEN)


def _providers() -> Finding:
    try:
        import onnxruntime
    except ImportError as error:
        return Finding(f"networks cannot be run: {error}", BROKEN)
    return Finding(f"onnxruntime providers: {', '.join(onnxruntime.get_available_providers())}; used: CPU")


def _weights() -> Iterator[Finding]:
    try:
        bundles = installed_bundles()
    except WeightsError as error:
        yield Finding(str(error), error.exit_code)
        return
    if not any(bundle.folder == BUNDLED for bundle in bundles):
        yield Finding("the default weights are missing; install the package again", WeightsError.exit_code)
    for bundle in bundles:
        for card in bundle:
            try:
                verify(card, bundle.folder)
            except WeightsError as error:
                yield Finding(str(error), error.exit_code)
            else:
                yield Finding(f"weights {bundle.name}/{card.name}: intact")
