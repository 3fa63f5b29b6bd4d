"""A bank under load: many transfers and reads at the same time, from another process, answered by compiled handlers."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from llmos.bench.backend.figures import percentiles
from llmos.bench.backend.generator import from_outside
from llmos.bench.backend.served import Served, without_model
from llmos.contracts import Json

NUM_ACCOUNTS = 100
BALANCE = 1000
MAX_AMOUNT = 200  # some transfers are more than an account has
SHARE_OF_READS = 0.25
ROUTES = ("POST /transfers", "GET /accounts/{id}", "GET /accounts")
OPENED = "2026-01-02T03:04:05Z"


def bench_load(home: Path, requests: int, concurrency: int, seed: int, progress: Callable[[str], None]) -> Json:
    """`home` has compiled handlers of the bank."""
    chance = random.Random(seed)
    plan = [transfer(chance) if chance.random() >= SHARE_OF_READS else read(chance) for _ in range(requests)]
    with without_model(), Served(home, "bank") as served:
        served.import_state(first_state(NUM_ACCOUNTS, BALANCE))
        progress(f"{requests} requests, {concurrency} at a time")
        seconds, answers = from_outside(*served.place, plan, concurrency)
        state, uses = served.state(), served.uses()
    statuses = Counter(answer.status for answer in answers)
    return {
        "requests": requests,
        "concurrency": concurrency,
        "per_second": round(requests / seconds, 1),
        "ms": percentiles([answer.milliseconds for answer in answers]),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "unanswered_or_5xx": sum(count for status, count in statuses.items() if status == 0 or status >= 500),
        "money_before": NUM_ACCOUNTS * BALANCE,
        "money_after": money(state),
        "transfers_acknowledged": statuses[201],
        "transfers_stored": len(state["transfers"]),
        "answered_by_model": uses["interpreted"],
    }


def first_state(accounts: int, balance: int) -> str:
    """As `llmos state import` reads it."""
    rows = {str(key): account(key, balance) for key in range(1, accounts + 1)}
    return json.dumps({"accounts": rows, "transfers": {}})


def account(key: int, balance: int) -> dict[str, Json]:
    return {"id": key, "created": OPENED, "owner": f"Owner {key}", "balance": balance}


def money(state: Json) -> int:
    return sum(int(account["balance"]) for account in state["accounts"].values())


def transfer(chance: random.Random) -> Json:
    payer, payee = chance.sample(range(1, NUM_ACCOUNTS + 1), 2)
    body = {"from": payer, "to": payee, "amount": chance.randint(1, MAX_AMOUNT)}
    return {"method": "POST", "path": "/transfers", "body": body}


def read(chance: random.Random) -> Json:
    return {"method": "GET", "path": f"/accounts/{chance.randint(1, NUM_ACCOUNTS)}"}
