"""The sandbox provider in its own process, as a witness that outlives what it watches."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.plain_http import client
from tests.support.process import Server, python_module, running


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox provider."""

    url: str
    server: Server

    @property
    def base_url(self) -> str:
        """What a catalog's `base_url` says."""
        return f"{self.url}/v1"

    def stats(self) -> dict[str, Any]:
        """What it was asked and would have billed."""
        document: dict[str, Any] = client.get(f"{self.url}/stats").raise_for_status().json()
        return document

    def reset(self) -> None:
        """Forget all calls."""
        client.post(f"{self.url}/reset").raise_for_status()


@contextmanager
def sandbox(*arguments: str) -> Iterator[Sandbox]:
    """Run the sandbox provider on a free port; `arguments` as on its command line."""
    with running(python_module("promptready.local.sandbox", "--port", "0", *arguments)) as server:
        yield Sandbox(server.wait_for(r"(http://[\d.]+:\d+)/v1")[1], server)
