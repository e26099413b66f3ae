"""One of several processes that want to pass the same limit at once; prints how often it did.

Arguments: Redis's address, and how many attempts. Starts at a line on its input.
"""

from __future__ import annotations

import asyncio
import sys
import uuid

from redis.asyncio import Redis

from chassis.limits.quotas import SERVICE, Amount, Caps, Counted, Quotas
from chassis.limits.shared import Seen, SharedCounts

LIMIT = 50
ONE = Amount(tokens=1)


async def main(url: str, attempts: int) -> None:
    """Race for requests, then for tokens."""
    wide, narrow = Caps(10**9, None, None), Caps(LIMIT, LIMIT, None)
    quotas = Quotas(narrow, wide, wide, 10**12, 0.8)
    counted = (Counted("user", "ann"), SERVICE)
    async with Redis.from_url(url, max_connections=16) as client:
        counts = SharedCounts(client, "race", quotas, answer_seconds=30)
        await counts.look(0)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        turns = asyncio.Semaphore(8)

        async def admit() -> bool:
            async with turns:
                return isinstance(await counts.admit(counted, 0, spends=False), Seen)

        async def reserve() -> bool:
            async with turns:
                answer = await counts.reserve(uuid.uuid4().hex, counted, 0, ONE)
                return isinstance(answer, Seen)

        for ask in (admit, reserve):
            print(sum(await asyncio.gather(*(ask() for _ in range(attempts)))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
