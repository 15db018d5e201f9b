"""
What the backend adds to a provider's answer, and what it costs to load: `make bench`.

One caller, the real local host on SQLite, the sandbox provider in the same machine. "Added" is the whole
request as the caller sees it, less the provider's share as the request's own event tells it.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.local_host import LocalHost, local_host
from tests.support.process import ROOT

REQUESTS = 500
WARM_UP = 50
IMPORTS = 9
PAGE = "# Tea\n\n" + "Tea is made with water at 95 degrees. " * 100


def main() -> None:
    """Print one table."""
    print(f"import function_app, cold process, median of {IMPORTS}: {import_ms():.0f} ms")
    with (
        tempfile.TemporaryDirectory() as folder,
        local_host(Path(folder), env={"TRIAL_CREDITS": "100000", "PATH": os.environ["PATH"]}) as host,
    ):
        added_ms, refused_ms = asyncio.run(measure(host))
    print(f"process-ai, added to the provider's own time:   {percentiles(added_ms)}")
    print(f"process-ai, refused by an open breaker:         {percentiles(refused_ms)}")


def import_ms() -> float:
    """Return the median wall time of importing the app in a new process."""
    code = "import time; t = time.perf_counter(); import function_app; print((time.perf_counter() - t) * 1000)"
    environment = {"STORE_URL": "sqlite:///unused.db", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", code]
    runs = [
        float(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)
        for _ in range(IMPORTS)
    ]
    return statistics.median(runs)


async def measure(host: LocalHost) -> tuple[list[float], list[float]]:
    """Return the added milliseconds of answered requests, and the whole ones of refused requests."""
    async with httpx.AsyncClient(base_url=host.url, timeout=30) as client:
        await client.post("/api/check-credits", json={"userId": "bench-user-1"})
        total_ms = dict([await timed(client) for _ in range(WARM_UP + REQUESTS)][WARM_UP:])
        provider_ms = {
            event["request_id"]: event["latency_provider_ms"]
            for event in map(json.loads, host.events)
            if event["event"] == "process_ai"
        }
        open_breaker(host)
        while (await client.post("/api/process-ai", json=body())).status_code != httpx.codes.SERVICE_UNAVAILABLE:
            await asyncio.sleep(0.05)
        refused_ms = [(await timed(client))[1] for _ in range(REQUESTS)]
    return [total_ms[id_] - provider_ms[id_] for id_ in total_ms], refused_ms


async def timed(client: httpx.AsyncClient) -> tuple[str, float]:
    """Return the request's id and its milliseconds."""
    started_s = time.perf_counter()
    reply = await client.post("/api/process-ai", json=body())
    return reply.headers["x-promptready-request-id"], (time.perf_counter() - started_s) * 1000


def body() -> dict[str, str]:
    """Return one page to process."""
    return {"userId": "bench-user-1", "cohort": "A", "content": PAGE}


def open_breaker(host: LocalHost) -> None:
    """Open it as an operator does."""
    environment = {"STORE_URL": f"sqlite:///{host.data_dir / 'store.db'}", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "promptready.admin", "breaker", "open"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def percentiles(values_ms: Sequence[float]) -> str:
    """Return p50, p95 and p99 as text."""
    cuts = statistics.quantiles(values_ms, n=100)
    return f"p50 {cuts[49]:.2f} ms, p95 {cuts[94]:.2f} ms, p99 {cuts[98]:.2f} ms"


if __name__ == "__main__":
    main()
