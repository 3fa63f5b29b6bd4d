"""Worked handlers that a candidate is written after: two sets, so that what was copied from one is caught by the other.

A small model follows what it was shown closely, slips included: after a set that compares without case, all its
handlers do. Candidates of the two sets share no such habit, so that their agreement says more.
"""

CHECKED = "The body was checked before: every field fits. Do not check it again."

LIBRARY = 'A library.\n\nStored in `books`: {"id": integer, "title": text, "copies": integer}'
_OF_A_LIBRARY = (
    (
        f'{LIBRARY}\nStored in `loans`: {{"id": integer, "created": date-time, "book": integer, "reader": text,'
        ' "open": boolean}\n\nRule of POST /loans: If there is no book with the id `book`, answer 404. If it has no'
        " copies left, answer 409. Otherwise take one copy away, add the body as a new loan that is open, and answer"
        " 201 with the loan.",
        """def handle(body):
    book = get("books", body["book"])
    if book is None:
        return 404, "There is no such book."
    if book["copies"] < 1:
        return 409, "There are no copies left."
    update("books", book["id"], {"copies": book["copies"] - 1})
    loan = add("loans", {**body, "open": True})
    return 201, loan""",
    ),
    (
        f"{LIBRARY}\n\nRule of PUT /books/{{id}}: If there is no book with this id, answer 404. Otherwise change the"
        " fields that the body has, and answer 200 with the book. A body that does not fit is"
        f" answered 422.\n\n{CHECKED}",
        """def handle(id, body):
    if get("books", id) is None:
        return 404, "There is no book with this id."
    book = update("books", id, body)
    return 200, book""",
    ),
    (
        f"{LIBRARY}\n\nRule of GET /books?title&left: Answer 200 with the list of books, those with most copies first."
        " With `title` only those whose title contains it; with `left` only those that have this many copies or more.",
        """def handle(title, left):
    books = get_all("books")
    if title is not None:
        books = [book for book in books if title.lower() in book["title"].lower()]
    if left is not None:
        books = [book for book in books if book["copies"] >= int(left)]
    return 200, sorted(books, key=lambda book: book["copies"], reverse=True)""",
    ),
    (
        f"{LIBRARY}\n\nRule of POST /clear: Remove all books. Answer 204.",
        """def handle():
    remove_all("books")
    return 204, None""",
    ),
)

GARAGE = 'A garage.\n\nStored in `cars`: {"id": integer, "plate": text, "owner": text}'
REPAIRS = 'Stored in `repairs`: {"id": integer, "car": integer, "cost": integer, "done": boolean}'
_OF_A_GARAGE = (
    (
        f"{GARAGE}\n{REPAIRS}\n\nRule of GET /repairs?car&done: Answer 200 with the list of repairs. With `car` only"
        " those of this car; with `done` only those that are done, or not.",
        """def handle(car, done):
    repairs = get_all("repairs")
    if car is not None:
        repairs = [repair for repair in repairs if repair["car"] == car]
    if done is not None:
        repairs = [repair for repair in repairs if repair["done"] == done]
    return 200, repairs""",
    ),
    (
        f"{GARAGE}\n\nRule of POST /cars: If there is a car with this plate, answer 409. Otherwise add the body as a"
        " new car and answer 201 with the car.",
        """def handle(body):
    if find("cars", "plate", body["plate"]):
        return 409, "There is a car with this plate."
    car = add("cars", body)
    return 201, car""",
    ),
    (
        f"{GARAGE}\n{REPAIRS}\n\nRule of POST /cars/{{id}}/finish: If there is no car with this id, answer 404. Mark"
        " all its repairs as done. Answer 200 with the car's `id` and `total`, the sum of what they cost.",
        """def handle(id, body):
    car = get("cars", id)
    if car is None:
        return 404, "There is no car with this id."
    total = 0
    for repair in find("repairs", "car", id):
        update("repairs", repair["id"], {"done": True})
        total += repair["cost"]
    return 200, {"id": id, "total": total}""",
    ),
    (
        f"{GARAGE}\n\nRule of PATCH /cars/{{id}}: If there is no car with this id, answer 404. If a field does not fit,"
        f" answer 422. Otherwise set the fields that were sent and answer 200 with the car.\n\n{CHECKED}",
        """def handle(id, body):
    if get("cars", id) is None:
        return 404, "There is no car with this id."
    return 200, update("cars", id, body)""",
    ),
)

# For what all others failed at: the first set teaches a small model to spread one document into another of its own.
_FIELD_BY_FIELD = (
    *_OF_A_LIBRARY,
    (
        f'{LIBRARY}\nStored in `loans`: {{"id": integer, "book": integer, "reader": text, "open": boolean}}\n\nRule of'
        " POST /readers/{name}/renew: If this reader has no open loans, answer 409. For each of them: close it, and add"
        " an open loan of the same book and reader. Answer 204.",
        """def handle(name, body):
    loans = [loan for loan in find("loans", "reader", name) if loan["open"]]
    if not loans:
        return 409, "This reader has no open loans."
    for loan in loans:
        update("loans", loan["id"], {"open": False})
        add("loans", {"book": loan["book"], "reader": name, "open": True})
    return 204, None""",
    ),
)

SETS = (_OF_A_LIBRARY, _OF_A_GARAGE, _FIELD_BY_FIELD)
