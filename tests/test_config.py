"""Settings: where they come from, what is refused and how it is told."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from diffusion.config import Config
from diffusion.environment import ConfigError, From, Origin, language_of

KEY = "k" * 40
SERVER = "postgres://diffusion:hidden@db.example/diffusion"


def told(env: dict[str, str]) -> str:
    """What an operator reads for these variables."""
    with pytest.raises(ConfigError) as caught:
        Config.load({"LANG": "en_GB.UTF-8", **env})
    return str(caught.value)


def test_nothing_given_is_a_working_embedded_configuration() -> None:
    config = Config.load({})

    assert config.is_embedded
    assert config.database.path == str(config.home / "diffusion.sqlite3")
    assert set(config.origins().values()) > {Origin(From.DEFAULT)}
    assert not config.is_secure


@pytest.mark.parametrize(
    ("name", "value", "told_in_french", "told_in_english"),
    [
        ("WEB_THREADS", "many", "nombre entier", "whole number"),
        ("WEB_THREADS", "0", "au moins 1", "at least 1"),
        ("LEASE_SECONDS", "86400", "au plus 3600", "at most 3600"),
        ("DEBUG", "peut-être", "true ou false", "true or false"),
        ("LANGUAGE", "de", "l’un de 'fr'", "one of 'fr'"),
        ("DATABASE_URL", "mysql://db.example/x", "commencer par sqlite://", "start with sqlite://"),
        ("BROKER_URL", "redis:///0", "aucune machine", "no host"),
        ("BROKER_URL", "redis://broker.example:99999/0", "port impossible", "impossible port"),
        ("BASE_URL", "https://ville.example/diffusion", "sans chemin", "without path"),
        ("BASE_URL", "ville.example", "commencer par https://", "start with https://"),
        ("LISTEN", "8000", "machine:port", "host:port"),
        ("LISTEN", "127.0.0.1:80000", "port impossible", "impossible port"),
        ("ALLOWED_HOSTS", "ville.example,http://x", "'http://x'", "'http://x'"),
        ("PRIVATE_HOSTS", "10.0.0.0/8,10.0.0.0/99", "'10.0.0.0/99'", "'10.0.0.0/99'"),
        ("TIME_ZONE", "Europe/Lutece", "fuseau horaire", "time zone"),
        ("TIME_ZONE", "Europe", "fuseau horaire", "time zone"),
        ("CA_FILE", "nowhere.pem", "fichier lisible", "can be read"),
        ("FROM_EMAIL", "la mairie", "adresse électronique", "mail address"),
        ("SECRET_KEY", "short", "au moins 40 caractères", "at least 40 characters"),
        ("CREDENTIAL_KEYS", "abc", "32 octets", "32-byte"),
    ],
)
def test_a_wrong_value_names_its_variable_and_an_example_in_the_terminals_language(
    name: str, value: str, told_in_french: str, told_in_english: str
) -> None:
    variable = f"DIFFUSION_{name}"

    french = told({variable: value, "LANG": "fr_FR.UTF-8"})
    english = told({variable: value, "LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"})

    assert told_in_french in french
    assert told_in_english in english
    for text in (french, english):
        assert text.count("\n") == 1
        assert f"{variable}=" in text


def test_everything_wrong_is_told_at_once() -> None:
    text = told(
        {"DIFFUSION_WEB_THREADS": "x", "DIFFUSION_LISTEN": "y", "DIFFUSION_DATABASE_URL": SERVER, "DIFFUSION_X": "z"}
    )

    for name in ("WEB_THREADS", "LISTEN", "SECRET_KEY", "CREDENTIAL_KEYS", "X"):
        assert f"DIFFUSION_{name} " in text


def test_a_misspelt_name_is_an_error_with_a_suggestion() -> None:
    assert "did you mean DIFFUSION_DATABASE_URL?" in told({"DIFFUSION_DATABSE_URL": "x"})
    assert "DIFFUSION_ZZZ is not a setting\n" in told({"DIFFUSION_ZZZ": "x"}) + "\n"


def test_a_secret_is_never_told() -> None:
    text = told(
        {
            "DIFFUSION_DATABASE_URL": "mysql://u:hidden@db.example/x",
            "DIFFUSION_SECRET_KEY": "hidden",
            "DIFFUSION_PROXY": "hidden",
        }
    )

    assert "hidden" not in text
    assert "hidden" not in repr(Config.load({"DIFFUSION_EMAIL_URL": "smtp://u:hidden@mail.example:25"}))


def test_the_environment_wins_over_dotenv_and_dotenv_over_mounted_secrets(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"DIFFUSION_LANGUAGE=en\nDIFFUSION_LOG_LEVEL=debug\nDIFFUSION_SECRET_KEY={'d' * 40}\n")
    (tmp_path / "diffusion_secret_key").write_text("m" * 40)
    (tmp_path / "diffusion_proxy").write_text("http://proxy.example:3128\n")

    config = Config.load({"DIFFUSION_LANGUAGE": "fr"}, dotenv=dotenv, mounted=tmp_path)

    assert (config.language, config.log_level) == ("fr", "debug")
    assert config.signing_key() == "d" * 40
    assert config.proxy is not None
    assert config.proxy.get_secret_value() == "http://proxy.example:3128"
    origins = config.origins()
    assert origins["language"] == Origin(From.ENVIRONMENT)
    assert origins["log_level"] == Origin(From.DOTENV)
    assert origins["proxy"] == Origin(From.FILE, tmp_path / "diffusion_proxy")
    assert origins["time_zone"] == Origin(From.DEFAULT)


def test_a_misspelt_name_in_dotenv_is_an_error_too(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DIFFUSION_LANGUGE=en\nPOSTGRES_PASSWORD=x\n")

    with pytest.raises(ConfigError, match="DIFFUSION_LANGUAGE"):
        Config.load({}, dotenv=dotenv)


def test_a_secret_is_read_from_the_file_that_its_variable_names(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")

    config = Config.load({"DIFFUSION_SECRET_KEY_FILE": str(file)})

    assert config.signing_key() == KEY
    assert config.origins()["secret_key"] == Origin(From.FILE, file)
    assert "DIFFUSION_SECRET_KEY_FILE" in told({"DIFFUSION_SECRET_KEY_FILE": str(tmp_path / "missing")})
    assert "keep one" in told({"DIFFUSION_SECRET_KEY_FILE": str(file), "DIFFUSION_SECRET_KEY": KEY})


def test_an_empty_value_is_the_default() -> None:
    config = Config.load({"DIFFUSION_LANGUAGE": "", "DIFFUSION_WEB_THREADS": "", "DIFFUSION_NOTHING": ""})

    assert (config.language, config.web_threads) == ("fr", 8)


def test_a_database_server_asks_for_keys_that_every_part_shares() -> None:
    text = told({"DIFFUSION_DATABASE_URL": SERVER})
    config = Config.load(
        {
            "DIFFUSION_DATABASE_URL": SERVER,
            "DIFFUSION_SECRET_KEY": KEY,
            "DIFFUSION_CREDENTIAL_KEYS": Fernet.generate_key().decode(),
        }
    )

    assert "DIFFUSION_SECRET_KEY is required" in text
    assert "DIFFUSION_CREDENTIAL_KEYS is required" in text
    assert (config.is_embedded, config.database.hostname) == (False, "db.example")


def test_the_embedded_keys_are_made_once_for_their_owners_eyes(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    first = Config.load({"DIFFUSION_HOME": str(home)})
    assert not home.exists()

    keys = first.signing_key(), first.fernet_keys()
    again = Config.load({"DIFFUSION_HOME": str(home)})

    assert (again.signing_key(), again.fernet_keys()) == keys
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in home.iterdir()} == {0o600}
    Fernet(keys[1][0])


def test_the_newest_credential_key_comes_first() -> None:
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()

    assert Config.load({"DIFFUSION_CREDENTIAL_KEYS": f"{new}, {old}"}).fernet_keys() == [new, old]


def test_a_home_is_the_same_wherever_the_process_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config.load({"DIFFUSION_HOME": "here"})

    os.chdir("/")

    assert config.home == tmp_path / "here"


def test_https_alone_makes_cookies_secure_unless_said_otherwise() -> None:
    https = {"DIFFUSION_BASE_URL": "https://Ville.example/"}

    assert Config.load(https).is_secure
    assert not Config.load({**https, "DIFFUSION_SECURE": "false"}).is_secure
    assert Config.load(https).base_url == "https://ville.example"
    assert Config.load(https).hosts[0] == "ville.example"


def test_listen_gives_host_and_port_for_both_versions_of_ip() -> None:
    four, six = Config.load({"DIFFUSION_LISTEN": "0.0.0.0:80"}), Config.load({"DIFFUSION_LISTEN": "[::1]:0"})

    assert (four.listen_host, four.listen_port) == ("0.0.0.0", 80)
    assert (six.listen_host, six.listen_port) == ("::1", 0)


def test_every_setting_says_what_it_is_for_and_gives_an_example_that_is_accepted(tmp_path: Path) -> None:
    for name, field in Config.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        example = str((field.examples or [""])[0])
        assert example, name
        if example.startswith("$(") or name == "ca_file":  # made by the command that it shows; a file of that machine
            continue
        keys = {"DIFFUSION_SECRET_KEY": KEY, "DIFFUSION_CREDENTIAL_KEYS": Fernet.generate_key().decode()}
        Config.load({f"DIFFUSION_{name.upper()}": example, **keys})


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({}, "fr"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LANG": "POSIX"}, "fr"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
    ],
)
def test_the_terminals_language_is_french_unless_it_names_another(env: dict[str, str], language: str) -> None:
    assert language_of(env) == language
