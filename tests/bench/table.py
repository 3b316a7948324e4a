"""The sections of each engine."""

from collections.abc import Mapping
from typing import Any

from tests.bench.kafka.sections import SECTIONS as ON_KAFKA
from tests.bench.sections import SECTIONS as EMBEDDED

SECTIONS: Mapping[str, Mapping[str, Any]] = {"embedded": EMBEDDED, "kafka": ON_KAFKA}
