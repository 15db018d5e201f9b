"""`python -m promptready.local`: the whole backend on this machine, with one command."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket

from promptready.catalog import SHIPPED
from promptready.local.asgi import App, by_port
from promptready.local.banner import banner
from promptready.local.catalog import SANDBOX_KEY_VARIABLE, choose
from promptready.local.console import set_up_logging
from promptready.local.cors import Cors
from promptready.local.functions import load_functions
from promptready.local.sandbox.bill import SANDBOX_PRICE
from promptready.local.sandbox.server import Sandbox
from promptready.local.serve import CannotStart, listen, port_of, run, serve
from promptready.local.settings_file import LocalSettings, read_local_settings, read_route_prefix

DEFAULT_PORT = 7071
DEFAULT_SANDBOX_PORT = 7072
LOOPBACK = "127.0.0.1"

# Ctrl-C lets quick answers finish; a model's answer that takes longer is not worth a developer's wait.
PATIENCE_S = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code."""
    options = _parser().parse_args(arguments)
    return run(lambda: _serve(options))


@dataclass(frozen=True, slots=True)
class Models:
    """Where answers come from: sentences for the developer, and the sandbox provider's socket if it runs."""

    notes: Sequence[str]
    sandbox: socket | None


def _serve(options: argparse.Namespace) -> int:
    app_dir = _enter(options.app_dir)
    local_settings = read_local_settings(app_dir / options.settings)
    prefix = read_route_prefix(app_dir / "host.json")
    _set_environment(options, local_settings)
    data_dir = _writable(Path(options.data_dir))
    port = next(port for port in (options.port, local_settings.port, DEFAULT_PORT) if port is not None)
    listener = listen(options.host, port, "--port")
    # Named after the port: two hosts in one folder have each its own sandbox provider.
    models = _choose_models(options, data_dir / f"catalog-{port_of(listener)}.toml")

    events = data_dir / "events.ndjson"
    set_up_logging(events)
    functions = load_functions(app_dir)
    from promptready.local.host import LocalHost  # noqa: PLC0415 - needs azure.functions, now known to be there

    cors = Cors(local_settings.cors, with_credentials=local_settings.cors_credentials)
    host = LocalHost(functions, prefix, cors)
    print(_banner(listener, host.paths, models, events), flush=True)
    apps: dict[int, App] = {port_of(listener): host}
    listeners = [listener]
    if models.sandbox:
        apps[port_of(models.sandbox)] = Sandbox(SANDBOX_PRICE)
        listeners.append(models.sandbox)
    return serve(by_port(apps), listeners, patience_s=PATIENCE_S, beside=host.run_timers)


def _enter(app_dir: str) -> Path:
    """Make the app's folder the current one, as Core Tools does: relative paths in settings start there."""
    path = Path(app_dir).resolve()
    if not path.is_dir():
        raise CannotStart(f"There is no folder {path}.")
    os.chdir(path)
    return path


def _writable(data_dir: Path) -> Path:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / "events.ndjson").touch()
    except OSError as exc:
        raise CannotStart(f"The folder {data_dir} cannot be written to: {exc.strerror}.") from exc
    return data_dir


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
    choice = choose(SHIPPED.read_text(encoding="utf-8"), os.environ, datetime.now(UTC).date())
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


def _banner(listener: socket, paths: Sequence[str], models: Models, events: Path) -> str:
    host, port = listener.getsockname()[:2]
    return banner(
        f"http://{host}:{port}",
        paths,
        store_url=os.environ["STORE_URL"],
        models=models.notes,
        sandbox_base_url=_sandbox_base_url(models.sandbox),
        events=events,
    )


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
    parser.add_argument("--settings", default="local.settings.json", help="(default: %(default)s, if there is one)")
    parser.add_argument("--data-dir", default=".local", help="where catalog and events go (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
