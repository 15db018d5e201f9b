"""What may import what beyond our own modules, and what an app may load before its first request."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import ROOT

ALLOWED: dict[str, set[str]] = {
    "azure.functions": {"function_app.py", "promptready/local"},
    "azure.cosmos": {"promptready/store/cosmos.py"},
    "azure.keyvault": {"promptready/secrets.py"},
    "azure.identity": {"promptready/secrets.py", "promptready/store/cosmos.py"},
    "httpx": {"promptready/providers.py", "promptready/connections.py", "promptready/http1.py", "promptready/app.py"},
    "pydantic": {"promptready/wire.py"},
    "sqlite3": {"promptready/store/sqlite.py"},
    "uvicorn": {"promptready/local"},
}
SOURCES = [ROOT / "function_app.py", *sorted((ROOT / "promptready").rglob("*.py"))]


def imported(source: Path) -> Iterator[str]:
    """Every module a file names in an import, or in a string given to `import_module`."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module)):
                yield module
            case ast.Constant(value=str(text)) if text.startswith("azure."):
                yield text


@pytest.mark.parametrize("package", ALLOWED)
def test_a_library_is_known_to_its_adapter_alone(package: str) -> None:
    users = {
        str(source.relative_to(ROOT))
        for source in SOURCES
        if any(name == package or name.startswith(f"{package}.") for name in imported(source))
    }
    assert users, f"nobody uses {package}: is it still needed?"
    strays = {user for user in users if not any(user.startswith(allowed) for allowed in ALLOWED[package])}
    assert not strays


def test_the_environment_is_read_by_the_settings_alone() -> None:
    readers = {str(source.relative_to(ROOT)) for source in SOURCES if "os.environ" in source.read_text()}
    assert {reader for reader in readers if not reader.startswith("promptready/local")} == {"promptready/settings.py"}


def test_importing_the_app_loads_nothing_heavy() -> None:
    heavy = ("azure.cosmos", "azure.identity", "azure.keyvault", "aiohttp", "httpx", "pydantic", "sqlite3")
    code = f"import sys, function_app; print([name for name in {heavy!r} if name in sys.modules])"
    environment = {"STORE_URL": "sqlite:///unused.db", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
