"""requirements.txt pins what requirements.in asks for, whole, on every Python we support, and holds it to hashes."""

import re
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.infra.bicep import ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PINS_TEXT = (ROOT / "requirements.txt").read_text(encoding="utf-8")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def _asked() -> list[Requirement]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    bare = (line.partition("  #")[0].strip() for line in lines if not line.startswith("#"))
    return [Requirement(line) for line in bare if line]


def _pins() -> list[tuple[Requirement, str]]:
    """Each pin with the text of its hashes."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^ *#.*\n", "", PINS_TEXT, flags=re.MULTILINE))
    return [(Requirement(entry.partition("\\")[0].strip()), entry.partition("\\")[2]) for entry in entries]


def _applies(requirement: Requirement, python: str) -> bool:
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def test_every_pin_is_held_to_hashes() -> None:
    assert len(_pins()) > 20
    for pin, hashes in _pins():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        assert HASH.findall(hashes), pin


@pytest.mark.parametrize("python", PYTHONS)
def test_each_python_gets_one_version_of_what_is_asked_for(python: str) -> None:
    for asked in _asked():
        if not _applies(asked, python):
            continue
        named = [pin for pin, _ in _pins() if pin.name == asked.name and _applies(pin, python)]
        assert len(named) == 1, (asked, named)
        (exact,) = named[0].specifier
        assert asked.specifier.contains(exact.version), (asked, exact)


def test_what_the_pins_need_is_pinned_too() -> None:
    """A wheel that is missing here would be installed without a hash, or not at all."""
    pinned = {canonicalize_name(pin.name) for pin, _ in _pins()}
    for pin, _ in _pins():
        try:
            needed = [Requirement(text) for text in requires(pin.name) or []]
        except PackageNotFoundError:
            continue  # of another Python or system
        needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
        assert {canonicalize_name(one.name) for one in needed} <= pinned, pin


def test_no_index_is_named() -> None:
    assert "://" not in PINS_TEXT
    assert "index-url" not in PINS_TEXT
