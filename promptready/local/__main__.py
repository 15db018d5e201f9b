"""`python -m promptready.local`: the whole backend on this machine, with one command."""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from promptready.local.asgi import App, by_port
from promptready.local.catalog import SANDBOX_KEY_VARIABLE, choose
from promptready.local.schedule import BadSchedule, resolve, run_on_schedule
from promptready.local.serve import CannotStart, end_quietly_on_signals, listen, port_of, serve
from promptready.local.settings_file import LocalSettings, read_local_settings

if TYPE_CHECKING:
    from promptready.local.functions import TimerFunction
    from promptready.local.host import LocalHost

DEFAULT_PORT = 7071
DEFAULT_SANDBOX_PORT = 7072
LOOPBACK = "127.0.0.1"
SHIPPED_CATALOG = Path(__file__).parents[1] / "catalog.toml"

# Ctrl-C lets quick answers finish; a model's answer that takes longer is not worth a developer's wait.
PATIENCE_S = 2

# The timer's library takes 65 ms to load, which the first reply should not wait for.
TIMER_DELAY_S = 0.5

log = logging.getLogger("promptready.local")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code."""
    end_quietly_on_signals()
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except CannotStart as exc:
        print(exc, file=sys.stderr)
        return 1


@dataclass(frozen=True, slots=True)
class Models:
    """Where answers come from: sentences for the developer, and the sandbox provider's socket if it runs."""

    notes: Sequence[str]
    sandbox: socket | None


