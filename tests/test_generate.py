"""What the extension takes from this half is on disk as it would be written now."""

import json
import re
from pathlib import Path

from promptready import generate
from promptready.http import ERRORS
from tests.support.process import ROOT


def test_the_generated_files_are_up_to_date() -> None:
    assert generate.main(["--check"]) == 0


def test_the_version_is_carried_into_npm_s_files_and_into_no_dependency_s(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text('{\n  "version": "0.0.9",\n  "packages": {\n      "version": "0.0.9"\n      "version": "4.2.0"\n')

    carried = generate._with_version(lock, "1.2.3", places=2)

    assert re.findall(r'"version": "(.*)"', carried) == ["1.2.3", "1.2.3", "4.2.0"]


def test_every_row_of_the_error_table_is_in_the_document() -> None:
    document = json.loads((ROOT / "openapi.json").read_text())
    responses = document["paths"]["/api/process-ai"]["post"]["responses"]
    for status, code in ERRORS.values():
        assert code in responses[str(status)]["description"]
