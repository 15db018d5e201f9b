"""The Cosmos DB emulator in its own process. Needs Node and, once, `npm ci` in tests/node (`make setup` does it)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.support.plain_http import client
from tests.support.process import ROOT, running

NODE_DIR = ROOT / "tests" / "node"

# Any base64 text will do; this is the well-known key of Microsoft's own emulator.
# https://learn.microsoft.com/azure/cosmos-db/emulator#authentication
KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

Failure = Literal["drop", "hang"] | int


class EmulatorMissing(Exception):
    """Node or the emulator's package is not installed. The text says what to run."""


@dataclass(frozen=True, slots=True)
class CosmosEmulator:
    """A running emulator, empty at the start. Faults hit requests for documents only."""

    url: str
    key: str = KEY

    def fail_next(
        self,
        method: str,
        how: Failure,
        *,
        after_commit: bool = False,
        times: int = 1,
        headers: dict[str, str] | None = None,
    ) -> None:
        """
        Make the next `times` requests with `method` (`*` for any) fail.

        `how` is a status, `drop` (the connection ends without an answer) or `hang` (no answer ever).
        With `after_commit` the write is done first and only its answer is lost.
        """
        fault = {"method": method, "how": how, "afterCommit": after_commit, "times": times, "headers": headers or {}}
        client.post(f"{self.url}/_faults", json=fault).raise_for_status()

    def writes(self) -> list[str]:
        """Method and path of every document write that arrived since the start or the last reset, resent ones too."""
        document: list[Any] = client.get(f"{self.url}/_writes").raise_for_status().json()
        return [str(entry) for entry in document]

    def reset(self) -> None:
        """Forget faults and writes. Documents stay."""
        client.post(f"{self.url}/_reset").raise_for_status()


@contextmanager
def cosmos_emulator() -> Iterator[CosmosEmulator]:
    """
    Run the emulator on a free port of this machine; nothing of it outlives the test.

    Raises:
        EmulatorMissing: Node is not there, or `npm ci` was not run.
    """
    node = shutil.which("node")
    if not node:
        raise EmulatorMissing("the Cosmos DB emulator needs Node 20 or later on PATH")
    if not (NODE_DIR / "node_modules" / "@vercel" / "cosmosdb-server").is_dir():
        raise EmulatorMissing("the Cosmos DB emulator is not installed: run `make setup`, or `npm ci` in tests/node")
    with running([node, str(NODE_DIR / "cosmos-emulator.cjs"), "0"]) as server:
        yield CosmosEmulator(server.wait_for(r"ready on (http://\S+)")[1])
