"""The settings as given: read, or refused with the place of each mistake and the way to put it right."""

import difflib
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.settings import Settings

PREFIX = "SANAD_"
ENV_FILE = ".env"
ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?(SANAD_\w+)\s*=", re.IGNORECASE)
INJECTED = re.compile(r"SANAD_(\w+_)?(PORT_\d+_(TCP|UDP)(_\w+)?|SERVICE_(HOST|PORT)(_\w+)?)")
"""What Kubernetes sets in every container beside a service whose name begins with sanad."""
FILES = (
    "relay_password_file", "kafka_password_file", "kafka_authorities_file", "kafka_certificate_file", "kafka_key_file",
    "mongo_password_file", "mongo_authorities_file", "mongo_certificate_file",
)  # fmt: skip
SERVICE_LINK = re.compile(r"(tcp|udp)://")


class SettingsWrong(Exception):
    """Nothing was started. Holds one line for each setting that cannot be used."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsWrong."""
    environment = os.environ if environment is None else environment
    try:
        settings = Settings()
    except ValidationError as fault:
        lines = [_explain(str(error["loc"][0]), error["msg"], environment) for error in fault.errors()]
        raise SettingsWrong(lines) from None
    if wrong := [*_unusable(settings, environment)]:
        raise SettingsWrong(wrong)
    return settings


def probable_typos(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A line for each SANAD_ variable that is no setting."""
    environment = os.environ if environment is None else environment
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    given = {name.upper() for name in environment if name.upper().startswith(PREFIX)} | set(_lines())
    for name in sorted(given - set(known)):
        if INJECTED.fullmatch(name):
            continue
        near = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]}?" if near else "`python -m services settings` lists those there are."
        yield f"{_place(name, environment)}{name} is no setting and has no effect; {meant}"


def _unusable(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """What only the machine can tell."""
    for name in FILES:
        path = getattr(settings, name)
        if path is not None:
            try:
                path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as fault:
                yield _explain(name, f"{path} cannot be read ({type(fault).__name__})", environment)
    for door in ("kafka", "mongo"):
        if getattr(settings, f"{door}_tls"):
            for name, wrong in _uncertified(settings, door):
                yield _explain(name, wrong, environment)
    if settings.engine == "kafka":
        yield from lacking(settings)
    for door in ("relay", "kafka", "mongo"):
        if getattr(settings, f"{door}_user") and getattr(settings, f"{door}_password_file") is None:
            needed = f"is needed, because SANAD_{door.upper()}_USER is set"
            yield _explain(f"{door}_password_file", needed, environment)


def _uncertified(settings: Settings, door: str) -> Iterator[tuple[str, str]]:
    """Settings of TLS the libraries would fall over, each with what is wrong. Who cannot be read was told before."""
    files = {name: getattr(settings, f"{door}_{name}_file", None) for name in ("authorities", "certificate", "key")}
    context = ssl.create_default_context()
    with suppress(OSError):
        try:
            if files["authorities"]:
                context.load_verify_locations(files["authorities"])
        except ssl.SSLError:
            yield f"{door}_authorities_file", "holds no certificates (PEM)"
    if files["key"] and not files["certificate"]:
        yield f"{door}_certificate_file", f"is needed, because SANAD_{door.upper()}_KEY_FILE is set"
    with suppress(OSError):
        try:
            if files["certificate"]:
                # a key that has a password is refused like one that does not fit: nobody is there to type it
                context.load_cert_chain(files["certificate"], files["key"], lambda: "")
        except ssl.SSLError:
            apart = door == "kafka" and not files["key"]
            where = "; set SANAD_KAFKA_KEY_FILE where it lies apart" if apart else ""
            yield f"{door}_certificate_file", f"is no certificate (PEM) with a private key that fits it{where}"


def lacking(settings: Settings) -> Iterator[str]:
    """What a process on Kafka and MongoDB needs and is not set."""
    for name in ("kafka_servers", "mongo_url"):
        if not getattr(settings, name):
            yield f"{PREFIX}{name.upper()}: is needed. {Settings.model_fields[name].description} `make engines` starts one here."


def _explain(name: str, wrong: str, environment: Mapping[str, str]) -> str:
    """One mistake: where, what, and what the setting is for. The value itself is never repeated: it may be a secret."""
    variable, field = PREFIX + name.upper(), Settings.model_fields[name]
    given = next((value for key, value in environment.items() if key.upper() == variable), "")
    hint = ""
    if SERVICE_LINK.match(given):
        hint = " It looks like a Kubernetes service link: set enableServiceLinks to false, or rename the service."
    wrong = wrong[:1].lower() + wrong[1:]
    return f"{_place(variable, environment)}{variable}: {wrong}. {field.description} Default: {shown(field.default)}.{hint}"


def _place(variable: str, environment: Mapping[str, str]) -> str:
    """Where it is set: the environment goes before the file."""
    if variable in {name.upper() for name in environment}:
        return ""
    line = _lines().get(variable)
    return f"{ENV_FILE}, line {line}: " if line else ""


def _lines() -> dict[str, int]:
    """The lines of the settings in the file, from 1."""
    try:
        text = Path(ENV_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found = ((ASSIGNMENT.match(line), number) for number, line in enumerate(text.splitlines(), 1))
    return {match[1].upper(): number for match, number in found if match}


def shown(value: Any) -> str:
    """A value as one would write it into the environment."""
    if value is None or value == "":
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else str(value)
