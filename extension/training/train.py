"""
Train the selection models, or say how good they are on sites they have not seen.

    python training/train.py fit --work DIR      # trains on everything, writes cleaner/select/model.json
    python training/train.py cv  --work DIR      # five folds by registrable domain, prints the table

DIR holds what `extract.ts` wrote. Three models, each fed by the one before:
page type (from page features), first look (each block alone), second look (each block among the opinions around it).
A model is always fed with opinions on pages its predecessor was not trained on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import lightgbm as lgb
import numpy as np
import orjson
from labels import block_labels, word_f1

if TYPE_CHECKING:
    from collections.abc import Callable

EXTENSION = Path(__file__).resolve().parent.parent
TYPES = ["article", "documentation", "service", "forum", "collection", "listing", "product"]
FOLDS = 5

TYPE_MODEL = {
    "objective": "multiclass",
    "num_class": len(TYPES),
    "num_leaves": 6,
    "learning_rate": 0.12,
    "min_data_in_leaf": 15,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2,
    "max_bin": 63,
}
TYPE_ROUNDS = 30
BLOCK_MODEL = {
    "objective": "cross_entropy",
    "num_leaves": 8,
    "learning_rate": 0.12,
    "min_data_in_leaf": 100,
    "min_sum_hessian_in_leaf": 0.5,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
}
FIRST_ROUNDS = 200
SECOND_ROUNDS = 140
COMMON = {"verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True}

SURE_LOG_ODDS = -4
"""As in model.ts; a test there holds the two together."""

SURE_WEIGHT = 0.02
EASY_TYPES = {"article", "documentation"}
HARD_WEIGHT = 1.75

LEAF_SHIFT = 100_000
THRESHOLDS_PER_FEATURE = 64


@dataclass(slots=True)
class Page:
    """One page of the benchmark: bags of words per block, and the truth's."""

    id: str
    kind: str
    domain: str
    bags: list[Counter[str]]
    sizes: np.ndarray
    truth: Counter[str]


@dataclass(slots=True)
class Corpus:
    """All pages; `rows` and `labels` have one entry per block, page after page, and `page_of` says whose it is."""

    pages: list[Page]
    page_names: list[str]
    block_names: list[str]
    page_rows: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    page_of: np.ndarray
    weights: np.ndarray
    folds: np.ndarray
    kinds: np.ndarray
    work: Path


def load(work: Path) -> Corpus:
    """Read what `extract.ts` wrote and align the truth with it; the alignment is kept in labels.npy."""
    pages: list[Page] = []
    page_rows, labels = [], []
    cache = work / "labels.npz"
    known = (
        dict(np.load(cache))
        if cache.exists() and cache.stat().st_mtime > (work / "shapes.ndjson").stat().st_mtime
        else {}
    )
    with (work / "pages.ndjson").open("rb") as lines:
        names = orjson.loads(next(lines))
        for line in lines:
            raw = orjson.loads(line)
            label = known.get(raw["id"])
            if label is None:
                label = known[raw["id"]] = block_labels(raw["words"], raw["truth"])
            kind = "collection" if raw["type"] == "category" else raw["type"]
            pages.append(
                Page(
                    id=raw["id"],
                    kind=kind,
                    domain=registrable_domain(raw["url"]) or raw["id"],
                    bags=[Counter(words) for words in raw["words"]],
                    sizes=np.array([len(words) for words in raw["words"]], int),
                    truth=Counter(raw["truth"]),
                )
            )
            page_rows.append(raw["page"])
            labels.append(label)
    np.savez(cache, **known)
    sizes = [len(page.sizes) for page in pages]
    # Every page weighs the same in macro F1, so a word weighs what it is worth on its page: little on one with much
    # text, whether wanted or not. The constants keep tiny pages and single huge blocks from shouting.
    prose = np.expm1(np.array(page_rows)[:, names["page"].index("proseWords")])
    weights = np.concatenate(
        [(page.sizes + 0.5) / (max(page.truth.total(), some) + 60) for page, some in zip(pages, prose, strict=True)]
    )
    # Where the benchmark has no text, or a text the page does not hold, the labels would teach to drop everything.
    found = [float(page.sizes @ label) for page, label in zip(pages, labels, strict=True)]
    taught = [got >= 0.5 * max(1, page.truth.total()) for page, got in zip(pages, found, strict=True)]
    weights *= np.repeat(taught, sizes)
    # Half of the pages are articles, whose blocks are sure early on: what is left to learn is on the others.
    weights *= np.repeat([1.0 if page.kind in EASY_TYPES else HARD_WEIGHT for page in pages], sizes)
    return Corpus(
        pages=pages,
        page_names=names["page"],
        block_names=names["block"],
        page_rows=np.array(page_rows, np.float32),
        rows=np.fromfile(work / "blocks.f32", np.float32).reshape(-1, len(names["block"])),
        labels=np.concatenate(labels),
        page_of=np.repeat(np.arange(len(pages)), sizes),
        weights=np.minimum(weights, 0.5),
        folds=np.array([fold_of(page.domain) for page in pages]),
        kinds=np.array([TYPES.index(page.kind) for page in pages]),
        work=work,
    )


