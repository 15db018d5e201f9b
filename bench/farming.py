"""
How much of a week's budget a farmer of free credits takes, and what each lever gives back to honest users.

`python -m bench.farming` prints the tables of docs/threat-model.md. It is a model, ten minutes at a time, of one week:
honest users ask evenly; a farmer invents as many users as the limit per network and day allows, spends their credits as
fast as a hundred parallel calls can, and begins on Monday. What a call costs comes from the shipped catalog. The
*rider* wants pages cleaned and sends ordinary ones; the *vandal* wants the week gone, sends the dearest content and
uses both free re-runs. A *patient* farmer made its users during the week before, so that they count as established.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from promptready import catalog, prompt

CAP_USD = 25.0
CREDITS = 150
NEW_USERS_PER_DAY = 20
RUNS_PER_CREDIT = 3
PARALLEL_CALLS = 100
SECONDS_PER_CALL = 8.0
STEP_MINUTES = 10
STEPS_PER_DAY = 24 * 60 // STEP_MINUTES
DAYS = 7
ESTABLISHED_USD, NEW_USD = 10.0, 3.0
"""What honest users would cost in the week: with no farmer, half of the budget is left over."""

DENSE_BYTES, PAGE_BYTES = 32_700, 8_000
BYTES_PER_TOKEN, DENSE_BYTES_PER_TOKEN = 4, 2
REWRITE_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class Farmer:
    """Who takes: with how many addresses, at what price a call, how often a credit is used."""

    name: str
    addresses: int
    call_usd: float
    runs: int
    is_patient: bool = False

    def users_usd(self, users: float) -> float:
        """Return what that many users can spend."""
        return users * CREDITS * self.runs * self.call_usd

    @property
    def step_usd(self) -> float:
        """Return what its parallel calls spend in a step."""
        return PARALLEL_CALLS * STEP_MINUTES * 60 / SECONDS_PER_CALL * self.call_usd


@dataclass(slots=True)
class Week:
    """What was spent so far, by whom, in dollars."""

    established: float = 0.0
    new: float = 0.0
    farmer_as_established: float = 0.0
    farmer_as_new: float = 0.0

    @property
    def by_new(self) -> float:
        """What users spent who came this week."""
        return self.new + self.farmer_as_new

    @property
    def total(self) -> float:
        """What everybody spent."""
        return self.established + self.farmer_as_established + self.by_new


@dataclass(frozen=True, slots=True)
class Lever:
    """How much more may be spent on a given day: by users of all kinds, and by new ones."""

    name: str
    room: Callable[[Week, int], float]
    room_for_new: Callable[[Week, int], float]
    new_users_per_day: int = NEW_USERS_PER_DAY
    network_usd_per_day: float = CAP_USD


def by_week(week: Week, _day: int) -> float:
    return CAP_USD - week.total


def by_day(week: Week, day: int) -> float:
    return CAP_USD * (day + 1) / DAYS - week.total


def half_by_week(week: Week, _day: int) -> float:
    return CAP_USD / 2 - week.by_new


def half_by_day(week: Week, day: int) -> float:
    return CAP_USD / 2 * (day + 1) / DAYS - week.by_new


LEVERS: Sequence[Lever] = (
    Lever("none", by_week, by_week),
    Lever("the week in seven days", by_day, by_day),
    Lever("half for established", by_week, half_by_week),
    Lever("half for established, by day", by_week, half_by_day),
    Lever("3 new users a network and day", by_week, by_week, new_users_per_day=3),
    Lever("$0.25 a network and day", by_week, by_week, network_usd_per_day=0.25),
    Lever("both of these, and half for established", by_week, half_by_week, 3, 0.25),
)


def simulate(farmer: Farmer, lever: Lever) -> Week:
    """Run one week. Within a step, whoever wants something gets the same share of it."""
    week = Week()
    daily_usd = farmer.users_usd(lever.new_users_per_day * farmer.addresses)
    stock_usd = daily_usd * DAYS if farmer.is_patient else 0.0  # made last week, established by now
    steps = DAYS * STEPS_PER_DAY
    fresh_usd = allowed_usd = 0.0
    for step in range(steps):
        day, of_day = divmod(step, STEPS_PER_DAY)
        if of_day == 0:
            fresh_usd += daily_usd
            allowed_usd = lever.network_usd_per_day * farmer.addresses
        wanted = min(farmer.step_usd, allowed_usd)
        as_established = min(stock_usd, wanted)
        as_new = min(fresh_usd, wanted - as_established)
        new = NEW_USD / steps
        established = ESTABLISHED_USD / steps
        new_share = _share(lever.room_for_new(week, day), new + as_new)
        share = _share(lever.room(week, day), established + as_established + new_share * (new + as_new))
        week.established += share * established
        week.farmer_as_established += share * as_established
        week.new += share * new_share * new
        week.farmer_as_new += share * new_share * as_new
        allowed_usd -= share * (as_established + new_share * as_new)
        stock_usd -= share * as_established
        fresh_usd -= share * new_share * as_new
    return week


def _share(room: float, wanted: float) -> float:
    return max(0.0, min(1.0, room / wanted)) if wanted else 1.0


def farmers() -> list[Farmer]:
    rider_usd, vandal_usd = _call_prices()
    made = []
    for addresses in (1, 10, 1_000):
        rider = Farmer("rider", addresses, rider_usd, 1)
        vandal = Farmer("vandal", addresses, vandal_usd, RUNS_PER_CREDIT)
        made += [rider, vandal, replace(vandal, name="patient vandal", is_patient=True)]
    return made


def _call_prices() -> tuple[float, float]:
    """Return what an ordinary page and the dearest content cost, over the cohorts by their weights."""
    today = date(2026, 11, 22)
    shipped = catalog.load(Path(catalog.SHIPPED), today)
    fixed_tokens = (prompt.size_bytes("") + 400) // BYTES_PER_TOKEN
    ordinary = dense = 0.0
    for arm in shipped.arms.values():
        route = shipped.live_routes(arm.cohort, today)[0]
        ordinary += arm.weight * route.cost_nanousd(fixed_tokens + PAGE_BYTES // BYTES_PER_TOKEN, REWRITE_TOKENS)
        dense_tokens = fixed_tokens + DENSE_BYTES // DENSE_BYTES_PER_TOKEN
        dense += arm.weight * route.cost_nanousd(dense_tokens, route.max_output_tokens)
    return ordinary / 100 / 1e9, dense / 100 / 1e9


def network_limits() -> list[str]:
    """Return a line for each limit a network and day: what a vandal still takes, and what it costs the honest."""
    _, vandal_usd = _call_prices()
    lines = []
    for usd in (0.10, 0.25, 0.50, 1.00):
        lever = Lever("", by_week, by_week, network_usd_per_day=usd)
        cells = []
        for addresses in (1, 10, 100):
            week = simulate(Farmer("patient vandal", addresses, vandal_usd, RUNS_PER_CREDIT, is_patient=True), lever)
            cells.append(f"{(week.farmer_as_new + week.farmer_as_established) / CAP_USD:.0%}")
        cells += [f"{_served_behind_one_address(share, usd):.0%}" for share in (0.05, 0.25)]
        lines.append(f"| ${usd:.2f} | {' | '.join(cells)} |")
    return lines


def newcomer_shares() -> list[str]:
    """Return a line for each `NEWCOMERS_PERCENT` and number of addresses, against a vandal in a hurry."""
    _, vandal_usd = _call_prices()
    lines = []
    for percent in (100, 75, 50, 25):
        lever = Lever("", by_week, _share_by_week(percent))
        for addresses in (1, 10, 1_000):
            week = simulate(Farmer("vandal", addresses, vandal_usd, RUNS_PER_CREDIT), lever)
            calm = simulate(Farmer("nobody", 0, 0.0, 1), lever)
            lines.append(
                f"| {percent} | {addresses:,} | {week.farmer_as_new / CAP_USD:.0%} "
                f"| {week.established / ESTABLISHED_USD:.0%} | {week.new / NEW_USD:.0%} | {calm.new / NEW_USD:.0%} |"
            )
    return lines


def _share_by_week(percent: int) -> Callable[[Week, int], float]:
    return lambda week, _day: CAP_USD * percent / 100 - week.by_new


def _served_behind_one_address(share: float, usd_per_day: float) -> float:
    """Return what honest users get of what they ask for, where that share of all of them has one address."""
    return min(1.0, usd_per_day / (share * (ESTABLISHED_USD + NEW_USD) / DAYS))


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.farming", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    rider_usd, vandal_usd = _call_prices()
    print(f"a call costs a rider ${rider_usd:.5f}, a vandal ${vandal_usd:.5f}\n")
    print("| Lever | Farmer | Addresses | Budget taken | Established served | New served |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    print("\n".join(rows()))
    print("\n| Limit a network and day | 1 address takes | 10 take | 100 take | 5% at one address get | 25% get |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    print("\n".join(network_limits()))
    print("\n| NEWCOMERS_PERCENT | Addresses | Taken | Established | New | New without a farmer |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    print("\n".join(newcomer_shares()))


def rows() -> list[str]:
    """Return a line of the table for each lever and farmer."""
    lines = []
    for lever in LEVERS:
        for farmer in farmers():
            week = simulate(farmer, lever)
            taken = (week.farmer_as_new + week.farmer_as_established) / CAP_USD
            lines.append(
                f"| {lever.name} | {farmer.name} | {farmer.addresses:,} | {taken:.0%} "
                f"| {week.established / ESTABLISHED_USD:.0%} | {week.new / NEW_USD:.0%} |"
            )
    return lines


if __name__ == "__main__":
    main()
