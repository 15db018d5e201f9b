"""From nothing to the first reply: the import and what it is made of, the whole process, memory, deployed size."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bench import gateways
from bench.gateways import Gateway
from bench.load import HTTP_OK, as_json, ask, closed_loop
from bench.processes import used
from bench.results import Section, Table, verdict
from tests.support.local_host import local_host
from tests.support.process import ROOT

ROUNDS = 7
REQUESTS = 1000
LARGEST = 12
BYTES_PER_MB = 1_000_000
OWN = ("promptready", "function_app")

IMPORT = "import time; t = time.perf_counter(); import {}; print((time.perf_counter() - t) * 1000)"


async def run() -> Section:
    """Measure cold processes one after the other."""
    modules = (
        "azure.functions",
        "promptready.settings, promptready.catalog",
        "function_app",
        "promptready.app",
        "httpx",
    )
    imports_ms: dict[str, list[float]] = {module: [] for module in modules}
    firsts: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        for module in modules:
            imports_ms[module].append(_import_ms(module))
        firsts.append(await _first_replies_s())
    whole = statistics.median(imports_ms["function_app"])
    azure = statistics.median(imports_ms["azure.functions"])
    first_s, answer_s = (statistics.median(column) for column in zip(*firsts, strict=True))
    resident_mb, fresh_mb = await _resident_mb()
    tables = [
        Table(
            "Imports, each in a cold process",
            ("module", "ms, median", "ms, least"),
            [(name, f"{statistics.median(runs):.0f}", f"{min(runs):.0f}") for name, runs in imports_ms.items()],
        ),
        Table("The largest parts of `import function_app`, by their own time", ("module", "ms"), _profile()),
        Table(
            "Process",
            ("", "value"),
            [
                ("process start to first reply of check-credits", f"{first_s * 1000:.0f} ms"),
                ("process start to first answer of process-ai", f"{answer_s * 1000:.0f} ms"),
                ("resident, first answer given", f"{fresh_mb:.0f} MB"),
                (f"resident after {REQUESTS:,} requests", f"{resident_mb:.0f} MB"),
                ("deployed, our files", f"{_own_mb():.2f} MB"),
                ("deployed, what requirements.txt brings", f"{_dependencies_mb():.0f} MB unpacked"),
            ],
        ),
    ]
    bars = [
        verdict("import function_app", whole, 250, "ms"),
        verdict("process start to first reply on SQLite", first_s * 1000, 400, "ms"),
        verdict(f"resident after {REQUESTS:,} requests", resident_mb, 80, "MB"),
    ]
    notes = [
        f"azure.functions alone is {azure:.0f} of the {whole:.0f} ms, so ours are {whole - azure:.0f} ms.",
        "Pydantic and the store load with the first request, httpx with the first call to a provider, all else later.",
    ]
    return Section("3 Cold start", tables, bars, notes)


def _import_ms(module: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(module)],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _environment() -> dict[str, str]:
    return {"STORE_URL": "sqlite:///unused.db", "PATH": os.environ["PATH"]}


def _profile() -> list[tuple[str, str]]:
    """Return packages by the time their own modules take, standard library by module."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import function_app"],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    spent_us: dict[str, int] = {}
    for own_us, module in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", done.stderr):
        name = "azure.functions" if module.startswith("azure") else module.partition(".")[0]
        spent_us[name] = spent_us.get(name, 0) + int(own_us)
    largest = sorted(spent_us.items(), key=lambda item: -item[1])[:LARGEST]
    return [(name, f"{us / 1000:.1f}") for name, us in largest]


async def _first_replies_s() -> tuple[float, float]:
    """Return the seconds from starting the host's process to its first reply, and to its first answer after that."""
    with tempfile.TemporaryDirectory() as folder:
        started_s = time.perf_counter()
        with local_host(Path(folder)) as host:
            user = as_json({"userId": "bench-user-0"})
            status, _ = await ask(host.url, "/api/check-credits", user)
            first_s = time.perf_counter() - started_s
            page = as_json({"userId": "bench-user-0", "cohort": "A", "content": "# Tea"})
            answered, _ = await ask(host.url, "/api/process-ai", page)
            answer_s = time.perf_counter() - started_s
    if (status, answered) != (HTTP_OK, HTTP_OK):
        raise RuntimeError(f"expected answers, got {status} and {answered}")
    return first_s, answer_s


async def _resident_mb() -> tuple[float, float]:
    """Return the memory after many requests, and after the first."""
    with tempfile.TemporaryDirectory() as folder:
        async with gateways.upstream() as upstream_url, gateways.ours_on_sqlite(upstream_url, Path(folder)) as ours:
            fresh_mb = used(ours.pid).resident_mb
            await _send(ours)
            return used(ours.pid).resident_mb, fresh_mb


async def _send(ours: Gateway) -> None:
    answered = 0
    while answered < REQUESTS:
        load = await closed_loop(ours.target, callers=4, seconds=1.0)
        answered += len(load.only(HTTP_OK).latencies_ms)


def _own_mb() -> float:
    deployed = [ROOT / "function_app.py", ROOT / "host.json", ROOT / "requirements.txt"]
    package = ROOT / "promptready"
    deployed += [
        file
        for file in package.rglob("*")
        if file.suffix in {".py", ".toml"} and (package / "local") not in file.parents
    ]
    return sum(file.stat().st_size for file in deployed) / BYTES_PER_MB


def _dependencies_mb() -> float:
    """Return the size of the installed packages that requirements.txt names, and of what those require."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    names = [_name(line) for line in text.splitlines() if line[:1].isalnum()]
    seen: dict[str, int] = {}
    while names:
        name = names.pop()
        if name in seen:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # meant for another system or Python
        files = [Path(str(package.locate_file(file))) for file in package.files or ()]
        seen[name] = sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.exists())
        names += [_name(needed) for needed in package.requires or () if "extra ==" not in needed]
    return sum(seen.values()) / BYTES_PER_MB


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match  # noqa: S101 - every requirement has a name
    return match[0].lower().replace("_", "-")
