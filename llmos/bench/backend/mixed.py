"""A mixed load of each app, without end: the same for the same seed, and never much that is stored."""

import random
from collections.abc import Callable, Iterator

from llmos.bench.backend.chess import legal_moves, turn_number
from llmos.bench.backend.reference import Call, Document, Reference

WORDS = ("milk", "tea", "plants", "a letter", "the dog", "Zoë", "bread", "rent")
NAMES = ("Ada", "Bo", "Cy", "Zoë")
TAGS = ("home", "work", "soon")
MAX_DOCUMENTS = 12  # of one collection, so that a whole state still fits a model's window
MAX_GAMES = 3  # so that they get beyond their first moves
LAST_TURN = 25  # so that no game comes near a draw
ILLEGAL = ("a1a1", "e1e8q", "e9e4")  # in every position


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


def _chess(chance: random.Random, store: Reference) -> Call:
    key = _key(chance, store, "games")
    path = f"/games/{key}"
    match _kind(chance, store, "games"):
        case "list":
            return Call("GET", chance.choice(["/games", f"{path}/moves"]))
        case "create" if len(store.state["games"]) < MAX_GAMES:
            players = {"white": chance.choice(NAMES), "black": chance.choice(NAMES)}
            return Call("POST", "/games", players if chance.random() < 0.9 else {"white": ""})
        case "remove" if chance.random() < 0.4:
            return Call("DELETE", path)
        case "read":
            return Call("GET", path)
    return Call("POST", f"{path}/moves", {"move": _move(chance, store.get("games", key))})


def _move(chance: random.Random, game: Document | None) -> str:
    """One in ten is not legal."""
    goes_on = game is not None and turn_number(game["fen"]) < LAST_TURN and chance.random() < 0.9
    legal = legal_moves(game["fen"]) if game and goes_on else []
    return chance.choice(legal or ILLEGAL)


def _guestbook(chance: random.Random, store: Reference) -> Call:
    path = f"/entries/{_key(chance, store, 'entries')}"
    name: Document = {"name": chance.choice(NAMES)}
    message: Document = {"message": f"Thanks for {chance.choice(WORDS)}"}
    stars: Document = {"stars": chance.randint(1, 5)}
    match _kind(chance, store, "entries"):
        case "list":
            return Call("GET", "/entries")
        case "create":
            return Call("POST", "/entries", chance.choice([name, name | message, name | message | stars, stars]))
        case "change":
            return Call("PATCH", path, chance.choice([message, stars]))
        case "remove":
            return Call("DELETE", path)
    return Call("GET", path)


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
    "chess": _chess,
    "guestbook": _guestbook,
}
