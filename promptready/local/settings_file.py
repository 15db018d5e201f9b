"""local.settings.json, the settings file of Azure Functions Core Tools, read as they read it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptready.local.serve import CannotStart


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """`values` are what Azure calls app settings; `cors` are the origins that may call from a web page."""

    values: dict[str, str]
    port: int | None = None
    cors: tuple[str, ...] = ()
    cors_credentials: bool = False


def read_local_settings(path: Path) -> LocalSettings:
    """
    Read the file; one that is not there has no settings.

    Raises:
        CannotStart: with what is wrong, where, in one sentence.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return LocalSettings({})
    except OSError as exc:
        raise CannotStart(f"{path.name} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise CannotStart(f"{path.name} is not UTF-8 text.") from exc
    except json.JSONDecodeError as exc:
        raise CannotStart(
            f"{path.name} is not valid JSON: {exc.msg} at line {exc.lineno}, column {exc.colno}."
        ) from exc
    try:
        return _parse(document)
    except _Wrong as exc:
        raise CannotStart(f"{path.name}: {exc}.") from None


class _Wrong(Exception):
    pass


def _parse(document: object) -> LocalSettings:
    root = _object(document, "the file")
    if root.get("IsEncrypted"):
        raise _Wrong("the settings are encrypted; `func settings decrypt` makes them readable")
    values = _object(root.get("Values", {}), "Values")
    for name, value in values.items():
        if not isinstance(value, str):
            raise _Wrong(f"Values.{name} must be a string in double quotes")
    host = _object(root.get("Host", {}), "Host")
    port = host.get("LocalHttpPort")
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 <= port < 2**16):
        raise _Wrong("Host.LocalHttpPort must be a port number")
    cors = host.get("CORS", "")
    if not isinstance(cors, str):
        raise _Wrong("Host.CORS must be a string of origins, separated by commas")
    origins = tuple(origin.strip().rstrip("/") for origin in cors.split(",") if origin.strip())
    return LocalSettings(values, port, origins, host.get("CORSCredentials") is True)


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"{name} must be a JSON object")
    return value
