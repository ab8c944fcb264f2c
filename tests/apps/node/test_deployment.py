"""The files for deployment agree with the program, as far as can be told without a container engine."""

from pathlib import Path

from msasss.apps.node.config_file import load_config

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_the_settings_of_the_composed_node_are_valid_and_agree_with_orthanc():
    config = load_config(DEPLOY / "node.toml")
    compose = (DEPLOY / "compose.yaml").read_text()
    assert f'["{config.service.ae_title}", "node", {config.service.port}]' in compose
    assert str(config.service.senders[0].network.network_address) in compose
    assert str(config.folder).startswith("/var/lib/msasss/")
    assert config.status == ("127.0.0.1", 9108)
    assert "9108/health" in compose
