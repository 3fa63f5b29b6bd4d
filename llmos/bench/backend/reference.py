"""What the shipped apps should do, written by hand from their prompts: the benchmark's yardstick, used by no app."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from llmos.bench.backend.chess import START, legal_moves, played
from llmos.contracts import Json

BASE = "http://bench.example"
TIMES = ("created", "updated")
Document = dict[str, Any]
Answer = tuple[int, Json]

UNKNOWN: Answer = (404, None)
UNFIT: Answer = (422, None)
REFUSED: Answer = (409, None)


class Call(NamedTuple):
    method: str
    path: str
    body: Document | None = None
    query: dict[str, str] = {}  # noqa: RUF012 - of a tuple, which nobody changes

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")


class Reference:
    """One app's documents by collection and key. Refusals have no body: their wording is free."""

    def __init__(self, collections: Iterable[str], rules: "Callable[[Reference, Call], Answer]") -> None:
        self.state: dict[str, dict[str, Document]] = {name: {} for name in collections}
        self.next_ids = dict.fromkeys(self.state, 1)
        self._rules = rules

    def answer(self, call: Call) -> Answer:
        return self._rules(self, call)

    def all(self, collection: str) -> list[Document]:
        return list(self.state[collection].values())

    def get(self, collection: str, key: Json) -> Document | None:
        return self.state[collection].get(str(key))

    def add(self, collection: str, document: Document) -> Document:
        number = self.next_ids[collection]
        self.next_ids[collection] += 1
        self.state[collection][str(number)] = {"id": number, **document}
        return self.state[collection][str(number)]


