import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptready.fidelity import Fidelity, Tally, measure

KINDS = ("words", "numbers", "links", "code", "rows", "headings")
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "fidelity.json").read_text())
PERFECT = 1.0


def tally(fidelity: Fidelity, kind: str) -> Tally:
    found = getattr(fidelity, kind)
    assert isinstance(found, Tally)
    return found


def test_there_are_enough_vectors_and_no_name_is_used_twice() -> None:
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS) >= 60


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_counts_and_score_are_what_was_reasoned(vector: dict[str, Any]) -> None:
    times = vector.get("repeat", 1)
    fidelity = measure(vector["source"] * times, vector["answer"] * times)
    nothing = {"total": 0, "kept": 0, "extra": 0}
    assert {kind: tally(fidelity, kind) for kind in KINDS} == {
        kind: Tally(**vector.get(kind, nothing)) for kind in KINDS
    }
    assert fidelity.score == vector["score"]


made = settings(derandomize=True, deadline=None, max_examples=60)

# Markdown-like noise finds more than plain noise; both are wanted. Plain noise is drawn from every seventh character,
# because hypothesis takes seconds to lay out all of them.
CHARACTERS = "".join(map(chr, range(0, 0x3400, 7))) + "\ud800\U00020000\U0001f375"
FRAGMENTS = st.sampled_from(
    (
        *("```", "~~~", "\n", "\r\n", "](", "](http://a.b/c", "www.a", "https://", "# ", "| ", "|", "> ", "1. ", "- "),
        *("1,000", "-5", "٣", "&#39;", "é", "e\u0301", "茶", "ς", "\x02", "\x85", "\u2028", "\u200b", "\ud800", "tea "),
        *("2026-11-22", "12:30", ".5", "İ", "½", "·", "“", "カ", ". "),
    )
)
NOISE = st.text(CHARACTERS, max_size=3)
TEXTS = st.lists(st.one_of(FRAGMENTS, FRAGMENTS, NOISE), max_size=25).map("".join)


@made
@given(TEXTS, TEXTS)
def test_no_text_makes_it_fail_and_every_count_adds_up(source: str, answer: str) -> None:
    forth, back = measure(source, answer), measure(answer, source)
    assert 0 <= forth.score <= 1
    for kind in KINDS:
        there, here = tally(forth, kind), tally(back, kind)
        assert 0 <= there.kept <= there.total
        assert there.extra >= 0
        assert (here.total, here.kept, here.extra) == (there.kept + there.extra, there.kept, there.total - there.kept)


@made
@given(TEXTS)
def test_a_text_keeps_all_of_itself_and_nothing_of_it_is_in_another(text: str) -> None:
    # What is kept word for word is counted in another way than what is not: both must come to the same totals.
    itself, nothing = measure(text, text), measure(text, "")
    assert itself.score == PERFECT
    for kind in KINDS:
        total = tally(nothing, kind).total
        assert tally(itself, kind) == Tally(total, total, 0)
        assert tally(nothing, kind).kept == 0


@made
@given(st.text(alphabet="ab 0123456789.,:/'-()[]|*éг٣"), st.data())
def test_a_changed_digit_is_always_seen(text: str, data: st.DataObject) -> None:
    source = f"a {text} 7"  # with a word first, so that no number only counts list items
    place = data.draw(st.sampled_from([place for place, character in enumerate(source) if character.isdecimal()]))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda digit: int(digit) != int(source[place])))
    fidelity = measure(source, source[:place] + digit + source[place + 1 :])
    assert fidelity.numbers.extra + fidelity.links.extra > 0
    assert fidelity.score < PERFECT


@pytest.mark.parametrize(
    "hostile",
    [
        "](",
        "](a(",
        "http://(",
        "http://a(b",
        "- ",
        "> ",
        "```\n",
        "`",
        "|",
        "\\|",
        "1,",
        "-",
        "#",
        "www.",
        "1. ",
        "| a\n",
        "é",
        "٣",
        "茶",
    ],
)
def test_time_grows_with_length_and_not_faster(hostile: str) -> None:
    source = hostile * (100_000 // len(hostile))
    begin = time.process_time()
    measure(source, "x" + source)
    assert time.process_time() - begin < 1  # quadratic would be half a minute
