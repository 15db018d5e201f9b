"""
`python -m tests.support.azure_host`: an HTTP server on a free port in front of the library Azure runs.

What a function is given and what it answers passes through Azure's own code; only routing and sockets are ours.
It takes its settings from the environment and prints its address.
"""

import asyncio
import sys

from promptready.local.asgi import Receive, Reply, Scope, Send, read_body, send_reply
from promptready.local.host import NOT_FOUND
from promptready.local.serve import listen, port_of, run, serve
from promptready.local.settings_file import read_route_prefix
from tests.support.azure_worker import AzureWorker, InvocationFailed, start_worker
from tests.support.process import ROOT

_LARGEST_BODY_BYTES = 100 * 1024 * 1024  # Azure's own limit


class AzureHost:
    """The ASGI application in front of an indexed app."""

    def __init__(self, worker: AzureWorker, prefix: str) -> None:
        self._worker = worker
        self._routes = {
            (f"/{prefix}/{function.trigger['route']}", method): function.name
            for function in worker.functions.values()
            if function.trigger["type"] == "httpTrigger"
            for method in function.trigger["methods"]
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = self._routes.get((scope["path"], scope["method"]))
        await send_reply(send, await self._call(name, scope, receive) if name else NOT_FOUND)

    async def _call(self, name: str, scope: Scope, receive: Receive) -> Reply:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        client_host, client_port = scope["client"]
        came_from = headers.get("x-forwarded-for")
        forwarded = f"{client_host}:{client_port}"
        headers["x-forwarded-for"] = f"{came_from}, {forwarded}" if came_from else forwarded
        try:
            reply = await self._worker.invoke_http(
                name, await read_body(receive, _LARGEST_BODY_BYTES), method=scope["method"], headers=headers
            )
        except InvocationFailed:
            return Reply(500)
        return Reply(reply.status, tuple(reply.headers.items()), reply.body)


def main() -> int:
    """Serve until stopped."""
    listener = listen("127.0.0.1", 0, "no flag: a free port is taken")
    worker = asyncio.run(start_worker(ROOT))
    print(f"Azure's runtime on http://127.0.0.1:{port_of(listener)}", flush=True)  # noqa: T201 - a command prints
    return serve(AzureHost(worker, read_route_prefix(ROOT / "host.json")), [listener], patience_s=0)


if __name__ == "__main__":
    sys.exit(run(main))
