"""The Bicep files read whole, and their parts fit together: what can be known without the compiler."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.infra.bicep import INFRA, read, readable, syntax_errors, templates

if TYPE_CHECKING:
    from pathlib import Path

PARAMETER_FILES = sorted(INFRA.glob("*.bicepparam"))


def _name(path: Path) -> str:
    return str(path.relative_to(INFRA))


@pytest.mark.parametrize("path", [*templates(), *PARAMETER_FILES], ids=_name)
def test_every_file_is_bicep(path: Path) -> None:
    assert syntax_errors(readable(path)) == []


@pytest.mark.parametrize(
    "broken",
    [
        "resource a 'T@1' = {\n  name: 'x'\n",
        "param x strin\nresource = {}",
        "var a = [\n  for x in y: {\n  }\n",
    ],
    ids=["an object left open", "a resource without a name", "a loop left open"],
)
def test_a_syntax_error_is_seen(broken: str) -> None:
    assert syntax_errors(broken)


@pytest.mark.parametrize("path", templates(), ids=_name)
def test_a_module_is_given_what_it_takes_and_nothing_else(path: Path) -> None:
    for module, given in read(path).modules.items():
        takes = read(path.parent / module).parameters
        required = {name for name, has_default in takes.items() if not has_default}

        assert set(given) <= set(takes), module
        assert required <= set(given), module


@pytest.mark.parametrize("path", templates(), ids=_name)
def test_every_output_asked_of_a_module_is_one_it_has(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    modules = dict(re.findall(r"^module (\w+) '([^']+)'", source, re.MULTILINE))
    for symbol, output in re.findall(r"\b(\w+)\.outputs\.(\w+)", source):
        module = (path.parent / modules[symbol]).read_text(encoding="utf-8")
        assert re.search(rf"^output {output} ", module, re.MULTILINE), f"{symbol}.{output}"


@pytest.mark.parametrize("path", templates(), ids=_name)
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    template = read(path)
    for name in [*template.parameters, *template.variables]:
        assert len(re.findall(rf"\b{name}\b", source)) > 1, name


@pytest.mark.parametrize("path", templates(), ids=_name)
def test_every_file_a_template_loads_is_there(path: Path) -> None:
    for loaded in re.findall(r"loadTextContent\('([^']+)'\)", path.read_text(encoding="utf-8")):
        assert (path.parent / loaded).is_file(), loaded


def test_no_module_is_left_lying_about() -> None:
    used = {(path.parent / module).resolve() for path in templates() for module in read(path).modules}

    assert set((INFRA / "modules").glob("*.bicep")) == used


@pytest.mark.parametrize("path", PARAMETER_FILES, ids=_name)
def test_a_parameter_file_sets_what_the_template_asks_for(path: Path) -> None:
    takes = read(INFRA / "main.bicep").parameters
    given = set(read(path).variables)

    assert given <= set(takes)
    assert {name for name, has_default in takes.items() if not has_default} <= given


def test_there_are_parameters_for_development_and_production() -> None:
    assert {path.stem for path in PARAMETER_FILES} == {"dev", "prod"}


def test_azd_deploys_the_development_parameters() -> None:
    azure_yaml = (INFRA.parent / "azure.yaml").read_text(encoding="utf-8")

    assert "module: dev" in azure_yaml
    assert "host: function" in azure_yaml
