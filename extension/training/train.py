"""
Train the selection models, or say how good they are on sites they have not seen.

    python training/train.py fit --work DIR      # trains on everything, writes cleaner/select/model.json
    python training/train.py cv  --work DIR      # five folds by registrable domain, prints the table

DIR holds what `extract.ts` wrote. Three models, each fed by the one before:
page type (from page features), first look (each block alone), second look (along the page, with the first opinions).
A model is always fed with opinions on pages its predecessor was not trained on.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import forest
import network
import numpy as np
from corpus import FOLDS, TYPES, load
from scoring import print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus import Corpus

EXTENSION = Path(__file__).resolve().parent.parent

Model = TypeVar("Model")

SURE_LOG_ODDS = -3
"""Half of all blocks are so surely no content that a second look would be lost time."""

FIRST_SHARE = 0.3
"""What the first look still says about the others in the end, of the log odds."""


class Context:
    """
    Asks `context.ts` what surrounds the first opinions.

    One process for all questions: reading the shapes takes longer than answering.
    """

    def __init__(self, work: Path) -> None:
        self.given, self.made = work / "opinions.f32", work / "context.f32"
        self.process = subprocess.Popen(  # noqa: S603
            ["npx", "tsx", "training/context.ts", "--shapes", work / "shapes.ndjson",  # noqa: S607
             "--opinions", self.given, "--out", self.made],
            cwd=EXTENSION, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.names: list[str] = json.loads(self.process.stdout.readline())

    def features(self, opinions: np.ndarray) -> np.ndarray:
        """One row of `names` per block of the corpus, from one opinion per block."""
        opinions.astype(np.float32).tofile(self.given)
        print(file=self.process.stdin, flush=True)
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("context.ts ended early")
        return np.fromfile(self.made, np.float32).reshape(len(opinions), -1)


class Chain:
    """
    The three models, trained without a set of folds.

    Whatever a model is fed with about a page comes from predecessors that never saw that page's fold: a training page
    of fold h gets opinions of models trained without `left_out` and h. So what reaches the held-out fold was made
    without it at every step. Models are kept by the folds they were trained without, because most are needed twice.
    """

    def __init__(self, corpus: Corpus, context: Context) -> None:
        self.corpus = corpus
        self.context = context
        self.kept: dict[tuple[str, frozenset[int]], object] = {}
        blocks, pages = len(corpus.block_names), len(corpus.page_names)
        self.types_at = blocks + pages
        self.first_columns = self.types_at + len(TYPES)
        self.rows = np.zeros((len(corpus.rows), self.first_columns + len(context.names)), np.float32)
        self.rows[:, :blocks] = corpus.rows
        self.rows[:, blocks : self.types_at] = corpus.page_rows[corpus.page_of]
        # One name, one meaning: page and block features share a row.
        self.page_names = [f"page.{name}" for name in corpus.page_names]
        self.names = [
            *(f"block.{name}" for name in corpus.block_names),
            *self.page_names,
            *(f"page.type_{kind}" for kind in TYPES),
            *context.names,
        ]

    def types(self, left_out: frozenset[int]) -> forest.Booster:
        """The page type model."""
        return self.keep("types", left_out, lambda: forest.train_types(self.corpus, self.pages_without(left_out)))

    def first(self, left_out: frozenset[int]) -> forest.Booster:
        """The first look: each block alone, on pages whose type was guessed unseen."""

        def train() -> forest.Booster:
            self.fill_types(left_out)
            return forest.train_blocks(self.corpus, self.rows[:, : self.first_columns], self.pages_without(left_out))

        return self.keep("first", left_out, train)

    def second(self, left_out: frozenset[int]) -> network.Network:
        """The second look: along the page, with the first look's opinions on pages it had not seen."""

        def train() -> network.Network:
            return network.train(self.material(left_out)[1], self.pages_without(left_out))

        return self.keep("second", left_out, train)

    def keep(self, name: str, left_out: frozenset[int], train: Callable[[], Model]) -> Model:
        key = (name, left_out)
        if key not in self.kept:
            self.kept[key] = train()
        return self.kept[key]

    def pages_without(self, left_out: frozenset[int]) -> np.ndarray:
        return ~np.isin(self.corpus.folds, list(left_out))

    def fill_types(self, left_out: frozenset[int]) -> None:
        """Write the guessed types of all pages into the rows."""
        guesses = np.zeros((len(self.corpus.pages), len(TYPES)), np.float32)
        for fold in range(FOLDS):
            pages = self.corpus.folds == fold
            guesses[pages] = self.types(left_out | {fold}).predict(self.corpus.page_rows[pages])
        self.rows[:, self.types_at : self.first_columns] = guesses[self.corpus.page_of]

    def material(self, left_out: frozenset[int]) -> tuple[np.ndarray, network.Material]:
        """The first opinions, and what the second look is given: the rows themselves, so use it before asking again."""
        models = [self.first(left_out | {fold}) for fold in range(FOLDS)]
        self.fill_types(left_out)
        opinions = np.zeros(len(self.rows), np.float32)
        for fold, model in enumerate(models):
            mask = self.corpus.fold_of_row == fold
            opinions[mask] = model.predict(self.rows[mask, : self.first_columns])
        self.rows[:, self.first_columns :] = self.context.features(opinions)
        unsure = log_odds(opinions) >= SURE_LOG_ODDS
        return opinions, network.Material(self.corpus, self.rows, unsure)

    def both_looks(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """The first opinions and those that count, as in model.ts, on the blocks of a fold that no model has seen."""
        left_out = frozenset([fold])
        model = self.second(left_out)
        first, material = self.material(left_out)
        second = network.predict(material, self.corpus.folds == fold, model)
        mixed = sigmoid(FIRST_SHARE * log_odds(first) + (1 - FIRST_SHARE) * second)
        mask = self.corpus.fold_of_row == fold
        return first[mask], np.where(material.read, mixed, first)[mask]

    def exported(self, left_out: frozenset[int]) -> dict[str, object]:
        """The three models trained without these folds, as model.json holds them."""
        return {
            "page": forest.export(self.types(left_out), self.page_names),
            "first": forest.export(self.first(left_out), self.names[: self.first_columns]),
            "second": network.export(self.second(left_out), self.names),
            "sureLogOdds": SURE_LOG_ODDS,
            "firstShare": FIRST_SHARE,
        }


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    return np.log(probabilities / (1 - probabilities))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", choices=["fit", "cv"], nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    chain = Chain(load(args.work), Context(args.work))
    for command in args.commands:
        if command == "fit":
            write_model(chain)
        else:
            cross_validate(chain, args.work)


def write_model(chain: Chain) -> None:
    path = EXTENSION / "cleaner/select/model.json"
    path.write_text(in_rows(chain.exported(frozenset())))
    print(f"model.json: {math.ceil(path.stat().st_size / 1000)} kB", flush=True)


def cross_validate(chain: Chain, work: Path) -> None:
    corpus = chain.corpus
    looks = np.zeros((2, len(corpus.rows)))
    for fold in range(FOLDS):
        looks[:, corpus.fold_of_row == fold] = chain.both_looks(fold)
        (work / f"fold-{fold}.json").write_text(in_rows(chain.exported(frozenset([fold]))))
        print("fold", fold, "done", flush=True)
    folds = {page.id: int(fold) for page, fold in zip(corpus.pages, corpus.folds, strict=True)}
    (work / "folds.json").write_text(json.dumps(folds))
    for name, opinions in zip(["first look", "both looks"], looks, strict=True):
        print_table(corpus, f"{name}, cut at 0.5", opinions, cut=0.5)
        print_table(corpus, f"{name}, best cut", opinions)


def in_rows(value: object) -> str:
    """JSON in which a list of numbers or names is a line, so that a tree or an input's weights are one each."""
    match value:
        case dict():
            return "{\n" + ",\n".join(f"{json.dumps(key)}:{in_rows(part)}" for key, part in value.items()) + "\n}"
        case [list() | dict(), *_]:
            return "[\n" + ",\n".join(map(in_rows, value)) + "\n]"
        case _:
            return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
