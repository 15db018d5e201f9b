"""
The library Azure itself runs, in this process: PyPI azure-functions-runtime, for Python 3.13 and later.

It indexes `function_app.py` and invokes functions as in Azure, without the gRPC channel and the .NET host that
stand around it there. `native_invocation` is only half public: its version is pinned, and nothing but tests uses it.
"""

import importlib
import json
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.process import ROOT

PACKAGE = "azure_functions_runtime"


class NotIndexed(Exception):
    """Azure would not start this app. The text is the library's."""


class InvocationFailed(Exception):
    """The function raised: Azure would answer a bare 500."""


@dataclass(frozen=True, slots=True)
class IndexedFunction:
    """A function as Azure sees it. `bindings` are the library's own JSON documents, the trigger's first."""

    name: str
    function_id: str
    bindings: Sequence[Mapping[str, Any]]

    @property
    def trigger(self) -> Mapping[str, Any]:
        """The binding that makes it run: type, name, route, methods, authLevel or schedule."""
        return next(binding for binding in self.bindings if binding["type"].endswith("Trigger"))


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What an HTTP function answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class AzureWorker:
    """An indexed app. Make one with `azure_worker` or `start_worker`."""

    def __init__(self, functions: Sequence[IndexedFunction]) -> None:
        self.functions = {function.name: function for function in functions}

    async def invoke_http(
        self,
        name: str,
        body: bytes,
        *,
        method: str = "POST",
        url: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """
        Call an HTTP function with a request.

        Raises:
            InvocationFailed: it raised.
        """
        datum = importlib.import_module(f"{PACKAGE}.bindings.datumdef").Datum
        request = {
            "method": datum(method, "string"),
            "url": datum(url or f"http://localhost/api/{self.functions[name].trigger['route']}", "string"),
            "headers": {key.lower(): datum(value, "string") for key, value in (headers or {}).items()},
            "params": {},
            "query": {},
            "body": datum(body, "bytes"),
        }
        answer = (await self._invoke(name, datum(request, "http"))).value
        return HttpReply(
            int(answer["status_code"].value),
            {key.lower(): value.value for key, value in answer["headers"].items()},
            answer["body"].value,
        )

    async def invoke_timer(self, name: str, *, is_past_due: bool = False) -> None:
        """
        Run a timer function.

        Raises:
            InvocationFailed: it raised.
        """
        datum = importlib.import_module(f"{PACKAGE}.bindings.datumdef").Datum
        status = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": is_past_due}
        await self._invoke(name, datum(json.dumps(status), "json"))

    async def _invoke(self, name: str, argument: Any) -> Any:  # noqa: ANN401 - the library's untyped Datum
        function = self.functions[name]
        native = importlib.import_module(f"{PACKAGE}.native_invocation")
        inputs = [(function.trigger["name"], argument)]
        is_ok, answer, _, failure, _ = await native.invocation_request_native(
            str(uuid.uuid4()), function.function_id, inputs, {}
        )
        if not is_ok:
            raise InvocationFailed(failure)
        return answer


async def start_worker(app_dir: Path = ROOT) -> AzureWorker:
    """
    Index the app in `app_dir`, with the environment as it is now, for the rest of this process's life.

    Raises:
        NotIndexed: Azure would not start this app.
    """
    # It tells every step at INFO and below.
    logging.getLogger(PACKAGE).setLevel(logging.WARNING)
    sys.path.insert(0, str(app_dir))
    runtime = importlib.import_module(PACKAGE)
    runtime.start_threadpool_executor()
    start = SimpleNamespace(capabilities={}, function_app_directory=str(app_dir))
    started = await runtime.worker_init_request(_message(worker_init_request=start))
    if started.result.status != _PROTOS.StatusResult.Success:
        raise NotIndexed(started.result.exception.message)
    answer = await runtime.functions_metadata_request(_message())
    return AzureWorker(
        [
            IndexedFunction(found.name, found.function_id, [json.loads(binding) for binding in found.raw_bindings])
            for found in answer.function_metadata_results or []
        ]
    )


@asynccontextmanager
async def azure_worker(app_dir: Path = ROOT) -> AsyncIterator[AzureWorker]:
    """
    Run a worker in this event loop for a while, with library and app loaded anew.

    Raises:
        NotIndexed: Azure would not start this app.
    """
    path = sys.path[:]
    _forget_modules()
    try:
        yield await start_worker(app_dir)
    finally:
        await _close_app()
        importlib.import_module(PACKAGE).stop_threadpool_executor()
        sys.path[:] = path
        _forget_modules()


async def _close_app() -> None:
    """Close what the app has opened. Azure never does, it ends the process."""
    started = getattr(sys.modules.get("function_app"), "_started", None)
    if started and started.cache_info().currsize:
        await started().close()


def _forget_modules() -> None:
    """Make the next import of the app and of the library a first one."""
    for module in list(sys.modules):
        if module == "function_app" or module.split(".", 1)[0] == PACKAGE:
            del sys.modules[module]


def _message(**content: object) -> SimpleNamespace:
    properties = {"host": "127.0.0.1", "protos": _PROTOS}
    return SimpleNamespace(request=SimpleNamespace(**content), properties=properties)


def _message_type(name: str, **constants: int) -> type[SimpleNamespace]:
    """Return a stand-in for a protobuf message: the library fills its attributes and we read them."""
    return type(name, (SimpleNamespace,), constants)


# The protobuf module that Azure's worker process hands to the library, as far as indexing needs it.
_PROTOS = SimpleNamespace(
    BindingInfo=_message_type("BindingInfo", **{"in": 0, "out": 1, "inout": 2}),
    StatusResult=_message_type("StatusResult", Failure=0, Success=1),
    **{
        name: _message_type(name)
        for name in (
            "FunctionLoadResponse",
            "FunctionMetadataResponse",
            "RpcException",
            "RpcFunctionMetadata",
            "RpcRetryOptions",
            "WorkerInitResponse",
            "WorkerMetadata",
        )
    },
)
