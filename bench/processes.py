"""What a server's processes have used, read from /proc: Linux only."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KB_PER_MB = 1024


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of processor so far, resident memory now; children included."""

    cpu_s: float
    resident_mb: float


def used(pid: int) -> Used:
    """Return what the process and its descendants have used."""
    family = [pid, *_descendants(pid)]
    return Used(sum(_cpu_s(member) for member in family), sum(_resident_mb(member) for member in family))


def _descendants(pid: int) -> list[int]:
    children = [
        int(child) for listing in Path(f"/proc/{pid}/task").glob("*/children") for child in listing.read_text().split()
    ]
    return children + [descendant for child in children for descendant in _descendants(child)]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S  # utime and stime, of which (2) may hold blanks


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / KB_PER_MB
    return 0.0
