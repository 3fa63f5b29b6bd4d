"""What is asked of each app: a script of twenty calls, a mixed load without end, and writes that are sent together."""

import random
from collections.abc import Callable, Iterator

from llmos.bench.backend.reference import Call, Reference

WORDS = ("milk", "tea", "plants", "a letter", "the dog", "Zoë", "bread", "rent")
TAGS = ("home", "work", "soon")
MAX_DOCUMENTS = 12  # of one collection in a mixed load, so that a whole state still fits a model's window
TOGETHER = 8

CRUD: dict[str, list[Call]] = {
    "todo": [
        Call("GET", "/todos"),
        Call("POST", "/todos", {"title": "Buy milk"}),
        Call("POST", "/todos", {"title": "Walk the dog", "order": 2}),
        Call("POST", "/todos", {"title": "Water the plants", "completed": True}),
        Call("POST", "/todos", {"order": 3}),
        Call("GET", "/todos"),
        Call("GET", "/todos/1"),
        Call("GET", "/todos/99"),
        Call("PATCH", "/todos/1", {"completed": True}),
        Call("PATCH", "/todos/2", {"title": "Walk both dogs"}),
        Call("PATCH", "/todos/3", {"order": 7}),
        Call("PATCH", "/todos/99", {"order": 7}),
        Call("GET", "/todos/2"),
        Call("DELETE", "/todos/1"),
        Call("GET", "/todos/1"),
        Call("GET", "/todos"),
        Call("POST", "/todos", {"title": "Read a book", "order": 1}),
        Call("GET", "/todos/4"),
        Call("DELETE", "/todos"),
        Call("GET", "/todos"),
    ],
    "bank": [
        Call("GET", "/accounts"),
        Call("POST", "/accounts", {"owner": "Ada", "balance": 500}),
        Call("POST", "/accounts", {"owner": "Bob", "balance": 200}),
        Call("POST", "/accounts", {"owner": "Cy"}),
        Call("POST", "/accounts", {"balance": 5}),
        Call("GET", "/accounts"),
        Call("GET", "/accounts/1"),
        Call("GET", "/accounts/99"),
        Call("POST", "/transfers", {"from": 1, "to": 2, "amount": 100}),
        Call("POST", "/transfers", {"from": 2, "to": 1, "amount": 1000}),
        Call("POST", "/transfers", {"from": 1, "to": 1, "amount": 50}),
        Call("POST", "/transfers", {"from": 1, "to": 9, "amount": 10}),
        Call("GET", "/transfers"),
        Call("GET", "/accounts/1"),
        Call("GET", "/accounts/2/transfers"),
        Call("POST", "/transfers", {"from": 2, "to": 3, "amount": 300}),
        Call("GET", "/accounts/3"),
        Call("GET", "/accounts/9/transfers"),
        Call("POST", "/transfers", {"from": 1, "to": 2, "amount": 0}),
        Call("GET", "/transfers"),
    ],
    "notes": [
        Call("GET", "/notes"),
        Call("POST", "/notes", {"title": "Shopping", "text": "milk and bread", "tags": ["home"]}),
        Call("POST", "/notes", {"title": "Meeting", "text": "on Monday", "tags": ["work", "soon"]}),
        Call("POST", "/notes", {"title": "Idea"}),
        Call("POST", "/notes", {"text": "without a title"}),
        Call("GET", "/notes"),
        Call("GET", "/notes/1"),
        Call("GET", "/notes/99"),
        Call("GET", "/notes", query={"q": "MILK"}),
        Call("GET", "/notes", query={"tag": "work"}),
        Call("GET", "/tags"),
        Call("PATCH", "/notes/3", {"text": "a bird table", "tags": ["home"]}),
        Call("PATCH", "/notes/99", {"text": "nothing"}),
        Call("GET", "/notes/3"),
        Call("GET", "/notes", query={"q": "bird", "tag": "home"}),
        Call("DELETE", "/notes/2"),
        Call("GET", "/notes/2"),
        Call("GET", "/tags"),
        Call("POST", "/notes", {"title": "Last one", "tags": ["soon"]}),
        Call("GET", "/notes"),
    ],
    "shop": [
        Call("GET", "/products"),
        Call("POST", "/products", {"name": "Green tea", "price": 450, "stock": 10}),
        Call("POST", "/products", {"name": "Teapot", "price": 2900, "stock": 2}),
        Call("POST", "/products", {"name": "Cup"}),
        Call("GET", "/products", query={"name": "pot"}),
        Call("GET", "/products/2"),
        Call("GET", "/products/99"),
        Call("PATCH", "/products/1", {"price": 500}),
        Call("POST", "/orders", {"product": 1, "quantity": 3}),
        Call("POST", "/orders", {"product": 2, "quantity": 3}),
        Call("POST", "/orders", {"product": 9, "quantity": 1}),
        Call("GET", "/orders/1"),
        Call("POST", "/carts"),
        Call("POST", "/carts/1/items", {"product": 1, "quantity": 2}),
        Call("POST", "/carts/1/items", {"product": 2, "quantity": 1}),
        Call("GET", "/carts/1"),
        Call("DELETE", "/items/2"),
        Call("POST", "/carts/1/checkout"),
        Call("GET", "/orders"),
        Call("GET", "/products/1"),
    ],
}

