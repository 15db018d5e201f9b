from pathlib import Path

import pytest

from promptready.local.serve import CannotStart
from promptready.local.settings_file import LocalSettings, read_local_settings
from tests.support.process import ROOT


def read(folder: Path, text: str) -> LocalSettings:
    path = folder / "local.settings.json"
    path.write_text(text, encoding="utf-8")
    return read_local_settings(path)


def test_values_port_and_origins_are_read(tmp_path: Path) -> None:
    text = """{"IsEncrypted": false, "Values": {"A": "1"},
               "Host": {"LocalHttpPort": 8080, "CORS": "https://a.example, https://b.example/",
               "CORSCredentials": true}}"""
    assert read(tmp_path, text) == LocalSettings({"A": "1"}, 8080, ("https://a.example", "https://b.example"), True)


def test_the_example_in_the_repository_is_good() -> None:
    example = read_local_settings(ROOT / "local.settings.example.json")
    assert example.values["STORE_URL"].startswith("sqlite:///")
    assert example.cors == ()


def test_a_missing_file_has_no_settings(tmp_path: Path) -> None:
    assert read_local_settings(tmp_path / "local.settings.json") == LocalSettings({})


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    assert read(tmp_path, '\ufeff{"Values": {}}') == LocalSettings({})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "local.settings.json is not valid JSON: Expecting value at line 1, column 1."),
        ('{"Values": {\n"A": 1,}}', "local.settings.json is not valid JSON: "),
        ("[]", "local.settings.json: the file must be a JSON object."),
        ('{"Values": []}', "local.settings.json: Values must be a JSON object."),
        ('{"Values": {"A": 1}}', "local.settings.json: Values.A must be a string in double quotes."),
        ('{"Host": {"LocalHttpPort": "7071"}}', "local.settings.json: Host.LocalHttpPort must be a port number."),
        ('{"Host": {"CORS": ["*"]}}', "local.settings.json: Host.CORS must be a string of origins"),
        ('{"Values": {"A=B": "1"}}', "local.settings.json: Values has 'A=B', which cannot be an environment variable."),
        ('{"Values": {"": "1"}}', "local.settings.json: Values has '', which cannot be an environment variable."),
        ('{"Values": {"A": "a\\u0000b"}}', "local.settings.json: Values has 'A', which cannot be"),
        ('{"Values": {"A": "\\ud800"}}', "local.settings.json: Values has 'A', which cannot be"),
        ("[" * 100_000, "local.settings.json is nested too deeply."),
        ('{"IsEncrypted": true}', "local.settings.json: the settings are encrypted"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CannotStart) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "local.settings.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(CannotStart, match="is not UTF-8 text"):
        read_local_settings(path)
