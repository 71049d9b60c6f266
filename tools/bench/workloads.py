"""What is measured, and what is demanded: the table that compare works through."""

import re
from typing import NamedTuple


class Workload(NamedTuple):
    """Requests of one kind, and how they come."""

    name: str
    protocol: str  # "redis" or "memcached"
    operation: str  # "get", "set" or "mget"
    keys: int  # of each mget
    value_bytes: int
    clients: int
    pipeline: int

    def load_flags(self):
        return [
            f"--protocol={self.protocol}",
            f"--operation={self.operation}",
            f"--keys={self.keys}",
            f"--value_bytes={self.value_bytes}",
            f"--clients={self.clients}",
            f"--pipeline={self.pipeline}",
        ]


GRAMMAR = "[memcached/]get|set|mgetKEYS:BYTES:CLIENTS:PIPELINE"
_NAME = re.compile(r"(memcached/)?(?:(get|set)|(mget)([1-9]\d*)):(\d+):([1-9]\d*):([1-9]\d*)")


def parse(name):
    """The workload of a name like get:16:50:1 or memcached/mget10:16:50:1."""
    match = _NAME.fullmatch(name)
    if not match:
        raise ValueError(f"'{name}' is no workload: {GRAMMAR}")
    memcached, single, several, keys, value_bytes, clients, pipeline = match.groups()
    return Workload(
        name,
        "memcached" if memcached else "redis",
        single or several,
        int(keys or 1),
        int(value_bytes),
        int(clients),
        int(pipeline),
    )


class Limit(NamedTuple):
    """Processor time per request, as a ratio to nutcracker's in the same run."""

    must: float
    aim: float


# In front of servers that answer at once.
LIMITS = {
    "get:16:50:1": Limit(0.85, 0.68),
    "get:16:500:1": Limit(0.80, 0.66),
    "get:16:50:16": Limit(0.60, 0.45),
    "get:16:500:16": Limit(0.22, 0.14),
    "get:16:50:128": Limit(0.10, 0.055),
    "set:512:50:16": Limit(0.55, 0.42),
    "get:16384:50:1": Limit(0.85, 0.68),
    "get:16384:50:16": Limit(0.65, 0.48),
    "mget10:16:50:1": Limit(0.70, 0.54),
    "mget100:16:50:1": Limit(0.42, 0.30),
    "memcached/get:16:50:16": Limit(0.60, 0.45),
    "memcached/set:16:50:16": Limit(0.60, 0.45),
    "memcached/mget10:16:50:1": Limit(0.60, 0.48),
    "memcached/mget100:16:50:1": Limit(0.25, 0.16),
}

# In front of real ones, which do not answer before they have worked.
LIMITS_OF_REAL_SERVERS = {
    "get:16:50:1": Limit(1.00, 0.85),
}
