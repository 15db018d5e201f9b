"""
The second look: a small network that reads along the page. `network.ts` computes what `export` writes.

What is known of a block becomes a few channels. Each layer blends every channel with what it is at one distance before
and after, and adds a mix of those, and of the page's means, to them. The answer is the log odds that the block is main content. It is trained on log loss, as
the trees are, and on the word F1 of whole pages, which is what counts in the end and what trees cannot be trained on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

# Read when jax is first imported: sums made by several threads would differ from run to run.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np
import optax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus import Corpus

CHANNELS = 16
DISTANCES = (1, 3, 9)
LIMIT = 4
"""Deviations from the mean beyond which inputs are all alike; as in network.ts."""

SEED = 0
EPOCHS = 12
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-3
LARGEST_GRADIENT = 8.0
CHANNEL_DROPOUT = 0.2
INPUT_DROPOUT = 0.1
"""An input is hidden from a whole page at once, since a page has it on all its blocks or on none."""

BATCH_BLOCKS = 6144
BATCH_PAGES = 96
LONGEST = 6000
"""Pages of more blocks than this are only judged: one would fill a batch."""

THOUSANDTHS = 1000

Parameters = dict[str, jax.Array]
Batch = dict[str, np.ndarray]


@dataclass(slots=True)
class Network:
    """What training found: the scale of the inputs, and the weights by name."""

    means: np.ndarray
    deviations: np.ndarray
    parameters: Parameters


@dataclass(slots=True)
class Material:
    """What there is to read: `rows` has one row per block of the corpus, of which those in the mask `read` are read."""

    corpus: Corpus
    rows: np.ndarray
    read: np.ndarray

    def blocks(self, page: int) -> np.ndarray:
        """The blocks of a page that are read, in order."""
        start, end = self.corpus.starts[page : page + 2]
        return start + np.flatnonzero(self.read[start:end])

    @property
    def sizes(self) -> np.ndarray:
        """How many blocks are read, per page."""
        return np.bincount(self.corpus.page_of, self.read, len(self.corpus.pages)).astype(int)


def train(material: Material, pages: np.ndarray) -> Network:
    """A network from the pages where the mask `pages` is true."""
    known = material.rows[material.read & pages[material.corpus.page_of]]
    start, key = jax.random.split(jax.random.PRNGKey(SEED))
    network = Network(known.mean(0), known.std(0) + 1e-6, initial(known.shape[1], start))
    del known
    taught = np.flatnonzero(pages & (material.corpus.worth > 0) & (material.sizes <= LONGEST))
    batches_per_epoch = sum(1 for _ in batches(material, taught))
    schedule = optax.cosine_decay_schedule(LEARNING_RATE, EPOCHS * batches_per_epoch)
    optimizer = optax.chain(
        optax.clip_by_global_norm(LARGEST_GRADIENT), optax.adamw(schedule, weight_decay=WEIGHT_DECAY)
    )

    @jax.jit
    def step(parameters: Parameters, state: optax.OptState, batch: Batch, key: jax.Array) -> tuple:
        gradient = jax.grad(loss)(parameters, batch, key)
        updates, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, updates), state

    parameters, state = network.parameters, optimizer.init(network.parameters)
    order = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        for some in batches(material, order.permutation(taught)):
            key, dice = jax.random.split(key)
            parameters, state = step(parameters, state, laid_out(material, network, some)[0], dice)
    network.parameters = parameters
    return network


def predict(material: Material, pages: np.ndarray, network: Network) -> np.ndarray:
    """Log odds for every block of the corpus; only those that are read, of the masked `pages`, are filled in."""
    found = np.zeros(len(material.rows), np.float32)
    for some in batches(material, np.flatnonzero(pages)):
        batch, places = laid_out(material, network, some)
        answer = np.array(answers(network.parameters, batch))
        for page, place in zip(some, places, strict=True):
            blocks = material.blocks(page)
            found[blocks] = answer[place : place + len(blocks)]
    return found


# ---- what it computes ------------------------------------------------------------------------------------------------


def initial(inputs: int, key: jax.Array) -> Parameters:
    """Random weights, of a size that keeps the channels' spread from layer to layer."""
    keys = iter(jax.random.split(key, 2 + 3 * len(DISTANCES)))

    def normal(*shape: int, spread: float) -> jax.Array:
        return spread * jax.random.normal(next(keys), shape)

    parameters = {
        "embed": normal(inputs, CHANNELS, spread=inputs**-0.5),
        "embed_bias": jnp.zeros(CHANNELS),
        "direct": jnp.zeros(inputs),
        "answer": normal(2 * CHANNELS, spread=0.1),
        "answer_bias": jnp.zeros(()),
    }
    for layer in range(len(DISTANCES)):
        parameters[f"near{layer}"] = jnp.array([[0.3], [0.6], [0.3]]) + normal(3, CHANNELS, spread=0.1)
        parameters[f"mix{layer}"] = normal(CHANNELS, CHANNELS, spread=CHANNELS**-0.5)
        parameters[f"page{layer}"] = normal(CHANNELS, CHANNELS, spread=0.3 * CHANNELS**-0.5)
        parameters[f"bias{layer}"] = jnp.zeros(CHANNELS)
    return parameters


