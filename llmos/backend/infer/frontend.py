"""A front end's folder as the calls it makes: those of its scripts, its forms and its htmx attributes."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from llmos.backend.infer.bodies import Bodies, is_upload
from llmos.backend.infer.folder import read_folder
from llmos.backend.infer.found import Call, Found
from llmos.backend.infer.kinds import type_members
from llmos.backend.infer.page import Form, Page, read_page
from llmos.backend.infer.plan import SEGMENT
from llmos.backend.infer.reads import names_of_answer, reads_of_variables
from llmos.backend.infer.requests import Requests, Sent
from llmos.backend.infer.syntax import parse
from llmos.backend.infer.values import Given, Pieces, Project, Unknown

MAX_CALLERS = 20  # of a function whose body only they know
LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]"})
FILE = re.compile(r"\.(json|html?|svg|png|jpe?g|css|js|txt|md|csv|xml|webmanifest)$", re.IGNORECASE)
OWN_ORIGIN = frozenset({"origin", "host", "PUBLIC_URL"})
QUERIES = frozenset({"query", "search", "params", "qs", "suffix", "querystring", "filter"})


def read_frontend(folder: Path) -> Found:
    """Raises UsageError when the folder cannot be read."""
    sources = read_folder(folder)
    found, project, pages = Found(notes=list(sources.notes)), Project(), []
    for name, text in sources.pages.items():
        page = read_page(name, text)
        pages.append(page)
        project.scripts += [parse(name, script, line) for line, script in page.scripts]
    project.scripts += [parse(name, text) for name, text in sources.scripts.items()]
    _learn(found, project, pages)
    forms = [form for page in pages for form in page.forms]
    _find_sent(found, project, forms)
    _find_forms(found, forms)
    for name, text in sources.texts.items():
        if "Authorization" in text:
            found.note(
                f"{name} sends who is signed in (Authorization); a backend here knows no accounts and ignores it."
            )
    return found


def _learn(found: Found, project: Project, pages: list[Page]) -> None:
    found.title = next((page.title for page in pages if page.title), "")
    for page in pages:
        for note in page.notes:
            found.note(note)
    for script in project.scripts:
        found.types |= type_members(script)
        for name, members in reads_of_variables(script).items():
            found.reads.setdefault(name, set()).update(members)
        if script.root.has_error:
            found.note(f"{script.name} has places that are no JavaScript; calls in them may be missed.")


def _find_sent(found: Found, project: Project, forms: list[Form]) -> None:
    requests, bodies = Requests(project), Bodies(project, forms, found.types)
    for sent in requests.find():
        where = sent.request.site.script.where(sent.request.site.node)
        address = _address(sent.pieces, where, found)
        if address is not None:
            found.calls.append(_call(found, requests, bodies, sent, address, where))
    for note in requests.notes:
        found.note(note)


def _call(
    found: Found, requests: Requests, bodies: Bodies, sent: Sent, address: tuple[str, tuple[str, ...]], where: str
) -> Call:
    path, query = address
    at = requests.body(sent.request) if sent.method not in ("GET", "DELETE") else None
    given: Given = sent.request.given
    body = bodies.read(at, given)
    if at is not None and not body.is_known and (parameter := bodies.origin(at, given)) is not None:
        # the function knows the address, and who calls it what is sent
        callers = [{**given, **more} for _, more in islice(requests.callers(parameter), MAX_CALLERS)]
        told = [(read, more) for more in callers if (read := bodies.read(at, more)).is_known]
        body, given = told[0] if told else (body, given)
    fields = bodies.refined({field.name: field for field in body.fields}, at, given)
    if at is not None and is_upload(at.node):
        found.note(f'{where}: {sent.method} {path} sends a file; describe it in schema.json, with "format": "file".')
    elif not body.is_known:
        found.note(
            f"{where}: what {sent.method} {path} sends is only known at run time; add its fields to schema.json."
        )
    names = names_of_answer(sent.request.site.node, sent.request.site.script)
    reads = frozenset(member for name in names for member in found.reads.get(name, ()))
    of_items = frozenset(member for name in names for member in found.reads.get(f"{name}[]", ()))
    return Call(sent.method, path, where, tuple(fields.values()), query, reads, of_items, not body.is_known)


def _find_forms(found: Found, forms: list[Form]) -> None:
    for form in forms:
        if form.action is None:
            continue
        address = _address((form.action,), form.where, found)
        if address is None:
            continue
        path, query = address
        if form.method == "GET" and (form.fields or not FILE.search(path)):
            query = (*query, *(field.name for field in form.fields))
            found.calls.append(Call("GET", path, form.where, query=query))
        elif form.method in ("POST", "PUT", "PATCH", "DELETE"):
            found.calls.append(Call(form.method, path, form.where, form.fields, query))


def _address(pieces: Pieces, where: str, found: Found) -> tuple[str, tuple[str, ...]] | None:
    """The path as a pattern, and the names in its query. None, with a note, for what no backend here can serve."""
    written, unknown_base = _written(pieces)
    told = "".join(piece if isinstance(piece, str) else f"{{{piece.name}}}" for piece in pieces)
    base = pieces[0].name if pieces and isinstance(pieces[0], Unknown) else ""
    if unknown_base and base not in OWN_ORIGIN:
        found.note(f"The address begins with `{base}`, which is taken to be this server's, without a path of its own.")
    if unknown_base and not written.startswith("/"):
        found.note(f"{where}: the address {told} is only known at run time; write its rule by hand.")
        return None
    try:
        parts = urlsplit(written.replace("{", "%7B").replace("}", "%7D"))
        host = parts.hostname
    except ValueError:
        found.note(f"{where}: {told} is no address.")
        return None
    if host is not None and host not in LOCAL:
        found.note(f"{where}: {host} is another server; its answers are not this backend's.")
        return None
    if parts.scheme not in ("", "http", "https"):
        return None
    path = "/" + "/".join(
        s for s in parts.path.replace("%7B", "{").replace("%7D", "}").split("/") if s not in ("", ".", "..")
    )
    if FILE.search(path):
        found.note(f"{where}: {path} is a file of the page, so it needs no rule; put it into web/.")
        return None
    if path == "/" or not all(SEGMENT.fullmatch(segment) for segment in path[1:].split("/")):
        found.note(f"{where}: {told} is no path of plain segments, such as /todos/{{id}}; write its rule by hand.")
        return None
    query = tuple(
        name for name, _ in parse_qsl(parts.query.replace("%7B", "").replace("%7D", ""), keep_blank_values=True)
    )
    return path, query


def _written(pieces: Pieces) -> tuple[str, bool]:
    """The address with unknown segments in braces; and whether it begins with what is unknown, its base."""
    rest, unknown_base = list(pieces), False
    if rest and isinstance(rest[0], Unknown):
        unknown_base, rest = True, rest[1:]
    written = ""
    for position, piece in enumerate(rest):
        if isinstance(piece, str):
            written += piece
        elif "?" in written or written.endswith("/"):
            written += f"{{{re.sub(r'[^A-Za-z0-9_]', '', piece.name) or 'id'}}}"
        elif position == len(rest) - 1 and piece.name.lower() in QUERIES:
            written += f"?{piece.name}="
        else:
            written += f"{{{piece.name}}}!"  # within a segment, which no path can say
    return written, unknown_base
