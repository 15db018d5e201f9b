"""Waiting before another try: longer each time, and never in step with whoever failed at the same moment."""

import asyncio
import random


async def step_back(failures: int, base_s: float, cap_s: float) -> None:
    """Wait a random time up to `base_s` doubled with every failure, at most `cap_s` (full jitter)."""
    ceiling_s = min(cap_s, base_s * 2 ** min(failures, 16))
    await asyncio.sleep(random.uniform(0, ceiling_s))  # noqa: S311 - spreads tries, guards nothing
