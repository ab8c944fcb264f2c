"""A node's settings: what the example says, what is read, what is refused and how that is said."""

from ipaddress import ip_network

import pytest

from msasss.apps.node import config_file
from msasss.apps.node.config import NodeConfig, Patience, Retry, Scoring
from msasss.apps.node.config_file import example_config, load_config
from msasss.dicom.association_limits import Limits
from msasss.dicom.service import Sender, ServerTls
from msasss.dicom.structured_report import ReportKind
from msasss.dicom.transfer import ClientTls, DicomTarget
from msasss.dicom.web import Credentials, WebTarget, read_credentials
from msasss.errors import UsageError
from msasss.pipeline.result_objects import ResultKind, kinds_available

SHORTEST = """
[node]
folder = "spool"
[[senders]]
ae_title = "PACS"
address = "192.0.2.1"
[[targets]]
name = "pacs"
ae_title = "PACS"
host = "192.0.2.1"
port = 104
"""


def loaded(tmp_path, text) -> NodeConfig:
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path / "node.toml")


def uncommented() -> str:
    """The example with every setting switched on."""
    lines = []
    for line in example_config().splitlines():
        bare = line.removeprefix("# ")
        is_setting = line.startswith("# ") and ("[" in bare[:2] or " = " in bare)
        lines.append(bare if is_setting else line)
    return "\n".join(lines)


def test_the_shortest_settings_take_every_default(tmp_path):
    config = loaded(tmp_path, SHORTEST)
    assert config.folder == tmp_path / "spool"
    assert config.service.senders == (Sender("PACS", ip_network("192.0.2.1/32")),)
    assert config.service.limits == Limits()
    assert (config.patience, config.retry, config.scoring) == (Patience(), Retry(), Scoring())
    [target] = config.targets
    assert target.address == DicomTarget("PACS", "192.0.2.1", 104)
    assert target.kinds == kinds_available()
    assert config.status == ("127.0.0.1", 9108)


def test_the_example_is_valid_and_its_comments_are_the_defaults(tmp_path):
    plain = loaded(tmp_path, example_config())
    (tmp_path / "pacs.secret").write_text("user:word")
    (tmp_path / "site-codes.csv").write_text("code,scheme,value,meaning\n")
    whole = loaded(tmp_path, uncommented())
    assert (whole.patience, whole.retry, whole.scoring) == (plain.patience, plain.retry, plain.scoring)
    assert whole.service.limits == plain.service.limits
    assert (whole.status, whole.stop_s, whole.keep_dead_s) == (plain.status, plain.stop_s, plain.keep_dead_s)
    assert whole.service.tls == ServerTls(*(tmp_path / name for name in ("node.crt", "node.key", "clinic-ca.crt")))
    assert [type(target.address) for target in whole.targets] == [DicomTarget, WebTarget]


def test_a_web_target_has_its_credentials_and_authority(tmp_path):
    (tmp_path / "secret").write_text("a-token\n")
    web = '[[targets]]\nname = "web"\nurl = "https://pacs.example/dicom-web"\ncredentials = "secret"\n'
    config = loaded(tmp_path, SHORTEST + web + 'ca = "ca.crt"\nobjects = ["sr"]\n')
    target = config.targets[1]
    assert target.kinds == (ResultKind.REPORT,)
    assert target.address == WebTarget(
        "https://pacs.example/dicom-web", Credentials(token="a-token"), ClientTls(tmp_path / "ca.crt")
    )
    assert "a-token" not in repr(config)


def test_a_report_for_older_archives_and_no_status_page(tmp_path):
    config = loaded(tmp_path, SHORTEST.replace("[node]", '[node]\nreport = "comprehensive"') + "[status]\nport = 0\n")
    assert config.scoring.report is ReportKind.COMPREHENSIVE
    assert config.status is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("port = 104", "port = 70000"), r"\[\[targets\]\] 1, port: .* from 1 to 65535, got 70000"),
        (("port = 104", 'port = "104"'), "got '104'. Write it without quotes"),
        (("port = 104", ""), "port: Expected a value, got none. Add port"),
        (('folder = "spool"', ""), r"\[node\] folder: Expected a value, got none"),
        (('folder = "spool"', 'folder = ""'), "folder: Expected a text, got ''"),
        (('folder = "spool"', 'folder = "spool"\nfoldr = 1'), "foldr: Expected one of .*folder.*, got foldr"),
        (("192.0.2.1", "192.0.2.999"), "got '192.0.2.999'. Correct it"),
        (('ae_title = "PACS"', 'ae_title = "A-TITLE-FAR-TOO-LONG"'), "1 to 16 ASCII .* got 'A-TITLE-FAR-TOO-LONG'"),
        (("[node]", '[node]\nscheme = "sparcc"'), r"scheme: Expected one of msasss.*, got 'sparcc'"),
        (("[node]", '[node]\nreport = "paper"'), "got 'paper'"),
        (("[node]", "[node]\nwait_s = -1"), r"wait_s: Expected a number from 0 to .*, got -1"),
        (("[node]", "[node]\nwait_s = true"), "got True"),
        (("[[targets]]", "[[targets]]\nobjects = []"), r"objects: Expected a list of sr, sc, gsps, pdf, got \[\]"),
        (("[[targets]]", '[[targets]]\nobjects = ["fax"]'), "got 'fax'"),
        (("[[targets]]", "[[targets]]\ntls = 1"), "tls: Expected true or false, got 1"),
        (("[[senders]]", "[senders]"), r"senders: Expected at least one table \[\[senders\]\]"),
        (("[[senders]]", "[limits]\nfoo = 1\n[[senders]]"), "foo: Expected one of"),
        (("[node]", "retry = 3\n[node]"), r"retry: Expected a table \[retry\], got 3"),
        (("[node]", "[node"), "node.toml: Expected TOML"),
        (("host = ", "url = 'ftp://x'\nhosts = "), "Expected the URL of a DICOMweb server"),
    ],
)
def test_what_is_wrong_is_said_with_key_value_and_cure(tmp_path, change, message):
    with pytest.raises(UsageError, match=message):
        loaded(tmp_path, SHORTEST.replace(*change, 1))


def test_two_targets_need_two_names(tmp_path):
    twice = SHORTEST + SHORTEST[SHORTEST.index("[[targets]]") :]
    with pytest.raises(UsageError, match=r"a name of its own for each target, got 'pacs, pacs'"):
        loaded(tmp_path, twice)


def test_a_pdf_is_refused_where_it_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr(config_file, "kinds_available", lambda: (ResultKind.REPORT,))
    with pytest.raises(UsageError, match=r"got 'pdf'\. Run 'pip install"):
        loaded(tmp_path, SHORTEST.replace("[[targets]]", '[[targets]]\nobjects = ["sr", "pdf"]'))
    assert loaded(tmp_path, SHORTEST).targets[0].kinds == (ResultKind.REPORT,)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"absent\.toml: Expected a settings file"):
        load_config(tmp_path / "absent.toml")


def test_credentials_are_a_user_and_a_password_on_one_line(tmp_path):
    (tmp_path / "secret").write_text("me:a:word\n")
    credentials = read_credentials(tmp_path / "secret")
    assert credentials == Credentials(user="me", password="a:word")
    assert "word" not in repr(credentials)
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(UsageError, match="got an empty file"):
        read_credentials(tmp_path / "secret")
    with pytest.raises(UsageError, match="absent: Expected credentials"):
        read_credentials(tmp_path / "absent")
