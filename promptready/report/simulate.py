"""
Whether the report's statistics keep their promises: `python -m promptready.report.simulate` prints a table.

Experiments are drawn from a world like ours: users differ in how often they come, how hard their pages are and how slow
their network is, and requests of one user resemble each other. Each experiment goes through `compare`, as a file would.
"""

import argparse
import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from promptready.report.comparison import BASELINE, METRICS, SIGNIFICANT, WEIGHTS, Comparison, Metric, Report, compare
from promptready.report.events import NO_NAME, ROW_TYPE, SUCCESS, Events, Names
from promptready.report.statistics import POWER, SRM_ALARM, Floats, sample_ratio_p

ARMS = tuple(WEIGHTS)
SHARES = np.array(list(WEIGHTS.values())) / sum(WEIGHTS.values())
TRUTH_USERS = 1_000_000
PILOTS, PILOT_USERS = 100, 6_000
BLOCK = 100
DRAWS_PER_EXPERIMENT = 50


@dataclass(frozen=True, slots=True)
class Effect:
    """How one arm differs from the others: factors, 1 for no difference; `lack` is 1 - fidelity."""

    failures: float = 1.0
    lack: float = 1.0
    latency: float = 1.0
    cost: float = 1.0


def draw(rng: np.random.Generator, arms: NDArray[np.int64], effects: Mapping[str, Effect]) -> Events:
    """Return the events of an experiment with a user in each of `arms`."""
    users = len(arms)
    often = rng.lognormal(0, 0.8, users)
    user = np.repeat(np.arange(users), 1 + rng.poisson(3 * often))
    size, arm = len(user), arms[user]

    def factor(name: str) -> Floats:
        return np.array([getattr(effects.get(name_, Effect()), name) for name_ in ARMS])[arm]

    def spread(between: float, within: float) -> Floats:
        """Deviations that the requests of one user share in part."""
        return between * rng.standard_normal(users)[user] + within * rng.standard_normal(size)

    failing = np.minimum(1, factor("failures") * 0.03 * np.exp(0.8 * rng.standard_normal(users)[user] - 0.32))
    is_failure = rng.random(size) < failing
    rows = np.zeros(size, ROW_TYPE)
    rows["request"], rows["unit"], rows["cohort"] = np.arange(size), user, arm
    rows["outcome"] = is_failure  # 0 is SUCCESS
    rows["model"] = NO_NAME  # figures by model would cost half the time, and nobody reads them here
    rows["attempts"] = 1
    rows["latency_ms"] = factor("latency") * 900 * np.exp(spread(0.3, 0.5))
    rows["cost_nanousd"] = factor("cost") * 200_000 * np.exp(spread(0.6, 0.6)) * np.where(is_failure, 0.3, 1)
    rows["fidelity"] = 1 - np.minimum(1, factor("lack") * 0.03 * np.exp(spread(0.5, 0.7)))
    rows["fidelity"][is_failure] = np.nan
    rows["input_tokens"] = rows["output_tokens"] = np.nan
    return Events(rows, Names(["simulated"]), Names(ARMS), Names([SUCCESS, "PROVIDER_FAILED"]), Names())


def draw_arms(rng: np.random.Generator, users: int) -> NDArray[np.int64]:
    """Return the arm of each user, as the app draws it."""
    return rng.choice(len(ARMS), users, p=SHARES)


def experiment(rng: np.random.Generator, users: int, effects: Mapping[str, Effect]) -> Report:
    """Return the report on one experiment."""
    report = compare(draw(rng, draw_arms(rng, users), effects))
    if report is None:
        raise ValueError("an experiment has users")
    return report


def truth(seed: int, users: int = TRUTH_USERS) -> dict[str, float]:
    """Return the figures of the undisturbed world, from so many users that their own error hardly matters."""
    rng = np.random.default_rng(seed)
    report = compare(draw(rng, np.zeros(users, np.int64), {}))
    estimates = report.arms[0].estimates if report else {}
    return {key: estimate.value for key, estimate in estimates.items() if estimate}


@dataclass(slots=True)
class Coverage:
    """How many A/A experiments had the truth in their intervals, by metric and arm, and how many cried wolf."""

    experiments: int = 0
    figures: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: Counter[tuple[str, str]] = field(default_factory=Counter)
    false_findings: int = 0
    split_alarms: int = 0
    draws: int = 0
    """Splits of users that were drawn without an experiment, because alarms are rare, and `draw_alarms` of them."""
    draw_alarms: int = 0

    def __iadd__(self, other: "Coverage") -> Self:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def coverage(block: int, experiments: int, users: int, seed: int, true: Mapping[str, float]) -> Coverage:
    """Run a block of A/A experiments, which has a generator of its own so that blocks may run side by side."""
    rng = np.random.default_rng([seed, block])
    counted = Coverage(experiments, draws=experiments * DRAWS_PER_EXPERIMENT)
    for _ in range(experiments):
        report = experiment(rng, users, {})
        for arm in report.arms:
            for key, estimate in arm.estimates.items():
                if estimate and estimate.low <= true[key] <= estimate.high:
                    counted.figures[key, arm.name] += 1
        for comparison in report.comparisons:
            if (found := comparison.difference) and found.low <= 0 <= found.high:
                counted.differences[comparison.metric.key, comparison.arm] += 1
        counted.false_findings += any(map(_is_found, report.comparisons))
        counted.split_alarms += report.sample_ratio.is_alarming
    for split in rng.multinomial(users, SHARES, counted.draws).tolist():
        counted.draw_alarms += sample_ratio_p(dict(zip(ARMS, split, strict=True)), WEIGHTS) < SRM_ALARM
    return counted


