"""
Train the selection models, or say how good they are on sites they have not seen.

    python training/train.py cv  --work DIR      # five folds by registrable domain, prints the table
    python training/train.py fit --work DIR      # trains on everything, writes cleaner/select/model.json

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
from urllib.parse import urlparse

import lightgbm as lgb
import numpy as np
import orjson

from labels import block_labels, word_f1

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
    "num_leaves": 24,
    "learning_rate": 0.09,
    "min_data_in_leaf": 100,
    "min_sum_hessian_in_leaf": 0.5,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
}
FIRST_ROUNDS = 140
SECOND_ROUNDS = 100
COMMON = {"verbosity": -1, "num_threads": 2, "seed": 1, "deterministic": True, "force_row_wise": True}

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
    page_rows, block_rows, labels = [], [], []
    cache = work / "labels.npz"
    known = dict(np.load(cache)) if cache.exists() and cache.stat().st_mtime > (work / "shapes.ndjson").stat().st_mtime else {}
    with (work / "features.ndjson").open("rb") as lines:
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
            block_rows.append(np.array(raw["blocks"], np.float32).reshape(len(label), len(names["block"])))
    np.savez(cache, **known)
    sizes = [len(page.sizes) for page in pages]
    # Every page weighs the same in macro F1, so a word weighs what it is worth on its page. The constants keep pages
    # with almost no truth, and single huge blocks, from shouting.
    weights = np.concatenate([(page.sizes + 0.5) / (page.truth.total() + 60) for page in pages])
    return Corpus(
        pages=pages,
        page_names=names["page"],
        block_names=names["block"],
        page_rows=np.array(page_rows, np.float32),
        rows=np.concatenate(block_rows),
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


def train_types(corpus: Corpus, pages: np.ndarray) -> lgb.Booster:
    data = lgb.Dataset(corpus.page_rows[pages], corpus.kinds[pages])
    return lgb.train(TYPE_MODEL | COMMON, data, TYPE_ROUNDS)


def train_blocks(corpus: Corpus, rows: np.ndarray, pages: np.ndarray, rounds: int) -> lgb.Booster:
    mask = np.isin(corpus.page_of, pages)
    data = lgb.Dataset(
        rows[mask], corpus.labels[mask], weight=corpus.weights[mask], params={"max_bin": 63, "verbosity": -1}
    )
    return lgb.train(BLOCK_MODEL | COMMON, data, rounds)


def with_page(corpus: Corpus, types: np.ndarray) -> np.ndarray:
    """Block rows with the page's features and its type's probabilities beside them."""
    page = np.concatenate([corpus.page_rows, types], axis=1).astype(np.float32)
    return np.concatenate([corpus.rows, page[corpus.page_of]], axis=1)


def with_context(corpus: Corpus, rows: np.ndarray, opinions: np.ndarray) -> np.ndarray:
    """The same rows with the features `context.ts` makes of the opinions."""
    given, made = corpus.work / "opinions.f32", corpus.work / "context.f32"
    opinions.astype(np.float32).tofile(given)
    subprocess.run(  # noqa: S603
        ["npx", "tsx", "training/context.ts", "--shapes", corpus.work / "shapes.ndjson",  # noqa: S607
         "--opinions", given, "--out", made],
        cwd=EXTENSION, check=True, capture_output=True,
    )  # fmt: skip
    context = np.fromfile(made, np.float32).reshape(len(rows), -1)
    return np.concatenate([rows, context], axis=1)




@dataclass(slots=True)
class Models:
    types: lgb.Booster
    first: lgb.Booster
    second: lgb.Booster


def fit(corpus: Corpus, pages: np.ndarray) -> Models:
    """Train the chain on `pages`, feeding each model with its predecessor's opinions on unseen pages."""
    folds = sorted(set(corpus.folds[pages].tolist()))
    types = np.zeros((len(corpus.pages), len(TYPES)), np.float32)
    for fold in folds:
        inside, outside = pages[corpus.folds[pages] == fold], pages[corpus.folds[pages] != fold]
        types[inside] = train_types(corpus, outside).predict(corpus.page_rows[inside])
    rows = with_page(corpus, types)
    opinions = np.zeros(len(rows), np.float32)
    for fold in folds:
        inside, outside = pages[corpus.folds[pages] == fold], pages[corpus.folds[pages] != fold]
        mask = np.isin(corpus.page_of, inside)
        opinions[mask] = train_blocks(corpus, rows, outside, FIRST_ROUNDS).predict(rows[mask])
    if len(folds) == FOLDS:
        print_table(corpus, *scores(corpus, opinions), "first look alone")
    both = with_context(corpus, rows, opinions)
    return Models(
        types=train_types(corpus, pages),
        first=train_blocks(corpus, rows, pages, FIRST_ROUNDS),
        second=train_blocks(corpus, both, pages, SECOND_ROUNDS),
    )


def predict(corpus: Corpus, models: Models, pages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability per block of `pages` (0 elsewhere), and page type probabilities."""
    types = np.zeros((len(corpus.pages), len(TYPES)), np.float32)
    types[pages] = models.types.predict(corpus.page_rows[pages])
    rows = with_page(corpus, types)
    mask = np.isin(corpus.page_of, pages)
    opinions = np.zeros(len(rows), np.float32)
    opinions[mask] = models.first.predict(rows[mask])
    both = with_context(corpus, rows, opinions)
    result = np.zeros(len(rows), np.float32)
    result[mask] = models.second.predict(both[mask])
    return result, types


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


def scores(corpus: Corpus, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Word F1 and expected word F1 per page."""
    starts = np.concatenate([[0], np.cumsum([len(page.sizes) for page in corpus.pages])])
    true, expected = np.zeros(len(corpus.pages)), np.zeros(len(corpus.pages))
    for i, page in enumerate(corpus.pages):
        kept, expected[i] = choose(probabilities[starts[i] : starts[i + 1]], page.sizes)
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
    print(f"{name} {'all':14} pages={len(true):5} F1={true.mean():.4f} confidence r={np.corrcoef(true, expected)[0, 1]:.3f}", flush=True)


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
    parser.add_argument("command", choices=["cv", "fit"])
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    corpus = load(args.work)
    if args.command == "cv":
        result = np.zeros(len(corpus.rows))
        for fold in range(FOLDS):
            seen, held_out = np.where(corpus.folds != fold)[0], np.where(corpus.folds == fold)[0]
            probabilities, _ = predict(corpus, fit(corpus, seen), held_out)
            result += probabilities
            print("fold", fold, "done", flush=True)
        print_table(corpus, *scores(corpus, result), "cv")
        return
    models = fit(corpus, np.arange(len(corpus.pages)))
    context_names = json.loads((args.work / "context.f32.names.json").read_text())
    page_names = corpus.page_names + [f"type_{kind}" for kind in TYPES]
    # One name, one meaning: page and block features share a row.
    first_names = [f"block.{n}" for n in corpus.block_names] + [f"page.{n}" for n in page_names]
    model = {
        "types": TYPES,
        "page": export(models.types, [f"page.{name}" for name in corpus.page_names]),
        "first": export(models.first, first_names),
        "second": export(models.second, [*first_names, *context_names]),
    }
    (EXTENSION / "cleaner/select/model.json").write_text(json.dumps(model, separators=(",", ":")) + "\n")
    print("written", math.ceil((EXTENSION / "cleaner/select/model.json").stat().st_size / 1000), "kB")


if __name__ == "__main__":
    main()
