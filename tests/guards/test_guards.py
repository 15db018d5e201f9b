"""The list of guards is kept true: `python -m tests.guards` removes them one by one."""

import pytest

from tests.guards.extension import EXTENSION
from tests.guards.guards import GUARDS, Guard
from tests.guards.leaks import LEAKS
from tests.guards.strangers import STRANGERS
from tests.support.process import ROOT


@pytest.mark.parametrize("guard", [*GUARDS, *STRANGERS, *LEAKS, *EXTENSION], ids=lambda guard: guard.name)
def test_a_guard_is_where_the_list_says_and_its_test_exists(guard: Guard) -> None:
    source = (ROOT / guard.path).read_text(encoding="utf-8")
    assert source.count(guard.text) == 1, f"{guard.path} has changed: look at the guard again"
    assert guard.instead != guard.text
    path, _, test = guard.test.partition("::")
    named = f"'{test}'" if path.endswith(".ts") else f"def {test.partition('[')[0]}("
    assert named in (ROOT / path).read_text(encoding="utf-8")