FIRST: dict[str, list[Call]] = {
    "todo": CRUD["todo"][1:4],
    "bank": CRUD["bank"][1:4],
    "notes": CRUD["notes"][1:4],
    "shop": [*CRUD["shop"][1:3], Call("POST", "/carts")],
}
READS: dict[str, list[Call]] = {
    "todo": [Call("GET", "/todos"), Call("GET", "/todos/1")],
    "bank": [Call("GET", "/accounts"), Call("GET", "/accounts/1")],
    "notes": [Call("GET", "/notes"), Call("GET", "/notes/1")],
    "shop": [Call("GET", "/products"), Call("GET", "/products/1")],
}
CREATED = {"todo": "todos", "bank": "transfers", "notes": "notes", "shop": "orders"}


def together(app: str) -> list[Call]:
    """Writes that do not stand in one another's way; each makes one document of `CREATED`."""
    return [_created(app, number) for number in range(1, TOGETHER + 1)]


def _created(app: str, number: int) -> Call:
    match app:
        case "todo":
            return Call("POST", "/todos", {"title": f"Number {number}"})
        case "bank":
            return Call("POST", "/transfers", {"from": 1, "to": 2, "amount": number})
        case "notes":
            return Call("POST", "/notes", {"title": f"Number {number}"})
    return Call("POST", "/orders", {"product": 1, "quantity": 1})


def mixed(app: str, store: Reference, seed: int) -> Iterator[Call]:
    """Calls that fit what is stored when each is taken: about half of them read, some are refused."""
    chance = random.Random(seed)
    while True:
        yield _MIXED[app](chance, store)


def _todo(chance: random.Random, store: Reference) -> Call:
    path = f"/todos/{_key(chance, store, 'todos')}"
    fields = {"title": chance.choice(WORDS)} | ({"order": chance.randint(0, 9)} if chance.random() < 0.4 else {})
    match _kind(chance, store, "todos"):
        case "list":
            return Call("GET", "/todos")
        case "create":
            return Call("POST", "/todos", fields if chance.random() < 0.9 else {"order": 1})
        case "change":
            return Call("PATCH", path, {"completed": chance.random() < 0.5} if chance.random() < 0.5 else fields)
        case "remove":
            return Call("DELETE", path)
    return Call("GET", path)


def _notes(chance: random.Random, store: Reference) -> Call:
    path = f"/notes/{_key(chance, store, 'notes')}"
    word, tags = chance.choice(WORDS), chance.sample(TAGS, chance.randint(0, 2))
    match _kind(chance, store, "notes"):
        case "list":
            queries: list[dict[str, str]] = [{}, {"q": word}, {"tag": chance.choice(TAGS)}]
            return chance.choice([Call("GET", "/tags"), Call("GET", "/notes", query=chance.choice(queries))])
        case "create":
            return Call("POST", "/notes", {"title": f"About {word}", "text": f"More of {word}", "tags": tags})
        case "change":
            return Call("PATCH", path, {"tags": tags} if chance.random() < 0.5 else {"text": f"Now {word}"})
        case "remove":
            return Call("DELETE", path)
    return Call("GET", path)


def _bank(chance: random.Random, store: Reference) -> Call:
    payer, payee = _key(chance, store, "accounts"), _key(chance, store, "accounts")
    match _kind(chance, store, "transfers"):
        case "list":
            return Call("GET", chance.choice(["/accounts", "/transfers", f"/accounts/{payer}/transfers"]))
        case "create" | "change" as kind:
            amount = chance.choice([1, 10, 50]) if kind == "create" else 10**6  # more than anybody has
            return Call("POST", "/transfers", {"from": payer, "to": payee, "amount": amount})
    return Call("GET", f"/accounts/{payer}")


def _shop(chance: random.Random, store: Reference) -> Call:
    product, cart = _key(chance, store, "products"), _key(chance, store, "carts")
    bought = {"product": product, "quantity": chance.randint(1, 3)}
    match _kind(chance, store, "orders"):
        case "list":
            return chance.choice([Call("GET", "/products"), Call("GET", "/orders"), Call("GET", f"/carts/{cart}")])
        case "create":
            return Call("POST", "/orders", bought)
        case "change":
            changed = Call("PATCH", f"/products/{product}", {"stock": chance.randint(0, 20)})
            return chance.choice([changed, Call("POST", f"/carts/{cart}/items", bought)])
        case "remove":
            return Call("POST", f"/carts/{cart}/checkout")
    return Call("GET", f"/products/{product}")


def _kind(chance: random.Random, store: Reference, growing: str) -> str:
    """What to do next; nothing is created while there is much."""
    is_full = len(store.state[growing]) >= MAX_DOCUMENTS
    return chance.choices(["list", "read", "create", "change", "remove"], [20, 30, 0 if is_full else 20, 20, 10])[0]


def _key(chance: random.Random, store: Reference, collection: str) -> int:
    """One in ten is not stored."""
    known = [int(key) for key in store.state[collection]]
    return 99 if not known or chance.random() < 0.1 else chance.choice(known)


_MIXED: dict[str, Callable[[random.Random, Reference], Call]] = {
    "todo": _todo,
    "bank": _bank,
    "notes": _notes,
    "shop": _shop,
}
