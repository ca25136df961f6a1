"""Settings of the exported app from variables of hosts and older deployments."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from whenanime_app.hosted import load_hosted_settings, map_hosted_environment
from whenanime_app.settings import AppSettingsError


def test_defaults_without_variables(tmp_path: Path) -> None:
    settings, remarks = load_hosted_settings(tmp_path, {})
    assert (settings.home, settings.videos, settings.video_root) == (tmp_path / "home", None, None)
    assert (settings.host, settings.port, settings.public_url) == ("0.0.0.0", 7860, None)
    assert remarks == []


def test_variables_of_older_deployments_are_mapped(tmp_path: Path) -> None:
    (tmp_path / "data" / "snapshots").mkdir(parents=True)
    seed = {
        "video_path_root": "https://example.org/videos",
        "ef": "512",
        "index_path": "data",
        "conf_path": "conf.json",
        "info_path": "",
        "model_path": "model.pth",
    }
    settings, remarks = load_hosted_settings(tmp_path, seed)
    assert settings.video_root == "https://example.org/videos"
    assert (settings.ef, settings.home) == (512, tmp_path / "data")
    assert [remark.split()[0] for remark in remarks] == ["conf_path", "model_path"]


def test_video_path_root_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    settings, _ = load_hosted_settings(tmp_path, {"video_path_root": "videos"})
    assert (settings.videos, settings.video_root) == (tmp_path / "videos", None)
    with pytest.raises(AppSettingsError, match="nowhere: no such folder"):
        load_hosted_settings(tmp_path, {"video_path_root": "nowhere"})


def test_index_path_of_an_older_index_file_is_ignored(tmp_path: Path) -> None:
    settings, remarks = load_hosted_settings(tmp_path, {"index_path": "index.bin"})
    assert settings.home == tmp_path / "home"
    assert "index_path is ignored" in remarks[0]


def test_own_variables_override_mapped_ones(tmp_path: Path) -> None:
    settings, _ = load_hosted_settings(
        tmp_path,
        {
            "video_path_root": "https://one.example",
            "WHENANIME_VIDEO_ROOT": "https://two.example",
            "ef": "1",
            "WHENANIME_EF": "2",
            "SPACE_HOST": "me-it.hf.space",
            "WHENANIME_PORT": "8080",
        },
    )
    assert (settings.video_root, settings.ef) == ("https://two.example", 2)
    assert (settings.public_url, settings.port) == ("https://me-it.hf.space", 8080)
    other = {"SPACE_HOST": "me-it.hf.space", "WHENANIME_PUBLIC_URL": "https://my.example/"}
    assert load_hosted_settings(tmp_path, other)[0].public_url == "https://my.example"


def test_hosts_may_frame_the_page_and_forward_client_addresses(tmp_path: Path) -> None:
    plain, _ = map_hosted_environment(tmp_path, {})
    assert "https://huggingface.co" in plain["WHENANIME_FRAMES"].split()
    assert "WHENANIME_TRUSTED_PROXIES" not in plain
    space, _ = map_hosted_environment(tmp_path, {"SPACE_HOST": "me-it.hf.space"})
    for network in space["WHENANIME_TRUSTED_PROXIES"].split():
        assert ip_network(network).is_private or network == "100.64.0.0/10"
    own = {"SPACE_HOST": "x", "WHENANIME_TRUSTED_PROXIES": "none", "WHENANIME_FRAMES": "http://a"}
    assert own.items() <= map_hosted_environment(tmp_path, own)[0].items()


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "9" * 5000])
def test_invalid_port_is_named(tmp_path: Path, port: str) -> None:
    with pytest.raises(AppSettingsError, match="WHENANIME_PORT"):
        load_hosted_settings(tmp_path, {"WHENANIME_PORT": port})
