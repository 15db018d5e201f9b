"""The benchmark's pages as arrays: what `extract.ts` wrote, and how much of each block the truth holds."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import numpy as np
import orjson
from labels import block_labels

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ["article", "documentation", "service", "forum", "collection", "listing", "product"]
FOLDS = 5

EASY_TYPES = {"article", "documentation"}
HARD_WEIGHT = 1.75
"""Half of the pages are articles, whose blocks are sure early on: what is left to learn is on the others."""


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
    """All pages; `rows`, `labels` and `weights` have one entry per block, page after page; `page_of` says whose it is."""

    pages: list[Page]
    page_names: list[str]
    block_names: list[str]
    page_rows: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    page_of: np.ndarray
    weights: np.ndarray
    worth: np.ndarray
    """Per page: how much it counts in training; 0 where its labels would teach to drop everything."""
    folds: np.ndarray
    kinds: np.ndarray
    starts: np.ndarray
    """Where each page's blocks begin, and where the last one's end."""

    @property
    def fold_of_row(self) -> np.ndarray:
        """The fold of each block."""
        return self.folds[self.page_of]


def load(work: Path) -> Corpus:
    """Read what `extract.ts` wrote and align the truth with it; the alignment is kept in labels.npz."""
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
    # Where the benchmark has no text, or a text the page does not hold, the labels would teach to drop everything.
    found = [float(page.sizes @ label) for page, label in zip(pages, labels, strict=True)]
    taught = [got >= 0.5 * max(1, page.truth.total()) for page, got in zip(pages, found, strict=True)]
    worth = np.array(taught) * np.array([1.0 if page.kind in EASY_TYPES else HARD_WEIGHT for page in pages])
    # Every page weighs the same in macro F1, so a word weighs what it is worth on its page: little on one with much
    # text, whether wanted or not. The constants keep tiny pages and single huge blocks from shouting.
    prose = np.expm1(np.array(page_rows)[:, names["page"].index("proseWords")])
    weights = np.concatenate(
        [(page.sizes + 0.5) / (max(page.truth.total(), some) + 60) for page, some in zip(pages, prose, strict=True)]
    )
    page_of = np.repeat(np.arange(len(pages)), [len(page.sizes) for page in pages])
    return Corpus(
        pages=pages,
        page_names=names["page"],
        block_names=names["block"],
        page_rows=np.array(page_rows, np.float32),
        rows=np.fromfile(work / "blocks.f32", np.float32).reshape(-1, len(names["block"])),
        labels=np.concatenate(labels),
        page_of=page_of,
        weights=np.minimum(weights * worth[page_of], 0.5),
        worth=worth,
        folds=np.array([fold_of(page.domain) for page in pages]),
        kinds=np.array([TYPES.index(page.kind) for page in pages]),
        starts=np.searchsorted(page_of, np.arange(len(pages) + 1)),
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
