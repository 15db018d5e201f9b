"""The scripts of infra/ as modules: each is run by its path and belongs to no package."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from tests.infra.bicep import INFRA

if TYPE_CHECKING:
    from types import ModuleType


def load(name: str) -> ModuleType:
    """The module of `infra/NAME.py`."""
    spec = importlib.util.spec_from_file_location(name, INFRA / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
