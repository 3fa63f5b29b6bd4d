"""From the calls of a front end to a draft: which paths are collections, what their documents hold, what cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmos.backend.infer.draft import DOCUMENT, Collection, Draft, Kind, Route, is_stamp
from llmos.backend.infer.found import Call, Field, Found
from llmos.backend.infer.kinds import guess
from llmos.backend.infer.words import is_plural, listed, singular, word_set
from llmos.backend.references import RESERVED
from llmos.backend.routes import is_parameter

SIGN_IN = word_set(
    "login logout signin signout sign-in sign-out signup sign-up register auth token tokens session sessions oauth"
    " password refresh me"
)
SEGMENT = re.compile(r"[A-Za-z0-9_.~-]+|\{[A-Za-z0-9_]+\}")
OF_DOCUMENT: dict[str, Kind] = {"GET": "read", "PUT": "replace", "PATCH": "change", "DELETE": "delete", "POST": "act"}

Segments = tuple[str, ...]


def plan(found: Found, title: str) -> Draft:
    """A draft whose routes are the calls that can be expressed; its notes tell of the others."""
    draft = Draft(found.title or title, notes=list(found.notes))
    calls = [call for call in found.calls if not _is_sign_in(call, draft)]
    roots = collection_paths([_told(call) for call in calls])
    for call in calls:
        _place(draft, call, roots)
    for name, collection in draft.collections.items():
        of_it = [call for call in calls if root_of(call.path, roots)[-1:] == (name,)]
        _fill(draft, collection, of_it, found)
    return draft


def _told(call: Call) -> tuple[str, str, bool | None]:
    """None for an answer that is read as one object: then a plural path, such as /stats, is no list."""
    is_object = call.method == "GET" and bool(call.reads - call.reads_of_items)
    return call.method, call.path, None if is_object else bool(call.fields)


def segments_of(path: str) -> Segments:
    """With every parameter called alike."""
    return tuple(DOCUMENT if is_parameter(segment) else segment for segment in path.split("/") if segment)


def collection_paths(calls: Iterable[tuple[str, str, bool | None]]) -> set[Segments]:
    """Paths of lists: those with documents beneath them, and those that a plural, or what is posted, tells of."""
    known = [(method, segments_of(path), has_fields) for method, path, has_fields in calls]
    roots = {
        s[:-1] for _, s, _ in known if len(s) > 1 and s[-1] == DOCUMENT and DOCUMENT not in s[:-1] and _may_be(s[-2])
    }
    for method, segments, has_fields in sorted(known, key=lambda one: len(one[1])):
        is_plain = DOCUMENT not in segments and _may_be(segments[-1])
        is_list = is_plural(segments[-1]) and method in ("GET", "POST") and has_fields is not None
        tells = is_list or (method == "POST" and has_fields)
        if is_plain and tells and segments[:-1] not in roots:
            roots.add(segments)
    return roots


def kind_of(method: str, segments: Segments, roots: set[Segments]) -> Kind | None:
    """None for what is nested deeper than routes here go."""
    if segments in roots:
        return {"GET": "list", "POST": "create"}.get(method, "plain")  # type: ignore[return-value]
    if DOCUMENT not in segments:
        return "plain"
    if segments[:-1] in roots:
        return OF_DOCUMENT[method]
    is_verb = segments[:-2] in roots and segments[-1] != DOCUMENT and method != "GET" and not is_plural(segments[-1])
    return "act" if is_verb else None


def path_of(segments: Segments) -> str:
    return "/" + "/".join(segments)


def _may_be(name: str) -> bool:
    return name not in RESERVED


def root_of(path: str, roots: set[Segments]) -> Segments:
    """The longest path of a list that `path` begins with, or none."""
    segments = segments_of(path)
    return max((segments[:n] for n in range(1, len(segments) + 1) if segments[:n] in roots), key=len, default=())


def _is_sign_in(call: Call, draft: Draft) -> bool:
    last = segments_of(call.path)[-1].lower()
    if last in SIGN_IN or "auth" in segments_of(call.path):
        draft.note(
            f"{call.where}: {call.method} {call.path} signs in or out; a backend here knows no accounts: left out."
        )
        return True
    return False


def _place(draft: Draft, call: Call, roots: set[Segments]) -> None:
    segments = segments_of(call.path)
    kind = kind_of(call.method, segments, roots)
    path, said = path_of(segments), f"{call.where}: {call.method} {call.path}"
    if kind is None:
        draft.note(f"{said} is nested; routes here are /collection, /collection/{{id}} and plain ones: left out.")
        return
    if call.query:
        names = listed(f"`{name}`" for name in dict.fromkeys(call.query))
        draft.note(f"{said} is asked with {names}; the rule answers the same whatever it says: let the page choose.")
    name = root_of(call.path, roots)[-1] if kind != "plain" else ""
    route = Route(call.method, path, kind, name, success=success_of(kind))
    if kind == "plain":
        route = Route(call.method, path, kind, answers=tuple(sorted(call.reads - {"detail"})))
        draft.note(f"{said}: nothing tells what it does; complete its rule in prompt.md, and write an example.")
    if kind == "act":
        draft.note(f"{said}: nothing tells what it changes; complete its rule in prompt.md, and write an example.")
    if name:
        draft.collections.setdefault(name, Collection(name))
    known = {(other.method, other.path) for other in draft.routes}
    if (route.method, route.path) not in known:
        draft.routes.append(route)


def success_of(kind: Kind) -> int:
    return {"create": 201, "delete": 204}.get(kind, 200)


def _fill(draft: Draft, collection: Collection, calls: list[Call], found: Found) -> None:
    """The fields, from what is sent, from the type of that name, and from what is read."""
    posts = [
        call
        for call in calls
        if call.method == "POST" and call.fields and segments_of(call.path)[-1] == collection.name
    ]
    sent: dict[str, Field] = {}
    collection.is_open = any(call.sends_unknown for call in calls)
    for call in [*posts, *(call for call in calls if call not in posts and call.method in ("PUT", "PATCH"))]:
        for member in call.fields:
            wanted = call in posts and all(_requires(post, member.name) for post in posts)
            told = Field(member.name, member.schema, wanted, member.guessed)
            sent[member.name] = sent[member.name].joined(told) if member.name in sent else told
    one = singular(collection.name).replace("-", "").replace("_", "").lower()
    for member in [member for name, members in found.types.items() if name.lower() == one for member in members]:
        known = sent.get(member.name)
        sent[member.name] = Field(member.name, member.schema, known.required if known else False, member.guessed)
    read = _read(collection, calls, found, one)
    _say_unsent(draft, collection, read - sent.keys() - {"id", "_id"}, read)
    sent |= {name: Field(name, guess(name), guessed=True) for name in sorted(read - sent.keys())}
    _settle(draft, collection, sent)
    for call in calls:
        missing = set(collection.required) - {member.name for member in call.fields}
        if call.method == "PUT" and missing and not call.sends_unknown:
            names = listed(f"`{name}`" for name in sorted(missing))
            draft.note(f"{call.where}: PUT {call.path} sends no {names}, which is required; send PATCH for a part.")


def _requires(post: Call, name: str) -> bool:
    return any(member.name == name and member.required for member in post.fields)


def _read(collection: Collection, calls: list[Call], found: Found, one: str) -> set[str]:
    """Members read of an item, by the names that items and lists have."""
    names = [name for name in found.reads if name.lower() in (one, f"{collection.name.lower()}[]")]
    lists = [
        call for call in calls if call.method == "GET" and segments_of(call.path)[-1] in (collection.name, DOCUMENT)
    ]
    named = {member for name in names for member in found.reads[name]}
    return named | {m for call in lists for m in _of_item(call)}


def _of_item(call: Call) -> frozenset[str]:
    return call.reads if segments_of(call.path)[-1] == DOCUMENT else call.reads_of_items


def _say_unsent(draft: Draft, collection: Collection, unsent: set[str], read: set[str]) -> None:
    if "_id" in read:
        draft.note(f"`_id` is read of {collection.many}; a document here has `id`: change the page.")
    if names := [name for name in sorted(unsent) if not is_stamp(name)]:
        draft.note(
            f"{listed(f'`{name}`' for name in names)} of {collection.many} is read but never sent: nothing sets it."
        )


def _settle(draft: Draft, collection: Collection, fields: dict[str, Field]) -> None:
    """What the app sets itself is no client's field."""
    for name, member in fields.items():
        if name == "id":
            collection.id_schema = {"type": "string"} if member.schema.get("type") == "string" else {"type": "integer"}
        elif name == "_id":
            continue
        elif is_stamp(name) and member.schema.get("type", "string") == "string":
            collection.stamps.append(name)
        else:
            collection.fields[name] = member
    if collection.stamps and any(
        route.kind == "change" and route.collection == collection.name for route in draft.routes
    ):
        later = [name for name in collection.stamps if name.startswith("updated")]
        if later:
            draft.note(f"`{later[0]}` of {collection.many} is set when one is created; PATCH leaves it as it was.")
