"""
Whether fidelity tells faithful answers from unfaithful ones: `python -m bench.separation` prints a table.

Pages are made by a seeded generator, and so are four kinds of answers to each: faithful ones, which tidy what models
tidy and leave out what no reader wants, and lossy, invented and truncated ones, from gross to as small as one changed
digit on a long page. The unfaithful answers have been tidied too, so that tidying gives nothing away. AUC is the chance
that a faithful answer scores above an unfaithful one, where a tie counts half.

With `--wcxb DIR`, the folder of a Web Content eXtraction Benchmark, its real pages take the place of made ones.
"""

import argparse
import json
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from promptready.fidelity import measure

SEED = 1
SHORTEST_PAGE = 1000
HALF, FEW = 0.5, 0.2
NUMBERS, LINKS = 0.35, 0.15  # of all sentences
MOST_EDITS = 0.1  # of all words; one in four of these becomes another word
Answer = Callable[[random.Random, str], str]

SUBJECTS = (
    "tea water leaf cup pot kettle garden harvest trade ship port tax house guest river hill farm mill paper print"
)
VERBS = (
    "grows falls rises carries holds brings keeps makes sells warms cools dries rolls turns opens closes costs weighs"
)
REST = "the a of in on with from by for and but then often slowly early late small large green black old new first last"
BOILERPLATE = (
    "Share this page",
    "Subscribe to our newsletter",
    "We use cookies to improve your visit. Accept all",
    "[Home](https://example.org/) [Shop](https://example.org/shop) [About](https://example.org/about)",
    "12 comments",
    "Read next: [Ten more pages](https://example.org/more)",
)


def make_page(rng: random.Random) -> str:
    """An article with headings, lists, links, numbers, and now and then a table or code."""
    blocks = [f"# {title(rng)}", rng.choice(BOILERPLATE)]
    for _ in range(rng.randint(2, 9)):
        blocks.append(f"## {title(rng)}")
        blocks += [paragraph(rng) for _ in range(rng.randint(1, 5))]
        blocks += [make(rng) for make, chance in ((bullets, 0.4), (table, 0.25), (code, 0.25)) if rng.random() < chance]
    return "\n\n".join([*blocks, *rng.sample(BOILERPLATE, rng.randint(0, 3))])


def word(rng: random.Random) -> str:
    return rng.choice(rng.choice((SUBJECTS, VERBS, REST, REST)).split()) + rng.choice(("", "", "", "s", "ly"))


def title(rng: random.Random) -> str:
    return " ".join(word(rng) for _ in range(rng.randint(2, 5))).capitalize()


def number(rng: random.Random) -> str:
    return rng.choice((str(rng.randint(2, 99)), f"{rng.randint(1000, 99999):,}", str(rng.randint(1800, 2026))))


def sentence(rng: random.Random) -> str:
    words = [word(rng) for _ in range(rng.randint(7, 22))]
    if rng.random() < NUMBERS:
        words.insert(rng.randrange(len(words)), number(rng))
    if rng.random() < LINKS:
        words.append(f"[{word(rng)}](https://example.org/{word(rng)}/{rng.randint(1, 999)})")
    return " ".join(words).capitalize() + "."


def paragraph(rng: random.Random) -> str:
    return " ".join(sentence(rng) for _ in range(rng.randint(2, 7)))


def bullets(rng: random.Random) -> str:
    return "\n".join(f"- {sentence(rng)}" for _ in range(rng.randint(3, 8)))


def table(rng: random.Random) -> str:
    rows = [f"| {word(rng)} | {number(rng)} | {number(rng)} |" for _ in range(rng.randint(3, 9))]
    return "\n".join([f"| {word(rng)} | {word(rng)} | {word(rng)} |", "| --- | --- | --- |", *rows])


def code(rng: random.Random) -> str:
    lines = [f"    {word(rng)} = {word(rng)}({rng.randint(0, 99)})" for _ in range(rng.randint(2, 9))]
    return "\n".join(["```", f"def {word(rng)}({word(rng)}):", *lines, "```"])


def blocks_of(page: str) -> list[str]:
    """What blank lines part, with code in one piece."""
    parts = re.split(r"(?m)(^```[^`]*^```$)", page)
    return [
        block
        for place, part in enumerate(parts)
        for block in ([part] if place % 2 else re.split(r"\n{2,}", part))
        if block
    ]


def faithful(rng: random.Random, page: str) -> str:
    """Tidy as models do: layout and typography, the odd word, and no boilerplate."""
    edits = rng.uniform(0, MOST_EDITS)
    blocks = [block for block in blocks_of(page) if block not in BOILERPLATE or rng.random() < FEW]
    return "\n\n".join(tidy(rng, block, edits) for block in blocks)


def tidy(rng: random.Random, block: str, edits: float) -> str:
    if block.startswith("```"):
        return block.replace("```\n", "```python\n", 1) if rng.random() < HALF else block
    if block.startswith("|"):
        return block.replace(" | ", " |  ") if rng.random() < HALF else block
    if block.startswith("#"):
        return "#" + block if rng.random() < FEW else block
    if block.startswith("- ") and rng.random() < HALF:
        items = block.removeprefix("- ").split("\n- ")
        return "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1))
    words = block.split(" ")
    for place, token in enumerate(words):
        if token.isalpha() and rng.random() < edits:
            words[place] = rng.choice((f"**{token}**", f"“{token}”", token.capitalize(), word(rng)))
    return " ".join(words)


