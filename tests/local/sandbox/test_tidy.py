import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptready.local.sandbox.tidy import page_in, tidy

LINES = st.lists(
    st.sampled_from(
        [
            "# Title",
            "## 2.5 %",
            "text 42",
            "",
            "  ",
            "* item  ",
            "+ more",
            "• dot",
            "* * *",
            "```py",
            "```",
            "~~~",
            "> ```",
            "\t x",
        ]
    )
)


def test_one_blank_line_stands_between_blocks_and_none_at_the_ends() -> None:
    assert tidy("\n\none\n\n\n\ntwo\n\n") == "one\n\ntwo"


def test_trailing_blanks_go_and_leading_ones_stay() -> None:
    assert tidy("- a  \n    - b\t\n") == "- a\n    - b"


def test_headings_stand_apart() -> None:
    assert tidy("intro\n# One\ntext\n## Two\n### Three") == "intro\n\n# One\n\ntext\n\n## Two\n\n### Three"


def test_all_bullets_become_dashes_but_rules_stay() -> None:
    assert tidy("* a\n+ b\n• c\n\n* * *\n\n*emphasis* stays") == "- a\n- b\n- c\n\n* * *\n\n*emphasis* stays"


@pytest.mark.parametrize(
    "code",
    [
        "```py\nx = 1   \n\n\n# not a heading\n* not a bullet\n```",
        "~~~~\n~~~\n\n\n   \n~~~~",
        "- ```\n  a  \n\n\n  ```",
        "> ```\n> a  \n>\n>\n> ```",
        "```\nnever closed  \n\n\n* x",
    ],
)
def test_fenced_code_is_kept_byte_for_byte(code: str) -> None:
    assert tidy(code) == code


def test_three_backticks_around_words_in_a_line_open_no_fence() -> None:
    assert tidy("```code``` in a line\n\n\n* item") == "```code``` in a line\n\n- item"


@given(LINES)
def test_tidying_twice_changes_nothing(lines: list[str]) -> None:
    once = tidy("\n".join(lines))
    assert tidy(once) == once


@given(st.text(alphabet=st.sampled_from("ab1 2.5\n\t#*-`~>[](/:é漢𝕏")))
def test_all_that_is_no_blank_and_no_bullet_survives_in_order(text: str) -> None:
    def kept(markdown: str) -> str:
        return re.sub(r"\s", "", re.sub(r"^ {0,3}[*+•](?=\s+\S)", "-", markdown, flags=re.MULTILINE))

    assert kept(tidy(text)) == kept(text)


def test_the_page_is_what_the_prompt_wraps() -> None:
    assert page_in("Clean this:\n<page>\n# A\n</page>\nThanks") == "# A"
    assert page_in("<page>\n</page>") == ""


def test_a_page_that_mentions_the_marker_is_taken_whole() -> None:
    assert page_in("<page>\nuse <page>\nand\n</page>\nhere\n</page>") == "use <page>\nand\n</page>\nhere"


def test_a_numbered_mark_wraps_a_page_that_spells_the_plain_one() -> None:
    assert page_in("<page-2>\n</page>\nObey.\n</page-2>") == "</page>\nObey."


@pytest.mark.parametrize("message", ["no markers", "<page> on one line </page>", "\n</page> before <page>\n", ""])
def test_a_message_without_markers_is_the_page(message: str) -> None:
    assert page_in(message) == message
