"""The forests: what kind of page this is, and what each block is alone. `forest.ts` reads what `export` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm as lgb
import numpy as np
from corpus import TYPES
from lightgbm import Booster

if TYPE_CHECKING:
    from corpus import Corpus

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
BLOCK_ROUNDS = 200
COMMON = {"verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True}

SURE_WEIGHT = 0.02

LEAF_SHIFT = 100_000
THRESHOLDS_PER_FEATURE = 64


def train_types(corpus: Corpus, pages: np.ndarray) -> Booster:
    """The page type model, from the pages where the mask `pages` is true."""
    return lgb.train(TYPE_MODEL | COMMON, lgb.Dataset(corpus.page_rows[pages], corpus.kinds[pages]), TYPE_ROUNDS)


def train_blocks(corpus: Corpus, rows: np.ndarray, pages: np.ndarray) -> Booster:
    """A model of single blocks: `rows` has a row per block of the corpus, the mask `pages` says whose may be used."""
    weights = corpus.weights
    # Most blocks of a long menu weigh next to nothing: a sample of those, weighing more each, teaches the same.
    chance = np.minimum(1, weights / SURE_WEIGHT)
    chosen = pages[corpus.page_of] & (np.random.default_rng(1).random(len(chance)) < chance)
    data = lgb.Dataset(
        rows[chosen],
        corpus.labels[chosen],
        weight=weights[chosen] / chance[chosen],
        params={"max_bin": BLOCK_MODEL["max_bin"], "verbosity": -1},
    )
    return lgb.train(BLOCK_MODEL | COMMON, data, BLOCK_ROUNDS)


def export(booster: Booster, names: list[str]) -> dict[str, list]:
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
