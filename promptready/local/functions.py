"""The functions of an app, found the way Azure finds them: through the public API of azure.functions."""

import importlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from promptready.errors import StartupRefused
from promptready.local.serve import CannotStart

if TYPE_CHECKING:
    from azure.functions import FunctionApp


@dataclass(frozen=True, slots=True)
class HttpFunction:
    """A function behind an HTTP route. No `methods` means every method."""

    name: str
    route: str
    methods: frozenset[str]
    parameter: str
    handler: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class TimerFunction:
    """A function on a schedule, which may still name app settings as `%NAME%`."""

    name: str
    schedule: str
    parameter: str
    handler: Callable[..., Any]


Function = HttpFunction | TimerFunction


def load_functions(app_dir: Path) -> list[Function]:
    """
    Import `function_app.py` from `app_dir` and list its functions.

    Raises:
        CannotStart: it cannot be imported, or has a trigger or binding the local host does not serve.
        ModuleNotFoundError: a package it needs is not installed.
    """
    if not (app_dir / "function_app.py").is_file():
        raise CannotStart(
            f"There is no function_app.py in {app_dir}: start from the repository's root, or use --app-dir."
        )
    sys.path.insert(0, str(app_dir))
    try:
        module = importlib.import_module("function_app")
        functions = [_function(function) for function in _app_of(module).get_functions()]
    except (CannotStart, ModuleNotFoundError):
        raise
    except StartupRefused as exc:
        raise CannotStart(str(exc)) from exc
    except Exception as exc:
        raise CannotStart(f"function_app.py cannot be used: {_what_and_where(exc)}.") from exc
    return functions


def _app_of(module: ModuleType) -> "FunctionApp":
    from azure.functions import FunctionApp  # noqa: PLC0415 - without it, that is for load_functions to say

    apps = [value for value in vars(module).values() if isinstance(value, FunctionApp)]
    if len(apps) != 1:
        raise CannotStart(f"function_app.py must have exactly one FunctionApp, and has {len(apps)}.")
    return apps[0]


def _function(function: Any) -> Function:  # noqa: ANN401 - the library does not export its class
    name = str(function.get_function_name())
    trigger = function.get_trigger().get_dict_repr()
    others = [
        binding["type"] for binding in function.get_bindings_dict()["bindings"] if binding["type"] != trigger["type"]
    ]
    handler = function.get_user_function()
    match trigger["type"]:
        case "httpTrigger" if others == ["http"]:
            route = str(trigger.get("route") or name).strip("/")
            if "{" in route:
                raise CannotStart(f"The route {route!r} of {name} has parameters, which the local host does not serve.")
            methods = frozenset(
                str(getattr(method, "value", method)).upper() for method in trigger.get("methods") or ()
            )
            return HttpFunction(name, route, methods, trigger["name"], handler)
        case "timerTrigger" if not others:
            return TimerFunction(name, trigger["schedule"], trigger["name"], handler)
        case _:
            raise CannotStart(f"The bindings of {name} ({trigger['type']}, {others}) are not served by the local host.")


def _what_and_where(exc: Exception) -> str:
    """One line for a developer: what was raised, where, and its own words."""
    frames = traceback.extract_tb(exc.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(exc).__name__}{place}: {' '.join(str(exc).split())}"
