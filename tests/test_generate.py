"""What the extension takes from this half is on disk as it would be written now."""

import json

from promptready import generate
from promptready.http import ERRORS
from tests.support.process import ROOT


def test_the_generated_files_are_up_to_date() -> None:
    assert generate.main(["--check"]) == 0


def test_every_row_of_the_error_table_is_in_the_document() -> None:
    document = json.loads((ROOT / "openapi.json").read_text())
    responses = document["paths"]["/api/process-ai"]["post"]["responses"]
    for status, code in ERRORS.values():
        assert code in responses[str(status)]["description"]