def forward(parameters: Parameters, batch: Batch, key: jax.Array | None = None) -> jax.Array:
    """Log odds per block of a batch; with a key, some inputs and channels are hidden at random."""
    inputs, page_of, there = batch["inputs"], batch["page_of"], batch["there"][:, None]

    def dropped(values: jax.Array, layer: int) -> jax.Array:
        if key is None:
            return values
        kept = jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - CHANNEL_DROPOUT, values.shape)
        return values * kept / (1 - CHANNEL_DROPOUT)

    if key is not None:
        shown = jax.random.bernoulli(key, 1 - INPUT_DROPOUT, (BATCH_PAGES, inputs.shape[1]))
        inputs = inputs * shown[page_of]
    embedded = dropped(jax.nn.relu(inputs @ parameters["embed"] + parameters["embed_bias"]), len(DISTANCES)) * there
    # Root of the words: a long paragraph speaks for the page more than a menu entry, but not for all of it.
    say = jnp.sqrt(batch["words"] + 0.5)[:, None] * there
    says = jax.ops.segment_sum(say, page_of, BATCH_PAGES) + 1e-6
    channels = embedded
    for layer, distance in enumerate(DISTANCES):
        before, here, after = parameters[f"near{layer}"]
        padded = jnp.pad(channels, ((distance, distance), (0, 0)))
        mean = jax.ops.segment_sum(channels * say, page_of, BATCH_PAGES) / says
        near = padded[: -2 * distance] * before + channels * here + padded[2 * distance :] * after
        heard = (
            near @ parameters[f"mix{layer}"] + (mean @ parameters[f"page{layer}"])[page_of] + parameters[f"bias{layer}"]
        )
        channels = (channels + dropped(jax.nn.relu(heard), layer)) * there
    both = jnp.concatenate([embedded, channels], axis=1)
    return both @ parameters["answer"] + parameters["answer_bias"] + inputs @ parameters["direct"]


answers = jax.jit(forward)


def loss(parameters: Parameters, batch: Batch, key: jax.Array) -> jax.Array:
    """Log loss of the blocks, and one less the word F1 of the pages if every word were kept with its probability."""
    answer = forward(parameters, batch, key)
    labels, words, page_of = batch["labels"], batch["words"], batch["page_of"]
    log_loss = (batch["weights"] * (jax.nn.softplus(answer) - answer * labels)).sum()
    kept = jax.nn.sigmoid(answer) * words
    shared = jax.ops.segment_sum(kept * labels, page_of, BATCH_PAGES)
    all_kept = jax.ops.segment_sum(kept, page_of, BATCH_PAGES)
    f1 = 2 * shared / (all_kept + batch["truth_words"] + 1)
    return log_loss + (batch["worth"] * (1 - f1)).sum()


# ---- batches ---------------------------------------------------------------------------------------------------------


def batches(material: Material, pages: np.ndarray) -> Iterator[list[int]]:
    """The pages in order, in groups that fit into a batch; one too large for any is alone in its own."""
    sizes = material.sizes + max(DISTANCES)
    group: list[int] = []
    for page in pages:
        if group and (sizes[group].sum() + sizes[page] > BATCH_BLOCKS or len(group) == BATCH_PAGES - 1):
            yield group
            group = []
        group.append(int(page))
    if group:
        yield group


def laid_out(material: Material, network: Network, pages: list[int]) -> tuple[Batch, list[int]]:
    """
    The pages one after another, and where each begins.

    Between two pages lie as many blocks that are not there as the network looks ahead. They belong to a last page,
    which is not there either. Every batch has the same shape, or the double, so that little is compiled.
    """
    corpus = material.corpus
    needed = sum(material.sizes[pages] + max(DISTANCES))
    length = BATCH_BLOCKS
    while length < needed:
        length *= 2
    batch = {
        "inputs": np.zeros((length, material.rows.shape[1]), np.float32),
        "page_of": np.full(length, BATCH_PAGES - 1, np.int32),
        **{name: np.zeros(length, np.float32) for name in ("there", "words", "labels", "weights")},
        **{name: np.zeros(BATCH_PAGES, np.float32) for name in ("truth_words", "worth")},
    }
    places: list[int] = []
    at = 0
    for number, page in enumerate(pages):
        blocks = material.blocks(page)
        end = at + len(blocks)
        scaled = (material.rows[blocks] - network.means) / network.deviations
        batch["inputs"][at:end] = np.clip(scaled, -LIMIT, LIMIT)
        batch["page_of"][at:end] = number
        batch["there"][at:end] = 1
        batch["words"][at:end] = corpus.pages[page].sizes[blocks - corpus.starts[page]]
        batch["labels"][at:end] = corpus.labels[blocks]
        batch["weights"][at:end] = corpus.weights[blocks]
        batch["truth_words"][number] = max(1, corpus.pages[page].truth.total())
        batch["worth"][number] = corpus.worth[page]
        places.append(at)
        at = end + max(DISTANCES)
    return batch, places


# ---- export ----------------------------------------------------------------------------------------------------------


def export(network: Network, names: list[str]) -> dict[str, list]:
    """The network in the format of network.ts: weights in thousandths, inputs by name."""
    weights = {name: thousandths(values) for name, values in network.parameters.items()}
    return {
        "inputs": names,
        "means": [float(f"{value:.5g}") for value in network.means],
        "deviations": [float(f"{value:.5g}") for value in network.deviations],
        "embed": weights["embed"],
        "embedBias": weights["embed_bias"],
        "direct": weights["direct"],
        "layers": [
            {
                "distance": distance,
                **dict(zip(("before", "here", "after"), weights[f"near{layer}"], strict=True)),
                "mix": weights[f"mix{layer}"],
                "page": weights[f"page{layer}"],
                "bias": weights[f"bias{layer}"],
            }
            for layer, distance in enumerate(DISTANCES)
        ],
        "answer": weights["answer"],
        "answerBias": weights["answer_bias"],
    }


def thousandths(values: jax.Array) -> list | int:
    return np.rint(np.asarray(values) * THOUSANDTHS).astype(int).tolist()
