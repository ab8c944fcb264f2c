"""Weight cards, and the bundles of networks they make up.

A card (JSON) stands beside each ONNX file and states everything that changes what the network sees or says. Inference
reads the card and nothing else; a card that does not match its file is refused. A bundle is a folder with a
`manifest.json` that names the cards of one localiser and of one or more lesion networks.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

from msasss.errors import WeightsError

CARD_SCHEMA = "msasss/weight-card/1"
MANIFEST_SCHEMA = "msasss/weights/1"
MANIFEST = "manifest.json"
BUNDLED = Path(__file__).parent / "bundled"
LICENCE = "Apache-2.0"
NOTICE = "Trained on simulated radiographs only. Research use, not a medical device."

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


class NetworkKind(Enum):
    """What a network answers."""

    LOCALISER = "localiser"
    LESIONS = "lesions"


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a network was trained on.

    Args:
        description: One sentence.
        digest: sha256 over the list of training files and their digests.
        seeds: Geometry seeds of simulated data, as `first:stop`; empty for real films.
    """

    description: str
    digest: str
    seeds: str = ""


@dataclass(frozen=True, slots=True)
class WeightCard:
    """What a network file is and how it must be used.

    Args:
        name: Name of the network, unique in its bundle.
        kind: What it answers.
        file: File name of the ONNX file, beside the card.
        sha256: Digest of that file, 64 hexadecimal digits.
        settings: What inference needs beyond the network: labels, input size, thresholds, calibration. Kept as JSON
            gives it back: lists, never tuples.
        training_data: What it was trained on.
        metrics: Figures on held-out data, by name.
        software: Name and version of the software that trained it.
        created: Day it was made, ISO 8601.
        licence: SPDX identifier.
        notice: What a user must know before using it.

    Raises:
        WeightsError: If the digest is none, or the file is named with a folder.
    """

    name: str
    kind: NetworkKind
    file: str
    sha256: str
    settings: Mapping[str, Json]
    training_data: TrainingData
    metrics: Mapping[str, float]
    software: str
    created: str
    licence: str = LICENCE
    notice: str = NOTICE

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            msg = f"{self.name}: Expected a sha256 of 64 lower-case hexadecimal digits, got {self.sha256!r}."
            raise WeightsError(msg)
        if Path(self.file).name != self.file or not self.file:
            msg = f"{self.name}: Expected the name of a file beside the card, got {self.file!r}."
            raise WeightsError(msg)
        object.__setattr__(self, "settings", json.loads(json.dumps(self.settings)))


@dataclass(frozen=True, slots=True)
class Bundle:
    """The networks that score an exam together.

    Args:
        name: What `--weights` calls it.
        folder: Where its files lie.
        localiser: Card of the network that finds the vertebrae.
        lesions: Cards of the networks that answer for the lesions; together they answer for each label once.
    """

    name: str
    folder: Path
    localiser: WeightCard
    lesions: tuple[WeightCard, ...]

    def __iter__(self) -> Iterator[WeightCard]:
        return iter((self.localiser, *self.lesions))


def card_to_json(card: WeightCard) -> dict[str, Any]:
    """Return a card as JSON."""
    return {"schema": CARD_SCHEMA, **asdict(card), "kind": card.kind.value}


def card_from_json(record: Mapping[str, Any]) -> WeightCard:
    """Return the card that JSON states.

    Raises:
        WeightsError: If an entry is missing, unknown or of another schema.
    """
    fields = dict(record)
    if (schema := fields.pop("schema", None)) != CARD_SCHEMA:
        msg = f"Expected a weight card of schema {CARD_SCHEMA}, got {schema!r}. Take weights made for this version."
        raise WeightsError(msg)
    try:
        fields["kind"] = NetworkKind(fields["kind"])
        fields["training_data"] = TrainingData(**fields["training_data"])
        return WeightCard(**fields)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"Expected a complete weight card, got one that is not ({error}). Take the card from its release."
        raise WeightsError(msg) from error


def load_card(path: Path) -> WeightCard:
    """Read a card.

    Raises:
        WeightsError: If the file is missing or no card.
    """
    try:
        return card_from_json(_read_json(path))
    except WeightsError as error:
        msg = f"{path.name}: {error}"
        raise WeightsError(msg) from error


def save_card(path: Path, card: WeightCard) -> None:
    """Write a card."""
    path.write_text(json.dumps(card_to_json(card), indent=2) + "\n", encoding="utf-8")


def sha256_of(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(card: WeightCard, folder: Path) -> Path:
    """Return the path of a card's network file once its digest was found right.

    Raises:
        WeightsError: If the file is missing or another one than the card describes.
    """
    path = folder / card.file
    if not path.is_file():
        msg = f"{card.name}: Expected the network file {card.file} in {folder}, got none. Install the weights again."
        raise WeightsError(msg)
    if (found := sha256_of(path)) != card.sha256:
        msg = (
            f"{card.name}: Expected {card.file} with sha256 {card.sha256}, got {found}. "
            "The file is damaged or belongs to another card; install the weights again."
        )
        raise WeightsError(msg)
    return path


def load_bundle(folder: Path) -> Bundle:
    """Read the manifest and the cards of a bundle; the network files are not opened.

    Raises:
        WeightsError: If the manifest or a card is missing, malformed, or of the wrong kind.
    """
    manifest = _read_json(folder / MANIFEST)
    if (schema := manifest.get("schema")) != MANIFEST_SCHEMA:
        msg = f"{folder / MANIFEST}: Expected schema {MANIFEST_SCHEMA}, got {schema!r}."
        raise WeightsError(msg)
    try:
        name, localiser, lesions = str(manifest["name"]), str(manifest["localiser"]), list(manifest["lesions"])
    except (KeyError, TypeError) as error:
        msg = f"{folder / MANIFEST}: Expected name, localiser and lesions, got none under {error}."
        raise WeightsError(msg) from error
    return Bundle(
        name,
        folder,
        _card_of_kind(folder / localiser, NetworkKind.LOCALISER),
        tuple(_card_of_kind(folder / str(file), NetworkKind.LESIONS) for file in lesions),
    )


def find_bundle(name: str, *, search: Sequence[Path] = ()) -> Bundle:
    """Find a bundle by what `--weights` says.

    Args:
        name: "default" for the bundle in the package; another name, such as "paper", for a folder of that name in one
            of the folders searched; or the path of a folder.
        search: Folders that hold bundles, the first one that has it wins.

    Raises:
        WeightsError: If no such bundle is installed.
    """
    places = [BUNDLED] if name == "default" else [folder / name for folder in search] + [Path(name)]
    for folder in places:
        if (folder / MANIFEST).is_file():
            return load_bundle(folder)
    msg = (
        f"Expected weights named {name!r}, got no {MANIFEST} in {', '.join(str(folder) for folder in places)}. "
        "Install the weights there or give the path of their folder."
    )
    raise WeightsError(msg)


def _card_of_kind(path: Path, kind: NetworkKind) -> WeightCard:
    card = load_card(path)
    if card.kind is not kind:
        msg = f"{path.name}: Expected the card of a {kind.value} network, got one of kind {card.kind.value}."
        raise WeightsError(msg)
    return card


def _read_json(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"Expected the file {path}, got none that can be read. Install the weights again."
        raise WeightsError(msg) from error
    except ValueError as error:
        msg = f"{path}: Expected JSON, got something else ({error}). Install the weights again."
        raise WeightsError(msg) from error
    if not isinstance(record, dict):
        msg = f"{path}: Expected a JSON object, got {type(record).__name__}."
        raise WeightsError(msg)
    return record
