"""Word F1 of a page's blocks, cut as the extension cuts them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from corpus import TYPES
from labels import word_f1

if TYPE_CHECKING:
    from corpus import Corpus


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


def scores(corpus: Corpus, probabilities: np.ndarray, cut: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Word F1 and expected word F1 per page, at the best threshold of each page or at the same `cut` on all."""
    starts = corpus.starts
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


def print_table(corpus: Corpus, name: str, probabilities: np.ndarray, cut: float | None = None) -> None:
    """One line per page type and one for all, with how well the expected F1 foretells the true one."""
    true, expected = scores(corpus, probabilities, cut)
    for number, kind in enumerate(TYPES):
        chosen = corpus.kinds == number
        print(f"{name} {kind:14} pages={chosen.sum():5} F1={true[chosen].mean():.4f}")
    print(
        f"{name} {'all':14} pages={len(true):5} F1={true.mean():.4f} confidence r={np.corrcoef(true, expected)[0, 1]:.3f}",
        flush=True,
    )