def plain(value: Json) -> Json:
    """Without what a clock says."""
    if isinstance(value, dict):
        return {name: "..." if name in TIMES else plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def todo(store: Reference, call: Call) -> Answer:
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["todos"]:
            return 200, [_with_url(item) for item in store.all("todos")]
        case "POST", ["todos"]:
            if not body.get("title"):
                return UNFIT
            return 201, _with_url(store.add("todos", {"completed": False, **body}))
        case "DELETE", ["todos"]:
            store.state["todos"].clear()
            return 204, None
    return _one(store, call, "todos", _with_url)


def notes(store: Reference, call: Call) -> Answer:
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["notes"]:
            wanted, tag = call.query.get("q", "").lower(), call.query.get("tag")
            found = [note for note in store.all("notes") if wanted in f"{note['title']}\n{note['text']}".lower()]
            return 200, [note for note in reversed(found) if tag is None or tag in note["tags"]]
        case "POST", ["notes"]:
            if not body.get("title"):
                return UNFIT
            return 201, store.add("notes", {"created": "...", "updated": "...", "text": "", "tags": [], **body})
        case "GET", ["tags"]:
            tags = [tag for note in store.all("notes") for tag in note["tags"]]
            return 200, {tag: tags.count(tag) for tag in tags}
    return _one(store, call, "notes", dict)


def bank(store: Reference, call: Call) -> Answer:
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["accounts" | "transfers" as name]:
            return 200, store.all(name)
        case "POST", ["accounts"]:
            if not body.get("owner") or body.get("balance", 0) < 0:
                return UNFIT
            return 201, store.add("accounts", {"created": "...", "balance": 0, **body})
        case "GET", ["accounts", key]:
            found = store.get("accounts", key)
            return (200, found) if found else UNKNOWN
        case "GET", ["accounts", key, "transfers"]:
            if not store.get("accounts", key):
                return UNKNOWN
            return 200, [moved for moved in store.all("transfers") if int(key) in (moved["from"], moved["to"])]
    return _transfer(store, body)


def _transfer(store: Reference, body: Document) -> Answer:
    if not {"from", "to", "amount"} <= body.keys() or body["amount"] < 1 or body["from"] == body["to"]:
        return UNFIT
    payer, payee = store.get("accounts", body["from"]), store.get("accounts", body["to"])
    if not payer or not payee:
        return UNKNOWN
    if payer["balance"] < body["amount"]:
        return REFUSED
    payer["balance"] -= body["amount"]
    payee["balance"] += body["amount"]
    return 201, store.add("transfers", {"created": "...", **body})


def shop(store: Reference, call: Call) -> Answer:
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["products"]:
            wanted = call.query.get("name", "").lower()
            return 200, [product for product in store.all("products") if wanted in product["name"].lower()]
        case "POST", ["products"]:
            if not body.get("name") or "price" not in body:
                return UNFIT
            return 201, store.add("products", {"stock": 0, **body})
        case _, ["products", _]:
            return _one(store, call, "products", dict)
        case "GET", ["orders"]:
            return 200, store.all("orders")
        case "GET", ["orders", _]:
            return _one(store, call, "orders", dict)
        case "POST", ["orders"]:
            return _order(store, body)
    return _cart(store, call, body)


def _order(store: Reference, body: Document) -> Answer:
    if not {"product", "quantity"} <= body.keys() or body["quantity"] < 1:
        return UNFIT
    product = store.get("products", body["product"])
    if not product:
        return UNKNOWN
    if product["stock"] < body["quantity"]:
        return REFUSED
    product["stock"] -= body["quantity"]
    return 201, store.add("orders", {"created": "...", **body, "total": product["price"] * body["quantity"]})


def _cart(store: Reference, call: Call, body: Document) -> Answer:
    match call.method, call.parts:
        case "POST", ["carts"]:
            return 201, store.add("carts", {"created": "..."})
        case "DELETE", ["items", _]:
            return _one(store, call, "items", dict)
    key = call.parts[1]
    if not store.get("carts", key):
        return UNKNOWN
    items = [item for item in store.all("items") if item["cart"] == int(key)]
    match call.parts[2:]:
        case ["items"]:
            return _put_into_cart(store, int(key), body)
        case ["checkout"]:
            return _checkout(store, items)
    return 200, {"id": int(key), "items": items, "total": sum(item["price"] * item["quantity"] for item in items)}


def _put_into_cart(store: Reference, cart: int, body: Document) -> Answer:
    if not {"product", "quantity"} <= body.keys() or body["quantity"] < 1:
        return UNFIT
    product = store.get("products", body["product"])
    if not product:
        return UNKNOWN
    if product["stock"] < body["quantity"]:
        return REFUSED
    return 201, store.add("items", {**body, "cart": cart, "price": product["price"]})


def _checkout(store: Reference, items: list[Document]) -> Answer:
    wanted: dict[int, int] = {}
    for item in items:
        wanted[item["product"]] = wanted.get(item["product"], 0) + item["quantity"]
    stocks = {key: (store.get("products", key) or {}).get("stock", -1) for key in wanted}
    if not items or any(stocks[key] < quantity for key, quantity in wanted.items()):
        return REFUSED
    for item in items:
        del store.state["items"][str(item["id"])]
    priced = [(item["product"], item["quantity"], item["price"] * item["quantity"]) for item in items]
    for key, quantity, total in priced:
        store.state["products"][str(key)]["stock"] -= quantity
        store.add("orders", {"created": "...", "product": key, "quantity": quantity, "total": total})
    return 204, None


def chess(store: Reference, call: Call) -> Answer:
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["games"]:
            return 200, store.all("games")
        case "POST", ["games"]:
            if not body.get("white") or not body.get("black"):
                return UNFIT
            begun = {"fen": START, "turn": "white", "status": "playing"}
            return 201, store.add("games", {"created": "...", **begun, **body})
        case "POST", ["games", key, "moves"]:
            return _move(store.get("games", key), body)
        case "GET", ["games", key, "moves"]:
            game = store.get("games", key)
            return (200, legal_moves(game["fen"])) if game else UNKNOWN
    return _one(store, call, "games", dict)


def _move(game: Document | None, body: Document) -> Answer:
    if not 4 <= len(body.get("move", "")) <= 5:
        return UNFIT
    if not game:
        return UNKNOWN
    after = played(game["fen"], body["move"])
    if not after:
        return REFUSED
    game |= after
    return 200, game


def guestbook(store: Reference, call: Call) -> Answer:
    """Without pictures: what is measured is sent as JSON."""
    body = call.body or {}
    match call.method, call.parts:
        case "GET", ["entries"]:
            return 200, store.all("entries")
        case "POST", ["entries"]:
            if "name" not in body or not _fits_entry(body):
                return UNFIT
            return 201, store.add("entries", {"created": "...", **body})
        case "PATCH", ["entries", key] if store.get("entries", key) and not _fits_entry(body):
            return UNFIT
    return _one(store, call, "entries", dict)


def _fits_entry(fields: Document) -> bool:
    return fields.get("name") != "" and 1 <= fields.get("stars", 1) <= 5


def _one(store: Reference, call: Call, collection: str, outward: Callable[[Document], Document]) -> Answer:
    """Read, change or remove one document."""
    key = call.parts[-1]
    document = store.get(collection, key)
    if document is None:
        return UNKNOWN
    if call.method == "DELETE":
        del store.state[collection][key]
        return 204, None
    if call.method == "PATCH":
        document |= call.body or {}
    return 200, outward(document)


def _with_url(item: Document) -> Document:
    return {**item, "url": f"{BASE}/todos/{item['id']}"}


COLLECTIONS = {
    "todo": ("todos",),
    "bank": ("accounts", "transfers"),
    "notes": ("notes",),
    "shop": ("products", "carts", "items", "orders"),
    "chess": ("games",),
    "guestbook": ("entries",),
}
_RULES = {"todo": todo, "bank": bank, "notes": notes, "shop": shop, "chess": chess, "guestbook": guestbook}


def reference(app: str) -> Reference:
    return Reference(COLLECTIONS[app], _RULES[app])
