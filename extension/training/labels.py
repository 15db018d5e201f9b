"""
Which blocks of a page are main content, learnt by aligning the page's words with the ground truth's.

The benchmark gives each page's main content as plain text. Its words are aligned with the page's in order (longest
common subsequence); runs of three that the page has in another order are matched afterwards. A block's label is the
share of its words that found a partner.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN = 3


def block_labels(blocks: Sequence[Sequence[str]], truth: Sequence[str]) -> np.ndarray:
    """Share of each block's words that belong to the truth, as float32 of shape (blocks,)."""
    numbers: dict[str, int] = {}
    page = [numbers.setdefault(word, len(numbers)) for block in blocks for word in block]
    wanted = [numbers.setdefault(word, len(numbers)) for word in truth]
    found = np.zeros(len(page), bool)
    used = np.zeros(len(wanted), bool)
    if page and wanted:
        for step in LCSseq.opcodes(page, wanted):
            if step.tag == "equal":
                found[step.src_start : step.src_end] = True
                used[step.dest_start : step.dest_end] = True
    unused = Counter(tuple(wanted[i : i + RUN]) for i in range(len(wanted) - RUN + 1) if not used[i : i + RUN].any())
    if unused:
        for i in range(len(page) - RUN + 1):
            run = tuple(page[i : i + RUN])
            if unused.get(run, 0) > 0 and not found[i : i + RUN].all():
                found[i : i + RUN] = True
                unused[run] -= 1
    sizes = np.array([len(block) for block in blocks], int)
    ends = np.cumsum(sizes)
    sums = np.concatenate([[0], np.cumsum(found)])
    return ((sums[ends] - sums[ends - sizes]) / np.maximum(1, sizes)).astype(np.float32)


def word_f1(kept: Counter[str], truth: Counter[str]) -> float:
    """Word F1 as the benchmark counts it; two empty texts agree."""
    if not truth:
        return 0.0 if kept else 1.0
    shared = sum(min(count, truth.get(word, 0)) for word, count in kept.items())
    return 2 * shared / (kept.total() + truth.total()) if shared else 0.0
