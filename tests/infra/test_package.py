"""The package holds the app and nothing else, and the same files make the same bytes."""

from __future__ import annotations

import ast
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.infra.bicep import ROOT
from tests.infra.scripts import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


package = load("package")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ["function_app.py", "app/local/tool.py", "app/main.py", "docs/page.md"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".funcignore").write_text("docs/\napp/local/\n.funcignore\n")
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "-A"], check=True)
    (tmp_path / "notes.txt").write_text("git knows nothing of this")
    return tmp_path


def test_what_is_deployed_is_what_git_knows_and_funcignore_leaves(repository: Path) -> None:
    assert package.app_files(repository) == ["app/main.py", "function_app.py"]


def test_the_same_files_make_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    files = package.app_files(repository)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"

    package.write_zip(first, [(repository, files)])
    (repository / "function_app.py").touch()
    package.write_zip(second, [(repository, list(reversed(files)))])

    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as written:
        assert written.namelist() == ["app/main.py", "function_app.py"]


def _modules(source: Path) -> Iterator[str]:
    """Every module of ours that a file imports, wherever in it, and the packages around them."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("promptready"):
                yield from [module, *(f"{module}.{name.name}" for name in names)]
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.startswith("promptready"))


def _needed() -> set[str]:
    """The files of ours that the app loads, however late."""
    needed, found = {"function_app.py"}, ["function_app.py"]
    while found:
        for module in _modules(ROOT / found.pop()):
            path = module.replace(".", "/")
            files = {name for name in (f"{path}.py", f"{path}/__init__.py") if (ROOT / name).is_file()}
            found += files - needed
            needed |= files
    return needed


def test_what_is_deployed_of_this_project_is_what_the_app_needs_and_nothing_else() -> None:
    beside_the_code = {"host.json", "requirements.txt", "promptready/catalog.toml"}

    assert set(package.app_files(ROOT)) == _needed() | beside_the_code
