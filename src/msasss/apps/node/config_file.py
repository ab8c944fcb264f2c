"""A node's settings from its TOML file."""

import ipaddress
import tomllib
from importlib import resources
from pathlib import Path

from msasss.apps.node.config import EXAMPLE, NodeConfig, Patience, Retry, Scoring, Target
from msasss.apps.node.toml_table import TomlTable
from msasss.dicom.association_limits import Limits
from msasss.dicom.codes import PRIVATE_CODES, load_code_map
from msasss.dicom.service import Sender, ServerTls, ServiceSettings
from msasss.dicom.structured_report import ReportKind
from msasss.dicom.transfer import ClientTls, DicomTarget
from msasss.dicom.web import WebTarget, read_credentials
from msasss.errors import UsageError
from msasss.formats import scheme_json
from msasss.pipeline.result_objects import ResultKind, kinds_available
from msasss.scoring import SCHEMES, ScoringScheme

_MB, _HOUR_S, _DAY_S = 2**20, 3600.0, 86400.0


def example_config() -> str:
    """Return a settings file with every setting and its default."""
    return resources.files("msasss.apps.node").joinpath(EXAMPLE).read_text(encoding="utf-8")


def load_config(file: Path) -> NodeConfig:
    """Read the settings of a node.

    Raises:
        UsageError: If the file cannot be read, or a setting is missing, unknown or wrong.
    """
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{file.name}: Expected a settings file, but it cannot be read ({type(error).__name__})"
        msg = f"{problem}. Write one with 'msasss node --example-config'."
        raise UsageError(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"{file.name}: Expected TOML, got something else ({error}). Compare 'msasss node --example-config'."
        raise UsageError(msg) from error
    return _config(TomlTable(values, file))


def _config(whole: TomlTable) -> NodeConfig:
    node, limits, retry, status = (whole.table(name) for name in ("node", "limits", "retry", "status"))
    config = NodeConfig(
        service=_service(whole, node, limits),
        folder=node.path("folder"),
        targets=_targets(whole),
        scoring=_scoring(node),
        patience=Patience(node.number("quiet_s", 15), node.number("wait_s", 900)),
        retry=_retry(retry),
        least_free_bytes=limits.integer("least_free_mb", 500, low=0) * _MB,
        keep_dead_s=node.number("keep_dead_days", 30) * _DAY_S,
        status=_status(status),
        stop_s=node.number("stop_s", 20),
    )
    for table in (whole, node, limits, retry, status):
        table.finish()
    return config


def _service(whole: TomlTable, node: TomlTable, limits: TomlTable) -> ServiceSettings:
    return ServiceSettings(
        ae_title=node.title("ae_title", "MSASSS"),
        host=node.text("host", "127.0.0.1"),
        port=node.integer("port", 11112, low=0, high=65535),
        senders=tuple(_sender(table) for table in whole.tables("senders")),
        limits=Limits(
            object_bytes=limits.integer("object_mb", 128, high=4096) * _MB,
            pdu_bytes=limits.integer("pdu_kb", 64, low=4, high=16384) * 1024,
            associations=limits.integer("associations", 8, high=1000),
            idle_s=limits.number("idle_s", 30, low=0.1),
        ),
        tls=_server_tls(whole.table("tls")) if whole.has("tls") else None,
    )


def _sender(table: TomlTable) -> Sender:
    title, address = table.title("ae_title"), table.text("address")
    try:
        network = ipaddress.ip_network(address, strict=False)
    except ValueError:
        table.reject("address", "an IP address or network such as 192.0.2.0/24", address, "Correct it")
    table.finish()
    return Sender(title, network)


def _server_tls(table: TomlTable) -> ServerTls:
    client_ca = table.path("client_ca") if table.has("client_ca") else None
    tls = ServerTls(table.path("certificate"), table.path("key"), client_ca)
    table.finish()
    return tls


def _targets(whole: TomlTable) -> tuple[Target, ...]:
    targets = tuple(_target(table) for table in whole.tables("targets"))
    names = [target.name for target in targets]
    if len(set(names)) < len(names):
        whole.reject("targets", "a name of its own for each target", ", ".join(names), "Rename one")
    return targets


def _target(table: TomlTable) -> Target:
    kinds = table.choices("objects", {kind.value: kind for kind in ResultKind})
    if table.has("objects") and ResultKind.PDF in kinds and ResultKind.PDF not in kinds_available():
        cure = "Run 'pip install \"msasss[pdf]\"' and see 'msasss doctor'"
        table.reject("objects", "objects that this installation can make", ResultKind.PDF.value, cure)
    timeout_s = table.number("timeout_s", 30, low=0.1)
    name = table.text("name")
    address: DicomTarget | WebTarget
    if table.has("url"):
        credentials = read_credentials(table.path("credentials")) if table.has("credentials") else None
        address = WebTarget(table.text("url"), credentials, _client_tls(table), timeout_s)
    else:
        title, calling = table.title("ae_title"), table.title("calling_ae_title", "MSASSS")
        tls = _client_tls(table) or (ClientTls() if table.flag("tls") else None)
        port = table.integer("port", high=65535)
        address = DicomTarget(title, table.text("host"), port, calling, tls, timeout_s)
    table.finish()
    return Target(name, address, tuple(kind for kind in kinds if kind in kinds_available()))


def _client_tls(table: TomlTable) -> ClientTls | None:
    table.has("tls")
    files = [table.path(key) if table.has(key) else None for key in ("ca", "certificate", "key")]
    return ClientTls(*files) if any(files) else None


def _scoring(node: TomlTable) -> Scoring:
    return Scoring(
        weights=node.text("weights", "default"),
        scheme=_scheme(node),
        threads=node.integer("threads", 2, high=64),
        report=node.choice("report", {kind.value: kind for kind in ReportKind}, ReportKind.COMPREHENSIVE_3D.value),
        codes=load_code_map(node.path("codes")) if node.has("codes") else PRIVATE_CODES,
        job_s=node.number("job_s", 300, low=1),
    )


def _scheme(node: TomlTable) -> ScoringScheme:
    name = node.text("scheme", "msasss")
    return scheme_json.load(node.path("scheme")) if name.endswith(".json") else node.choice("scheme", SCHEMES, name)


def _retry(table: TomlTable) -> Retry:
    hours = table.number("give_up_after_h", 72, low=0.0)
    return Retry(table.number("first_s", 5, low=0.01), table.number("longest_s", 900, low=0.01), hours * _HOUR_S)


def _status(table: TomlTable) -> tuple[str, int] | None:
    host, port = table.text("host", "127.0.0.1"), table.integer("port", 9108, low=0, high=65535)
    return (host, port) if port else None