@dataclass(frozen=True, slots=True)
class Power:
    """
    How many experiments found a planted difference, each with as many users as one pilot asked for.

    One pilot is all that an operator has: that some ask for too few must be made good by those that ask for more.
    `users` is the mean.
    """

    title: str
    arm: str
    users: int
    experiments: int
    found: int


@dataclass(frozen=True, slots=True)
class Pilots:
    """What small experiments without a difference tell: the baseline's figures, and how many users it would take."""

    baseline: Mapping[str, float]
    users_needed: Mapping[tuple[str, str], Sequence[int]]
    """By metric and arm, one number of each pilot."""


def draw_pilots(seed: int, count: int = PILOTS) -> Pilots:
    """Return what an operator knows who has some thousand users and asks how many it takes."""
    rng = np.random.default_rng(seed)
    baseline: dict[str, float] = {}
    needed = defaultdict[tuple[str, str], list[int]](list)
    for _ in range(count):
        report = experiment(rng, PILOT_USERS, {})
        first = next(arm for arm in report.arms if arm.name == BASELINE).estimates
        baseline = baseline or {key: estimate.value for key, estimate in first.items() if estimate}
        for comparison in report.comparisons:
            if comparison.users_needed:
                needed[comparison.metric.key, comparison.arm].append(comparison.users_needed)
    return Pilots(baseline, dict(needed))


def power(key: str, arm: str, experiments: int, seed: int, pilots: Pilots) -> Power:
    """Plant the least difference worth knowing in one arm and the metric of that key, for the worse."""
    rng = np.random.default_rng(seed)
    metric = next(metric for metric in METRICS if metric.key == key)
    users = pilots.users_needed[key, arm]
    effects = {arm: planted(metric, pilots.baseline[key])}
    found = 0
    for number in range(experiments):
        comparisons = experiment(rng, users[number % len(users)], effects).comparisons
        found += any(c.arm == arm and c.metric is metric and _is_found(c, for_the_worse=True) for c in comparisons)
    return Power(metric.title, arm, round(float(np.mean(users))), experiments, found)


def planted(metric: Metric, baseline: float) -> Effect:
    """Return the effect that moves a metric by the least difference worth knowing, for the worse."""
    match metric.key:
        case "success":
            return Effect(failures=1 + metric.smallest / (1 - baseline))
        case "fidelity":
            return Effect(lack=1 + metric.smallest / (1 - baseline))
        case "cost":
            return Effect(cost=1 + metric.smallest)
        case _:
            return Effect(latency=1 + metric.smallest)


def _is_found(comparison: Comparison, *, for_the_worse: bool = False) -> bool:
    if comparison.p is None or comparison.difference is None or comparison.p >= SIGNIFICANT:
        return False
    return not for_the_worse or (comparison.difference.value < 0) == comparison.metric.is_higher_better


def main() -> None:
    """Print what docs/experiment.md shows."""
    parser = argparse.ArgumentParser(prog="python -m promptready.report.simulate", description="Check the statistics.")
    parser.add_argument("--blocks", type=int, default=20, help=f"of {BLOCK} experiments without a difference")
    parser.add_argument("--planted", type=int, default=200, help="experiments for each planted difference")
    parser.add_argument("--users", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes; the results are the same")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.blocks:
            print_coverage(pool, options.blocks, options.users, options.seed)
        if options.planted:
            print_power(pool, options.planted, options.seed)


def print_coverage(pool: Executor, blocks: int, users: int, seed: int) -> None:
    """Print how often intervals held the truth, and how often there was an alarm about nothing."""
    run = partial(coverage, experiments=BLOCK, users=users, seed=seed, true=truth(seed))
    counted = Coverage()
    for block in pool.map(run, range(blocks)):
        counted += block
    experiments, others = counted.experiments, ARMS[1:]
    print(f"{experiments:,} A/A experiments of {users:,} users (seed {seed}): 95 % intervals that hold the truth\n")
    print(f"| | {' | '.join(ARMS)} | {' | '.join(f'{arm} against {BASELINE}' for arm in others)} | together |")
    print(f"| --- {'| ---: ' * (len(ARMS) + len(others) + 1)}|")
    for metric in METRICS:
        held = [counted.figures[metric.key, arm] for arm in ARMS]
        held += [counted.differences[metric.key, arm] for arm in others]
        cells = [f"{count / experiments:.1%}" for count in (*held, sum(held) / len(held))]
        print(f"| {metric.title} | {' | '.join(cells)} |")
    print(f"\nA difference found where there is none, after correction: {counted.false_findings / experiments:.1%}")
    print(f"Sample-ratio alarms in these: {counted.split_alarms} of {experiments:,}")
    share = counted.draw_alarms / counted.draws
    print(f"Sample-ratio alarms in {counted.draws:,} more fair draws: {share:.3%}", flush=True)


def print_power(pool: Executor, experiments: int, seed: int) -> None:
    """Print how often a planted difference was found."""
    print(f"\nThe least difference worth knowing, planted {experiments} times in one arm; promised power {POWER:.0%}\n")
    print("| | arm | users asked for | found |\n| --- | --- | ---: | ---: |")
    run = partial(power, experiments=experiments, seed=seed, pilots=draw_pilots(seed))
    for result in pool.map(run, [metric.key for metric in METRICS for _ in ARMS[1:]], [*ARMS[1:]] * len(METRICS)):
        found = result.found / result.experiments
        print(f"| {result.title} | {result.arm} | {result.users:,} | {found:.1%} |", flush=True)


if __name__ == "__main__":
    main()
