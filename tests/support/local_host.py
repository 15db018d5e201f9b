"""The local host in its own process, started as `make run` starts it, on free ports."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.process import ROOT, NotReady, Server, python_module, running
from tests.support.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class LocalHost:
    """A running local host. `sandbox` is the provider inside it, None where it runs without."""

    url: str
    sandbox: Sandbox | None
    server: Server
    data_dir: Path

    @property
    def events(self) -> list[str]:
        """The lines of its events file."""
        return (self.data_dir / "events.ndjson").read_text(encoding="utf-8").splitlines()


@contextmanager
def local_host(
    data_dir: Path, *arguments: str, app_dir: Path = ROOT, env: Mapping[str, str] | None = None
) -> Iterator[LocalHost]:
    """
    Run the local host with its store, catalog and events in `data_dir`; `arguments` as on its command line.

    The developer's own local.settings.json and provider keys do not reach it. A second call with the same
    `data_dir` finds the same store.
    """
    command = python_module(
        "promptready.local",
        *("--port", "0", "--sandbox-port", "0"),
        *("--store-url", f"sqlite:///{data_dir / 'store.db'}"),
        *("--data-dir", str(data_dir)),
        *("--settings", str(data_dir / "local.settings.json")),
        *("--app-dir", str(app_dir)),
        *arguments,
    )
    with running(command, env=env) as server:
        yield wait_until_ready(server, data_dir)


def wait_until_ready(server: Server, data_dir: Path) -> LocalHost:
    """Return the host as soon as it has said all about itself."""
    url = server.wait_for(r"PromptReady runs on (http://\S+)")[1]
    server.wait_for(r"Try it:\n\n(?:  curl .*\n)*\n")
    try:
        sandbox = Sandbox(server.wait_for(r"Sandbox provider on (http://\S+)/v1\n", timeout_s=0)[1], server)
    except NotReady:
        sandbox = None
    return LocalHost(url, sandbox, server, data_dir)