def lossy(rng: random.Random, page: str) -> str:
    """Leave out what a reader needs: a tenth of the page or more."""
    blocks = blocks_of(page)
    match rng.randrange(4):
        case 0:  # a run of sections
            gone = max(1, round(len(blocks) * rng.uniform(0.1, 0.5)))
            first = rng.randrange(len(blocks) - gone + 1)
            del blocks[first : first + gone]
        case 1:  # a summary: the first sentence of everything
            blocks = [re.split(r"(?<=\.)\s", block)[0] for block in blocks]
        case 2:  # every third sentence
            blocks = [" ".join(s for n, s in enumerate(re.split(r"(?<=\.) ", block)) if n % 3 != 1) for block in blocks]
        case _:  # blocks here and there
            gone = max(1, round(len(blocks) * rng.uniform(0.2, 0.5)))
            for place in sorted(rng.sample(range(len(blocks)), gone), reverse=True):
                del blocks[place]
    return faithful(rng, "\n\n".join(blocks))


def invented(rng: random.Random, page: str) -> str:
    """Make something up: often one digit or one link only."""
    answer = faithful(rng, page)
    times = rng.choice((1, 1, 2, 3, 5))
    makes: tuple[Answer, ...] = (change_digit, invent_link, invent_fact, *([indent_code] if "```" in page else []))
    make = rng.choice(makes)
    for _ in range(times):
        answer = make(rng, answer)
    return answer


def change_digit(rng: random.Random, answer: str) -> str:
    places = [match.start() for match in re.finditer(r"(?<=[ ,\d])\d(?![.)] )", answer)]
    if not places:
        return invent_fact(rng, answer)
    place = rng.choice(places)
    return answer[:place] + str((int(answer[place]) + rng.randint(1, 9)) % 10) + answer[place + 1 :]


def invent_link(rng: random.Random, answer: str) -> str:
    return put_between(rng, answer, f"See [{word(rng)}](https://{word(rng)}.example/{rng.randint(1, 9999)}).")


def invent_fact(rng: random.Random, answer: str) -> str:
    return put_between(
        rng, answer, f"{sentence(rng)} In {rng.randint(1000, 2026)} it cost {rng.randint(100, 99999)} in all."
    )


def indent_code(_: random.Random, answer: str) -> str:
    return re.sub(r"(?m)^    ", "  ", answer)


def put_between(rng: random.Random, answer: str, block: str) -> str:
    blocks = blocks_of(answer)
    blocks.insert(rng.randrange(len(blocks) + 1), block)
    return "\n\n".join(blocks)


def truncated(rng: random.Random, page: str) -> str:
    """Stop somewhere in the first nine tenths."""
    answer = faithful(rng, page)
    return answer[: int(len(answer) * rng.uniform(0.1, 0.9))]


UNFAITHFUL: dict[str, Answer] = {"lossy": lossy, "invented": invented, "truncated": truncated}


def auc(high: list[float], low: list[float]) -> float:
    """The chance that one of `high` is above one of `low`; a tie counts half."""
    low = sorted(low)
    wins = sum(bisect_left(low, score) + bisect_right(low, score) for score in high)
    return wins / (2 * len(high) * len(low))


def scores(pages: list[str], seed: int) -> dict[str, list[float]]:
    """The scores of one answer of each kind to each page."""
    rng = random.Random(seed)  # noqa: S311  # the same corpus in every run
    kinds: dict[str, Answer] = {"faithful": faithful, **UNFAITHFUL}
    return {kind: [measure(page, make(rng, page)).score for page in pages] for kind, make in kinds.items()}


def made_pages(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)  # noqa: S311
    return [make_page(rng) for _ in range(count)]


def wcxb_pages(folder: Path, count: int) -> list[str]:
    """The reviewed Markdown of real pages; those with hardly any text are left out."""
    truths = (json.loads(path.read_text())["ground_truth"] for path in sorted((folder / "ground-truth").glob("*.json")))
    pages = [truth.get("main_content_markdown") or truth.get("main_content") or "" for truth in truths]
    return [page for page in pages if len(page) >= SHORTEST_PAGE][:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--wcxb", type=Path)
    arguments = parser.parse_args()
    pages = wcxb_pages(arguments.wcxb, arguments.pages) if arguments.wcxb else made_pages(arguments.pages, SEED)
    found = scores(pages, SEED)
    print(f"{len(pages)} {'real' if arguments.wcxb else 'made'} pages, one answer of each kind to each")
    print(f"{'':12}{'p05':>8}{'median':>8}{'p95':>8}{'AUC':>8}")
    for kind, values in found.items():
        cuts = quantiles(values, n=20)
        line = f"{kind:12}{cuts[0]:8.3f}{cuts[9]:8.3f}{cuts[18]:8.3f}"
        print(line if kind == "faithful" else f"{line}{auc(found['faithful'], values):8.3f}")


if __name__ == "__main__":
    main()
