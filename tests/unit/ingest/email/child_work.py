"""What tests let a child process do. A module of its own, so that the child imports nothing large with it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from services.ingest.channels.email.child import MEMORY_BYTES
from services.ingest.channels.email.mail import ParsedMail
from services.ingest.channels.email.parse import Reading, parse_mail


@dataclass(frozen=True)
class Costs:
    """Who the child is, the processor time it has used (seconds), its size now and at most since asked last (bytes)."""

    pid: int
    cpu: float
    size: int
    peak: int


def costs() -> Costs:
    used = os.times()
    lines = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE))
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    return Costs(os.getpid(), used.user + used.system, int(lines["VmRSS"]) * 1024, int(lines["VmHWM"]) * 1024)


def die(raw: bytes, reading: Reading) -> ParsedMail:
    os.kill(os.getpid(), 9)
    return parse_mail(raw, reading)


def never_end(raw: bytes, reading: Reading) -> ParsedMail:
    while True:
        pass


def take_much(raw: bytes, reading: Reading) -> ParsedMail:
    return parse_mail(bytes(bytearray(MEMORY_BYTES)) + raw, reading)


def fail(raw: bytes, reading: Reading) -> ParsedMail:
    raise ZeroDivisionError