def registrable_domain(url: str) -> str:
    """The domain people register, so that all pages of a site fall into one fold."""
    parts = (urlparse(url).hostname or "").split(".")
    second_level = {"co", "com", "org", "net", "ac", "gov", "edu"}
    take = 3 if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in second_level else 2  # noqa: PLR2004
    return ".".join(parts[-take:])


def fold_of(domain: str) -> int:
    """A fold that depends on the domain alone."""
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


# ---- models ----------------------------------------------------------------------------------------------------------


class Context:
    """
    Asks `context.ts` for the features of the second look.

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

    Quick means a third of the models: a training page of fold h gets opinions of models trained without h alone. Those
    have seen `left_out`, so it touches what the second look learns from, though never what it is judged on.
    """

    def __init__(self, corpus: Corpus, *, is_quick: bool) -> None:
        self.corpus = corpus
        self.is_quick = is_quick
        self.context = Context(corpus.work)
        self.kept: dict[tuple[str, frozenset[int]], lgb.Booster] = {}
        blocks, pages = len(corpus.block_names), len(corpus.page_names)
        self.types_at = blocks + pages
        self.first_columns = self.types_at + len(TYPES)
        self.rows = np.zeros((len(corpus.rows), self.first_columns + len(self.context.names)), np.float32)
        self.rows[:, :blocks] = corpus.rows
        self.rows[:, blocks : self.types_at] = corpus.page_rows[corpus.page_of]
        self.fold_of_row = corpus.folds[corpus.page_of]

    def types(self, left_out: frozenset[int]) -> lgb.Booster:
        """The page type model."""
        return self.keep("types", left_out, self.train_types)

    def first(self, left_out: frozenset[int]) -> lgb.Booster:
        """The first look: each block alone, on pages whose type was guessed unseen."""
        return self.keep("first", left_out, self.train_first)

    def second(self, left_out: frozenset[int]) -> lgb.Booster:
        """The second look: the same blocks among the first look's opinions on pages it had not seen."""
        return self.keep("second", left_out, self.train_second)

    def keep(self, name: str, left_out: frozenset[int], make: Callable[[frozenset[int]], lgb.Booster]) -> lgb.Booster:
        key = (name, left_out)
        if key not in self.kept:
            self.kept[key] = make(left_out)
        return self.kept[key]

    def train_types(self, left_out: frozenset[int]) -> lgb.Booster:
        chosen = ~np.isin(self.corpus.folds, list(left_out))
        data = lgb.Dataset(self.corpus.page_rows[chosen], self.corpus.kinds[chosen])
        return lgb.train(TYPE_MODEL | COMMON, data, TYPE_ROUNDS)

    def train_first(self, left_out: frozenset[int]) -> lgb.Booster:
        self.fill_types(left_out)
        return self.train(self.first_columns, left_out, FIRST_ROUNDS)

    def train_second(self, left_out: frozenset[int]) -> lgb.Booster:
        self.fill_context(left_out)
        return self.train(self.rows.shape[1], left_out, SECOND_ROUNDS)

    def without(self, fold: int, left_out: frozenset[int]) -> frozenset[int]:
        """The folds a model was trained without when it is asked about pages of `fold`."""
        return frozenset([fold]) if self.is_quick else left_out | {fold}

    def fill_types(self, left_out: frozenset[int]) -> None:
        """Write the guessed types of all pages into the rows."""
        guesses = np.zeros((len(self.corpus.pages), len(TYPES)), np.float32)
        for fold in range(FOLDS):
            pages = self.corpus.folds == fold
            guesses[pages] = self.types(self.without(fold, left_out)).predict(self.corpus.page_rows[pages])
        self.rows[:, self.types_at : self.first_columns] = guesses[self.corpus.page_of]

    def first_opinions(self, left_out: frozenset[int]) -> np.ndarray:
        """The first look at all blocks; afterwards the rows hold the types it was given."""
        models = [self.first(self.without(fold, left_out)) for fold in range(FOLDS)]
        self.fill_types(left_out)
        opinions = np.zeros(len(self.rows), np.float32)
        for fold, model in enumerate(models):
            mask = self.fold_of_row == fold
            opinions[mask] = model.predict(self.rows[mask, : self.first_columns])
        return opinions

    def fill_context(self, left_out: frozenset[int]) -> np.ndarray:
        """Write into the rows what the second look sees; returns the first opinions it was made from."""
        opinions = self.first_opinions(left_out)
        self.rows[:, self.first_columns :] = self.context.features(opinions)
        return opinions

    def both_looks(self, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """Both looks, each alone, at the blocks of a fold that no model has seen."""
        left_out = frozenset([fold])
        model = self.second(left_out)
        first = self.fill_context(left_out)
        mask = self.fold_of_row == fold
        return first[mask], model.predict(self.rows[mask])

    def train(self, columns: int, left_out: frozenset[int], rounds: int) -> lgb.Booster:
        weights = self.corpus.weights
        # Most blocks of a long menu weigh next to nothing: a sample of those, weighing more each, teaches the same.
        chance = np.minimum(1, weights / SURE_WEIGHT)
        chosen = ~np.isin(self.fold_of_row, list(left_out)) & (np.random.default_rng(1).random(len(chance)) < chance)
        data = lgb.Dataset(
            self.rows[chosen, :columns],
            self.corpus.labels[chosen],
            weight=weights[chosen] / chance[chosen],
            params={"max_bin": BLOCK_MODEL["max_bin"], "verbosity": -1},
        )
        return lgb.train(BLOCK_MODEL | COMMON, data, rounds)


# ---- scoring ---------------------------------------------------------------------------------------------------------


def choose(probabilities: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, float]:
    """The blocks above the threshold with the best expected F1, as `bestThreshold` in context.ts."""
    if len(sizes) == 0:
        return np.zeros(0, bool), 0.0
    order = np.argsort(-probabilities, kind="stable")
    words = np.cumsum(sizes[order])
    mass = np.cumsum(probabilities[order] * sizes[order])
    expected = 2 * mass / (words + mass[-1] + 1e-9)
    best = int(expected.argmax())
    return probabilities >= probabilities[order[best]], float(expected[best])


def opinions(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What counts, as in `judge` in model.ts: the second look, but where the first is sure that there is no content."""
    return np.where(first < 1 / (1 + math.exp(-SURE_LOG_ODDS)), first, second)


def scores(corpus: Corpus, probabilities: np.ndarray, cut: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Word F1 and expected word F1 per page, at the best threshold of each page or at the same `cut` on all."""
    starts = np.concatenate([[0], np.cumsum([len(page.sizes) for page in corpus.pages])])
    true, expected = np.zeros(len(corpus.pages)), np.zeros(len(corpus.pages))
    for i, page in enumerate(corpus.pages):
        opinions = probabilities[starts[i] : starts[i + 1]]
        kept, expected[i] = choose(opinions, page.sizes)
        if cut is not None:
            kept = opinions >= cut
        bag: Counter[str] = Counter()
        for is_kept, words in zip(kept, page.bags, strict=True):
            if is_kept:
                bag.update(words)
        true[i] = word_f1(bag, page.truth)
    return true, expected


def print_table(corpus: Corpus, true: np.ndarray, expected: np.ndarray, name: str) -> None:
    for number, kind in enumerate(TYPES):
        chosen = corpus.kinds == number
        print(f"{name} {kind:14} pages={chosen.sum():5} F1={true[chosen].mean():.4f}")
    print(
        f"{name} {'all':14} pages={len(true):5} F1={true.mean():.4f} confidence r={np.corrcoef(true, expected)[0, 1]:.3f}",
        flush=True,
    )


# ---- export ----------------------------------------------------------------------------------------------------------


def export(booster: lgb.Booster, names: list[str]) -> dict[str, object]:
    """The forest in the format of forest.ts, with unused features left out."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    thresholds: dict[int, set[float]] = {}

    def collect(node: dict) -> None:
        if "split_feature" in node:
            thresholds.setdefault(node["split_feature"], set()).add(short(node["threshold"]))
            collect(node["left_child"])
            collect(node["right_child"])

    for tree in trees:
        collect(tree)
    used = sorted(thresholds)
    tables = [sorted(thresholds[feature]) for feature in used]
    if max(map(len, tables)) > THRESHOLDS_PER_FEATURE:
        raise ValueError("too many thresholds for the format")
    place = {feature: i for i, feature in enumerate(used)}

    def encode(node: dict, out: list[int]) -> list[int]:
        if "split_feature" in node:
            feature = place[node["split_feature"]]
            out.append(feature * THRESHOLDS_PER_FEATURE + tables[feature].index(short(node["threshold"])))
            encode(node["left_child"], out)
            encode(node["right_child"], out)
        else:
            out.append(-1 - (round(node["leaf_value"] * 1000) + LEAF_SHIFT))
        return out

    return {
        "features": [names[feature] for feature in used],
        "thresholds": tables,
        "trees": [encode(tree, []) for tree in trees],
    }


def short(value: float) -> float:
    """Five digits are what the features are written with."""
    return 0.0 if abs(value) < 1e-30 else float(f"{value:.5g}")  # noqa: PLR2004


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", choices=["fit", "cv"], nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="train a third of the models; see Chain")
    args = parser.parse_args()
    chain = Chain(load(args.work), is_quick=args.quick)
    for command in args.commands:
        if command == "fit":
            write_model(chain)
        else:
            cross_validate(chain)


def cross_validate(chain: Chain) -> None:
    corpus = chain.corpus
    looks = np.zeros((2, len(corpus.rows)), np.float32)
    for fold in range(FOLDS):
        looks[:, chain.fold_of_row == fold] = chain.both_looks(fold)
        (corpus.work / f"fold-{fold}.json").write_text(one_tree_a_line(exported(chain, frozenset([fold]))))
        print("fold", fold, "done", flush=True)
    folds = {page.id: int(fold) for page, fold in zip(corpus.pages, corpus.folds, strict=True)}
    (corpus.work / "folds.json").write_text(json.dumps(folds))
    print_table(corpus, *scores(corpus, looks[0], cut=0.5), "first look, cut at 0.5")
    print_table(corpus, *scores(corpus, looks[0]), "first look, best cut")
    opinion = opinions(*looks)
    print_table(corpus, *scores(corpus, opinion, cut=0.5), "both looks, cut at 0.5")
    true, expected = scores(corpus, opinion)
    print_table(corpus, true, expected, "both looks, best cut")


def write_model(chain: Chain) -> None:
    path = EXTENSION / "cleaner/select/model.json"
    path.write_text(one_tree_a_line(exported(chain, frozenset())))
    print(f"model.json: {math.ceil(path.stat().st_size / 1000)} kB", flush=True)


def exported(chain: Chain, left_out: frozenset[int]) -> dict[str, dict[str, object]]:
    """The three models trained without these folds, as model.json holds them."""
    corpus = chain.corpus
    # One name, one meaning: page and block features share a row.
    page_names = [f"page.{name}" for name in corpus.page_names]
    first_names = (
        [f"block.{name}" for name in corpus.block_names] + page_names + [f"page.type_{kind}" for kind in TYPES]
    )
    return {
        "page": export(chain.types(left_out), page_names),
        "first": export(chain.first(left_out), first_names),
        "second": export(chain.second(left_out), [*first_names, *chain.context.names]),
    }


def one_tree_a_line(model: dict[str, dict[str, list]]) -> str:
    """JSON in which a tree, a feature's thresholds and the names of features are a line each."""

    def rows(lists: list) -> str:
        return ",\n".join(json.dumps(row, separators=(",", ":")) for row in lists)

    parts = [
        f'"{name}":{{\n"features":{json.dumps(part["features"])},\n'
        f'"thresholds":[\n{rows(part["thresholds"])}\n],\n"trees":[\n{rows(part["trees"])}\n]\n}}'
        for name, part in model.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
