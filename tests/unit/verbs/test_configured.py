"""A wrong setting is refused with its place, what is wrong and what it is for; a misspelt one is named."""

from pathlib import Path

import pytest

from services.verbs.configured import SettingsWrong, probable_typos, read_settings
from services.verbs.settings import write_table
from shared.settings import Settings

README = Path(__file__).resolve().parents[3] / "README.md"


def refused() -> list[str]:
    with pytest.raises(SettingsWrong) as wrong:
        read_settings()
    return wrong.value.lines


def test_without_any_setting_there_is_a_desk() -> None:
    assert read_settings().http_port == 8000


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_HTTP_PORT", "9001")
    assert read_settings().http_port == 9001


def test_the_file_is_read_and_the_environment_goes_before_it(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / ".env").write_text("SANAD_HTTP_PORT=9001\nSANAD_SMTP_PORT=9002\n")
    monkeypatch.setenv("SANAD_SMTP_PORT", "9003")
    settings = read_settings()
    assert (settings.http_port, settings.smtp_port) == (9001, 9003)


def test_a_wrong_value_is_told_with_its_name_the_fix_and_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_HTTP_PORT", "eighty")
    (line,) = refused()
    assert line.startswith("SANAD_HTTP_PORT: ")
    assert "valid integer" in line
    assert Settings.model_fields["http_port"].description in line  # type: ignore[operator]  # every setting has one
    assert "Default: 8000." in line


def test_a_wrong_value_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_PARTITIONS", "hunter2")
    assert "hunter2" not in "".join(refused())


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HTTP_PORT", "70000"), ("LOG_LEVEL", "loud"), ("PARTITIONS", "0")):
        monkeypatch.setenv(f"SANAD_{name}", value)
    assert [line.partition(":")[0] for line in sorted(refused())] == [
        "SANAD_HTTP_PORT", "SANAD_LOG_LEVEL", "SANAD_PARTITIONS",
    ]  # fmt: skip


def test_a_wrong_value_in_the_file_is_told_with_its_line(alone: Path) -> None:
    (alone / ".env").write_text("# ports\n\nexport SANAD_HTTP_PORT=eighty\n")
    (line,) = refused()
    assert line.startswith(".env, line 3: SANAD_HTTP_PORT: ")


def test_what_the_environment_overrides_is_not_blamed_on_the_file(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / ".env").write_text("SANAD_HTTP_PORT=8000\n")
    monkeypatch.setenv("SANAD_HTTP_PORT", "eighty")
    (line,) = refused()
    assert line.startswith("SANAD_HTTP_PORT: ")


def test_a_service_link_of_kubernetes_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_HTTP_PORT", "tcp://10.0.0.7:8000")
    assert "enableServiceLinks" in refused()[0]


def test_a_password_file_that_cannot_be_read_refuses_the_start(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_RELAY_PASSWORD_FILE", str(alone / "nowhere"))
    (line,) = refused()
    assert "nowhere cannot be read (FileNotFoundError)" in line


def test_a_password_file_is_read_and_its_words_are_told_nowhere(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / "password").write_text("hunter2")
    monkeypatch.setenv("SANAD_RELAY_PASSWORD_FILE", str(alone / "password"))
    assert "hunter2" not in repr(read_settings())


def test_a_relay_user_needs_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_RELAY_USER", "desk")
    assert refused()[0].startswith("SANAD_RELAY_PASSWORD_FILE: is needed")


def test_the_key_of_the_verbs_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_KEY", "sk_secret")
    assert "sk_secret" not in repr(read_settings())


@pytest.mark.parametrize(
    ("given", "meant"),
    [("SANAD_HTTP_PROT", "SANAD_HTTP_PORT"), ("SANAD_FODLER", "SANAD_FOLDER"), ("sanad_relayhost", "SANAD_RELAY_HOST")],
)
def test_a_misspelt_setting_is_named_with_what_was_probably_meant(
    given: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(given, "1")
    (line,) = probable_typos()
    assert line.startswith(f"{given.upper()} is no setting")
    assert f"did you mean {meant}?" in line


def test_a_misspelt_setting_in_the_file_is_named_with_its_line(alone: Path) -> None:
    (alone / ".env").write_text("SANAD_HTTP_PORT=8000\nSANAD_HTP_PORT=9000\n")
    (line,) = probable_typos()
    assert line.startswith(".env, line 2: SANAD_HTP_PORT")


def test_a_setting_like_no_other_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_COLOUR_OF_SKY", "1")
    (line,) = probable_typos()
    assert "`python -m services settings`" in line


@pytest.mark.parametrize(
    "name", ["SANAD_PORT_8000_TCP", "SANAD_PORT_8000_TCP_ADDR", "SANAD_SERVICE_HOST", "SANAD_WEB_SERVICE_PORT"]
)
def test_what_kubernetes_sets_by_itself_is_no_typo(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert [*probable_typos()] == []


def test_known_settings_are_no_typos(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"SANAD_{name.upper()}", "1")
    assert [*probable_typos()] == []


def test_the_table_in_the_readme_is_current() -> None:
    begin, end = "<!-- python -m services settings --markdown -->\n", "\n<!-- end of settings -->"
    shown = README.read_text("utf-8").partition(begin)[2].partition(end)[0]
    assert shown.splitlines() == [*write_table()]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    said = Settings.model_fields[name].description or ""
    assert said.endswith(".")
    assert len(said) > 15


@pytest.mark.parametrize("servers", ["kafka", "kafka:", ":9092", "one:9092,two", "one:9092,", "one:99999"])
def test_a_server_of_kafka_without_its_port_is_refused(monkeypatch: pytest.MonkeyPatch, servers: str) -> None:
    monkeypatch.setenv("SANAD_KAFKA_SERVERS", servers)
    (line,) = refused()
    assert line.startswith("SANAD_KAFKA_SERVERS: ")


def test_several_servers_of_kafka_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_KAFKA_SERVERS", "one:9092, [::1]:9093")
    assert read_settings().kafka_servers == "one:9092, [::1]:9093"


@pytest.mark.parametrize("door", ["KAFKA", "MONGO"])
@pytest.mark.parametrize("file", ["AUTHORITIES", "CERTIFICATE"])
def test_a_file_of_tls_that_is_none_is_refused(
    alone: Path, monkeypatch: pytest.MonkeyPatch, door: str, file: str
) -> None:
    (alone / "file").write_text("no PEM")
    monkeypatch.setenv(f"SANAD_{door}_TLS", "true")
    monkeypatch.setenv(f"SANAD_{door}_{file}_FILE", str(alone / "file"))
    (line,) = refused()
    assert line.startswith(f"SANAD_{door}_{file}_FILE: ")
    assert "PEM" in line


def test_a_certificate_needs_its_key(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("own.pem", "own.key"):
        (alone / name).write_text("")
    monkeypatch.setenv("SANAD_KAFKA_TLS", "true")
    monkeypatch.setenv("SANAD_KAFKA_CERTIFICATE_FILE", str(alone / "own.pem"))
    assert "SANAD_KAFKA_KEY_FILE" in refused()[0]
    monkeypatch.delenv("SANAD_KAFKA_CERTIFICATE_FILE")
    monkeypatch.setenv("SANAD_KAFKA_KEY_FILE", str(alone / "own.key"))
    (line,) = refused()
    assert line.startswith("SANAD_KAFKA_CERTIFICATE_FILE: is needed")