def _run(options: argparse.Namespace) -> int:
    app_dir = _enter(options.app_dir)
    local_settings = read_local_settings(app_dir / "local.settings.json")
    _set_environment(options, local_settings)
    data_dir = Path(options.data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    port = next(port for port in (options.port, local_settings.port, DEFAULT_PORT) if port is not None)
    listener = listen(options.host, port, "--port")
    models = _choose_models(options, data_dir / "catalog.toml")
    events = data_dir / "events.ndjson"
    return _serve(app_dir, local_settings, listener, models, events)


def _enter(app_dir: str) -> Path:
    """Make the app's folder the current one, as Core Tools does: relative paths in settings start there."""
    path = Path(app_dir).resolve()
    if not path.is_dir():
        raise CannotStart(f"There is no folder {path}.")
    os.chdir(path)
    return path


def _set_environment(options: argparse.Namespace, local_settings: LocalSettings) -> None:
    """The command line comes first, then the real environment, then local.settings.json."""
    if options.store_url:
        os.environ["STORE_URL"] = options.store_url
    if options.catalog:
        os.environ["CATALOG_PATH"] = options.catalog
    for name, value in local_settings.values.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("STORE_URL"):
        raise CannotStart(
            "STORE_URL is not set: copy local.settings.example.json to local.settings.json, "
            "or use --store-url sqlite:///.local/promptready.db."
        )


def _choose_models(options: argparse.Namespace, catalog_path: Path) -> Models:
    """Use the catalog that was named, or write one that fits the keys this machine has."""
    is_sandbox_asked_for = options.sandbox_port is not None and not options.no_sandbox
    if named := os.environ.get("CATALOG_PATH"):
        return Models([f"The catalog {named}."], _open_sandbox(options) if is_sandbox_asked_for else None)
    if vault := os.environ.get("KEY_VAULT_URL"):
        notes = [f"The shipped catalog, with the keys in {vault}."]
        return Models(notes, _open_sandbox(options) if is_sandbox_asked_for else None)
    choice = choose(SHIPPED_CATALOG.read_text(encoding="utf-8"), os.environ, datetime.now(UTC).date())
    if choice.needs_sandbox and options.no_sandbox:
        raise CannotStart(f"--no-sandbox leaves a cohort without a model. {' '.join(choice.notes)}")
    sandbox = _open_sandbox(options) if choice.needs_sandbox or is_sandbox_asked_for else None
    catalog_path.write_text(choice.to_toml(_sandbox_base_url(sandbox)), encoding="utf-8")
    os.environ["CATALOG_PATH"] = str(catalog_path)
    return Models(choice.notes, sandbox)


def _open_sandbox(options: argparse.Namespace) -> socket:
    os.environ.setdefault(SANDBOX_KEY_VARIABLE, "any key will do")
    port = DEFAULT_SANDBOX_PORT if options.sandbox_port is None else options.sandbox_port
    return listen(LOOPBACK, port, "--sandbox-port")


def _sandbox_base_url(sandbox: socket | None) -> str:
    return f"http://{LOOPBACK}:{port_of(sandbox)}/v1" if sandbox else ""


def _serve(app_dir: Path, local_settings: LocalSettings, listener: socket, models: Models, events: Path) -> int:
    # From here on azure.functions and the app are needed. What could go wrong before has been said by now.
    from promptready.local.console import set_up_logging  # noqa: PLC0415
    from promptready.local.cors import Cors  # noqa: PLC0415
    from promptready.local.functions import load_functions, timers_among  # noqa: PLC0415

    set_up_logging(events)
    functions = load_functions(app_dir)

    from promptready.local.host import LocalHost  # noqa: PLC0415

    cors = Cors(local_settings.cors, with_credentials=local_settings.cors_credentials)
    host = LocalHost(functions, _route_prefix(app_dir / "host.json"), cors)
    apps: dict[int, App] = {port_of(listener): host}
    listeners = [listener]
    if models.sandbox:
        from promptready.local.sandbox.bill import SANDBOX_PRICE  # noqa: PLC0415
        from promptready.local.sandbox.server import Sandbox  # noqa: PLC0415

        apps[port_of(models.sandbox)] = Sandbox(SANDBOX_PRICE)
        listeners.append(models.sandbox)
    print(_banner(listener, host.paths, models, events), flush=True)
    timers = timers_among(functions)
    return serve(by_port(apps), listeners, patience_s=PATIENCE_S, beside=lambda: _run_timers(host, timers))


def _route_prefix(host_json: Path) -> str:
    """The first part of every route: host.json's `extensions.http.routePrefix`, `api` where it says nothing."""
    try:
        document = json.loads(host_json.read_text(encoding="utf-8-sig"))
        prefix = document.get("extensions", {}).get("http", {}).get("routePrefix", "api")
    except FileNotFoundError:
        raise CannotStart(f"There is no host.json in {host_json.parent}: Azure needs one.") from None
    except (OSError, ValueError, AttributeError) as exc:
        raise CannotStart(f"host.json cannot be used: {exc}.") from exc
    if not isinstance(prefix, str):
        raise CannotStart("host.json: extensions.http.routePrefix must be a string.")
    return prefix


async def _run_timers(host: "LocalHost", timers: Sequence["TimerFunction"]) -> None:
    await asyncio.sleep(TIMER_DELAY_S)
    await asyncio.gather(*(_run_timer(host, timer) for timer in timers))


async def _run_timer(host: "LocalHost", timer: "TimerFunction") -> None:
    async def fire(is_past_due: bool) -> None:  # noqa: FBT001 - the port's shape
        await host.run_timer(timer, is_past_due=is_past_due)

    try:
        await run_on_schedule(resolve(timer.schedule, os.environ), fire, lambda: datetime.now(UTC))
    except BadSchedule as exc:
        # As in Azure: a function with a bad trigger does not run, and the others do.
        log.error("%s will not run by itself: %s", timer.name, exc)  # noqa: TRY400 - its sentence says it all


def _banner(listener: socket, paths: Sequence[str], models: Models, events: Path) -> str:
    host, port = listener.getsockname()[:2]
    url = f"http://{host}:{port}"
    lines = [f"PromptReady runs on {url} (Ctrl-C ends it)", ""]
    lines += [f"  POST {url}{path}" for path in paths]
    lines += ["", f"  Store   {_describe_store(os.environ['STORE_URL'])}"]
    for title, note in zip(["Models", *[""] * len(models.notes)], models.notes, strict=False):
        lines.append(f"  {title:7} {note}")
    if models.sandbox:
        lines.append(f"  Sandbox provider on {_sandbox_base_url(models.sandbox)}")
    lines += [f"  Events  {events}", "", "Try it:", ""]
    lines += [f"  {_curl(url, path)}" for path in paths]
    return "\n".join([*lines, ""])


# What to send to each function to see it work. Cohort A may not be the user's; the stored one decides.
_EXAMPLES = {
    "check-credits": {"userId": "local-user-1"},
    "process-ai": {"userId": "local-user-1", "cohort": "A", "content": "# Hello\n\n\n\n* one   \n* two"},
}


def _curl(url: str, path: str) -> str:
    body = json.dumps(_EXAMPLES.get(path.rsplit("/", 1)[-1], {}))
    return f"curl -s {url}{path} -H 'content-type: application/json' -d '{body}'"


def _describe_store(store_url: str) -> str:
    """What the store is, in words, and without anything a URL may carry beyond its address."""
    parts = urlsplit(store_url)
    if parts.scheme == "sqlite":
        return f"SQLite, file {parts.path.removeprefix('/')}"
    return f"Cosmos DB at {parts.hostname}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m promptready.local", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, help=f"0 picks a free one (default: local.settings.json, else {DEFAULT_PORT})"
    )
    parser.add_argument("--store-url", help="sqlite:///PATH or https://ACCOUNT.documents.azure.com:443/")
    parser.add_argument("--catalog", help="a catalog file to use as it is (default: one that fits the keys set)")
    parser.add_argument(
        "--sandbox-port",
        type=int,
        help=f"0 picks a free one (default: {DEFAULT_SANDBOX_PORT}; given, the sandbox provider always runs)",
    )
    parser.add_argument("--no-sandbox", action="store_true", help="never run the sandbox provider")
    parser.add_argument("--app-dir", default=".", help="where function_app.py is (default: here)")
    parser.add_argument("--data-dir", default=".local", help="where catalog and events go (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
