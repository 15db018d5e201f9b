"""local.settings.json and host.json, read as Azure Functions Core Tools read them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from promptready.local.serve import CannotStart

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """`values` are what Azure calls app settings; `cors` are the origins that may call from a web page."""

    values: dict[str, str]
    port: int | None = None
    cors: tuple[str, ...] = ()
    cors_credentials: bool = False


def read_local_settings(path: Path) -> LocalSettings:
    """
    Read local.settings.json; a file that is not there has no settings.

    Raises:
        CannotStart: with what is wrong, where, in one sentence.
    """
    return _read(path, _local_settings) if path.exists() else LocalSettings({})


def read_route_prefix(path: Path) -> str:
    """
    Read the first part of every route from host.json; it is `api` where the file says nothing.

    Raises:
        CannotStart: with what is wrong, where, in one sentence.
    """
    return _read(path, _route_prefix)


class _Wrong(Exception):
    """Carries the half of a sentence that the file's name begins."""


def _read(path: Path, parse: Callable[[dict[str, Any]], T]) -> T:
    try:
        return parse(_object(json.loads(path.read_text(encoding="utf-8-sig")), "the file"))
    except OSError as exc:
        raise CannotStart(f"{path.name} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise CannotStart(f"{path.name} is not UTF-8 text.") from exc
    except json.JSONDecodeError as exc:
        raise CannotStart(
            f"{path.name} is not valid JSON: {exc.msg} at line {exc.lineno}, column {exc.colno}."
        ) from exc
    except RecursionError as exc:
        raise CannotStart(f"{path.name} is nested too deeply.") from exc
    except _Wrong as exc:
        raise CannotStart(f"{path.name}: {exc}.") from None


def _local_settings(root: dict[str, Any]) -> LocalSettings:
    if root.get("IsEncrypted"):
        raise _Wrong("the settings are encrypted; `func settings decrypt` makes them readable")
    values = _object(root.get("Values", {}), "Values")
    for name, value in values.items():
        if not isinstance(value, str):
            raise _Wrong(f"Values.{name} must be a string in double quotes")
        if not _fits_the_environment(name, value):
            raise _Wrong(f"Values has {name!a}, which cannot be an environment variable")
    host = _object(root.get("Host", {}), "Host")
    port = host.get("LocalHttpPort")
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 <= port < 2**16):
        raise _Wrong("Host.LocalHttpPort must be a port number")
    cors = host.get("CORS", "")
    if not isinstance(cors, str):
        raise _Wrong("Host.CORS must be a string of origins, separated by commas")
    origins = tuple(origin.strip().rstrip("/") for origin in cors.split(",") if origin.strip())
    return LocalSettings(values, port, origins, host.get("CORSCredentials") is True)


def _fits_the_environment(name: str, value: str) -> bool:
    is_name = bool(name) and "=" not in name
    return is_name and not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in name + value)


def _route_prefix(root: dict[str, Any]) -> str:
    extensions = _object(root.get("extensions", {}), "extensions")
    prefix = _object(extensions.get("http", {}), "extensions.http").get("routePrefix", "api")
    if not isinstance(prefix, str):
        raise _Wrong("extensions.http.routePrefix must be a string")
    return prefix


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"{name} must be a JSON object")
    return value
