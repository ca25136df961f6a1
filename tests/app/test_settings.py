"""The app's settings from environment variables and arguments."""

import ipaddress
from pathlib import Path

import pytest

from whenanime_app.settings import LOOPBACK_NETWORKS, AppSettingsError, load_settings


def test_defaults() -> None:
    settings = load_settings({})
    assert (settings.home, settings.videos) == (Path(".whenanime"), None)
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)


def test_arguments_override_the_environment(tmp_path: Path) -> None:
    environment = {"WHENANIME_HOME": "/elsewhere", "WHENANIME_VIDEOS": str(tmp_path)}
    assert load_settings(environment).home == Path("/elsewhere")
    assert load_settings(environment).videos == tmp_path
    assert load_settings(environment, home=tmp_path, port=0).home == tmp_path
    assert load_settings(environment, port=0).port == 0


def test_networks_and_public_address() -> None:
    settings = load_settings(
        {
            "WHENANIME_FETCH_NETWORKS": "192.168.1.0/24, fd00::/8",
            "WHENANIME_PUBLIC_URL": "https://anime.example/find/",
        }
    )
    assert settings.fetch_networks == (
        ipaddress.ip_network("192.168.1.0/24"),
        ipaddress.ip_network("fd00::/8"),
    )
    assert settings.public_url == "https://anime.example/find"


def test_missing_folder_of_videos_is_named(tmp_path: Path) -> None:
    with pytest.raises(AppSettingsError, match="no-such-folder: no such folder"):
        load_settings({}, videos=tmp_path / "no-such-folder")


def test_ef_is_read() -> None:
    assert load_settings({}).ef is None
    assert load_settings({"WHENANIME_EF": " 512 "}).ef == 512


def test_processes_are_chosen_automatically_unless_set() -> None:
    assert load_settings({}).processes is None
    assert load_settings({"WHENANIME_PROCESSES": "0"}).processes == 0
    with pytest.raises(AppSettingsError, match="WHENANIME_PROCESSES"):
        load_settings({"WHENANIME_PROCESSES": "many"})


@pytest.mark.parametrize("text", ["0", "-1", "many", "１２", "9" * 5000])
def test_invalid_ef_is_named(text: str) -> None:
    with pytest.raises(AppSettingsError, match="WHENANIME_EF"):
        load_settings({"WHENANIME_EF": text})


def test_invalid_network_is_named() -> None:
    with pytest.raises(AppSettingsError, match="WHENANIME_FETCH_NETWORKS"):
        load_settings({"WHENANIME_FETCH_NETWORKS": "my nas"})


def test_limits_proxies_and_frames_are_read() -> None:
    assert load_settings({}).trusted_proxies == LOOPBACK_NETWORKS
    settings = load_settings(
        {
            "WHENANIME_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "WHENANIME_FRAMES": "https://huggingface.co https://*.hf.space",
            "WHENANIME_SEARCHES_PER_MINUTE": "7",
            "WHENANIME_REQUESTS_PER_MINUTE": "0",
            "WHENANIME_SEARCHES_AT_ONCE": "2",
        }
    )
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("::1/128"),
    )
    assert settings.frame_ancestors == ("https://huggingface.co", "https://*.hf.space")
    assert (settings.searches_per_minute, settings.requests_per_minute) == (7, 0)
    assert settings.searches_at_once == 2
    assert load_settings({"WHENANIME_TRUSTED_PROXIES": "none"}).trusted_proxies == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHENANIME_TRUSTED_PROXIES", "my proxy"),
        ("WHENANIME_FRAMES", "https://a.example;script-src"),
        ("WHENANIME_FRAMES", "*"),
        ("WHENANIME_SEARCHES_PER_MINUTE", "many"),
        ("WHENANIME_SEARCHES_AT_ONCE", "-1"),
    ],
)
def test_invalid_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(AppSettingsError, match=name):
        load_settings({name: value})
