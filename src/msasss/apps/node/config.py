"""What a node is told: where it listens, whom it answers, how long it waits, where results go."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msasss.dicom.codes import PRIVATE_CODES, CodeMap
from msasss.dicom.service import ServiceSettings
from msasss.dicom.structured_report import ReportKind
from msasss.dicom.transfer import DicomTarget
from msasss.dicom.web import WebTarget
from msasss.pipeline.result_objects import ResultKind
from msasss.scoring import MSASSS, ScoringScheme

EXAMPLE: Final = "example.toml"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the node waits for the second view of a patient.

    Args:
        quiet_s: A complete pair of one day is scored once no film of the patient has come for so long.
        wait_s: A film without a partner is scored alone after so long.
    """

    quiet_s: float = 15.0
    wait_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How often something that failed is tried again.

    Args:
        first_s: Delay after the first failure; it doubles with each, less a random part.
        longest_s: Longest delay.
        give_up_after_s: A result that no attempt has delivered for so long goes to the dead letters.
    """

    first_s: float = 5.0
    longest_s: float = 900.0
    give_up_after_s: float = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where results go, and which kinds of them."""

    name: str
    address: DicomTarget | WebTarget
    kinds: tuple[ResultKind, ...]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How films are scored.

    Args:
        weights: Name or folder of a bundle.
        scheme: The scoring rules.
        threads: CPU threads of each network.
        report: Storage class of the structured report.
        codes: The site's own codes for our terms.
        job_s: Longest time one film or visit may take.
    """

    weights: str = "default"
    scheme: ScoringScheme = MSASSS
    threads: int = 2
    report: ReportKind = ReportKind.COMPREHENSIVE_3D
    codes: CodeMap = PRIVATE_CODES
    job_s: float = 300.0


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """All settings of a node.

    Args:
        service: Where it listens and whom it answers.
        folder: Holds queue, films, results and dead letters; must be on a local disk.
        targets: Where results go.
        least_free_bytes: Films are refused as long as the folder's disk has less room.
        keep_dead_s: Dead letters are deleted after so long.
        status: Host and port of metrics and health; None serves neither.
        stop_s: How long the work in hand may take to end when the node is stopped.
    """

    service: ServiceSettings
    folder: Path
    targets: tuple[Target, ...]
    scoring: Scoring = field(default_factory=Scoring)
    patience: Patience = field(default_factory=Patience)
    retry: Retry = field(default_factory=Retry)
    least_free_bytes: int = 500 * 2**20
    keep_dead_s: float = 30 * 86400.0
    status: tuple[str, int] | None = ("127.0.0.1", 9108)
    stop_s: float = 20.0
