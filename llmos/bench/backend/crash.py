"""A bank whose kernel is killed at random instants under load. Clients send again until they are acknowledged.

Each transfer has an amount of its own, by which it is found again: acknowledged and not stored is lost, stored twice is
doubled.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from llmos.bench.backend.generator import Connection
from llmos.bench.backend.load import first_state, money
from llmos.bench.backend.served import Served, without_model
from llmos.contracts import Json
from llmos.kernel.verify import verify

NUM_CLIENTS = 8
NUM_ACCOUNTS = 10
BALANCE = 10**9
LONGEST_LIFE_S = 0.6
PAUSE_S = 0.05  # before a request is sent again
LAST_ANSWERS_S = 30.0


@dataclass
class Tally:
    acknowledged: list[int] = field(default_factory=list)  # amounts
    sent_again: int = 0
    refused: Counter[int] = field(default_factory=Counter)


def bench_crash(home: Path, runs: int, seed: int, progress: Callable[[str], None]) -> Json:
    """`home` has compiled handlers of the bank."""
    tally = Tally()
    with without_model(), Served(home, "bank") as served:
        served.import_state(first_state(NUM_ACCOUNTS, BALANCE))
        asyncio.run(_world(served, runs, random.Random(seed), tally, progress))
        state = served.state()
    stored = Counter(int(transfer["amount"]) for transfer in state["transfers"].values())
    return {
        "runs": runs,
        "acknowledged": len(tally.acknowledged),
        "sent_again": tally.sent_again,
        "refused": {str(status): count for status, count in sorted(tally.refused.items())},
        "lost": [amount for amount in tally.acknowledged if stored[amount] == 0],
        "doubled": [amount for amount, count in stored.items() if count > 1],
        "money_before": NUM_ACCOUNTS * BALANCE,
        "money_after": money(state),
        "verify": verify(home).problems,
    }


async def _world(
    served: Served, runs: int, chance: random.Random, tally: Tally, progress: Callable[[str], None]
) -> None:
    ending = asyncio.Event()
    clients = [asyncio.create_task(_client(served, number, ending, tally)) for number in range(NUM_CLIENTS)]
    try:
        for run in range(runs):
            await asyncio.sleep(chance.uniform(0, LONGEST_LIFE_S))
            await asyncio.to_thread(served.kill)
            await asyncio.to_thread(served.start_again)
            progress(f"killed {run + 1} of {runs} times, {len(tally.acknowledged)} transfers acknowledged")
        ending.set()
        await asyncio.wait_for(asyncio.gather(*clients), LAST_ANSWERS_S)
    finally:
        for client in clients:
            client.cancel()


async def _client(served: Served, number: int, ending: asyncio.Event, tally: Tally) -> None:
    """One transfer after the other; the one under way is seen through."""
    chance, connection, amount = random.Random(number), Connection(*served.place), number + 1
    while not ending.is_set():
        payer, payee = chance.sample(range(1, NUM_ACCOUNTS + 1), 2)
        await _see_through(connection, {"from": payer, "to": payee, "amount": amount}, tally)
        amount += NUM_CLIENTS
    await connection.close()


async def _see_through(connection: Connection, transfer: Json, tally: Tally) -> None:
    key = f"transfer {transfer['amount']}"
    while True:
        try:
            status, body = await connection.ask("POST", "/transfers", transfer, key)
        except (OSError, EOFError):
            tally.sent_again += 1
            await asyncio.sleep(PAUSE_S)
            continue
        if status == 201:
            tally.acknowledged.append(int(json.loads(body)["amount"]))
            return
        tally.refused[status] += 1
        if status < 500:
            return
        await asyncio.sleep(PAUSE_S)
