"""
What the report costs: `python -m bench.report [--events 1000000]` prints seconds and megabytes.

Events of as many users as there are requests to five are written to a temporary file first, in all three arms, with
failures, failovers and refusals, as the app writes them.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

from promptready.telemetry import ProcessAiEvent, to_line

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
REFUSALS, FAILOVERS = 0.02, 0.04


class Arm(NamedTuple):
    """How an arm answers. The price is the catalog's, the rest is made up."""

    provider: str
    model: str
    nanousd_per_token: int  # of input and of output together, which are as long here
    latency_ms: float
    failures: float
    lack: float  # of fidelity


ARMS = {
    "A": Arm("groq", "openai/gpt-oss-20b", 375, 900, 0.02, 0.030),
    "B": Arm("deepinfra", "meta-llama/Meta-Llama-3.1-8B-Instruct", 80, 1400, 0.03, 0.045),
    "C": Arm("gemini", "gemini-3.1-flash-lite", 1750, 880, 0.012, 0.022),
}
KB_PER_MB = 1024


def write(path: Path, count: int) -> None:
    rng = random.Random(3)  # noqa: S311  # the same events in every run
    users = [(md5(str(n).encode()).hexdigest(), rng.choices("ABC", [70, 20, 10])[0]) for n in range(max(1, count // 5))]  # noqa: S324
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            unit, cohort = users[int(rng.random() ** 1.5 * len(users))]
            tokens = int(rng.lognormvariate(7, 0.7))
            event = ProcessAiEvent(
                time=BEGIN + timedelta(seconds=number),
                request_id=f"{rng.getrandbits(128):032x}",
                catalog_version="3f2a91c04b7d",
                unit=unit,
                cohort=cohort,
                outcome="SERVICE_AT_CAPACITY",
                http_status=503,
                latency_total_ms=5.0,
                content_bytes=4 * tokens,
            )
            if rng.random() >= REFUSALS:
                arm = ARMS[cohort]
                event.provider, event.model_asked = arm.provider, arm.model
                event.outcome, event.http_status = "PROVIDER_FAILED", 502
                event.attempts = 1 + (rng.random() < FAILOVERS)
                event.latency_total_ms = round(arm.latency_ms * rng.lognormvariate(0, 0.5), 3)
                event.latency_provider_ms = round(event.latency_total_ms * 0.9, 3)
                event.cost_nanousd = arm.nanousd_per_token * tokens
                if rng.random() >= arm.failures:
                    event.model_returned, event.outcome, event.http_status = event.model_asked, "SUCCESS", 200
                    event.input_tokens = event.output_tokens = tokens
                    event.output_bytes = 4 * tokens
                    event.fidelity = round(max(0.0, 1 - arm.lack * rng.lognormvariate(0, 0.7)), 6)
            file.write(to_line(event) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.ndjson"
        write(path, count)
        size_mb = path.stat().st_size / 1e6
        begin = time.perf_counter()
        command = [sys.executable, "-m", "promptready.report", str(path), "--html", str(path.with_suffix(".html"))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall_s = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss / KB_PER_MB
    print(f"{count:,} events, {size_mb:,.0f} MB: {wall_s:.1f} s ({cpu_s:.1f} s of CPU), {peak_mb:.0f} MB at most")


if __name__ == "__main__":
    main()
