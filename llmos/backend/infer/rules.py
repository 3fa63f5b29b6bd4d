"""prompt.md from a draft, in the style that docs/backend.md recommends: the condition, then the status."""

from __future__ import annotations

import textwrap

from llmos.backend.infer.draft import Collection, Draft, Route
from llmos.backend.infer.words import described, listed, one_line, with_article

WIDTH = 120


def prompt(draft: Draft) -> str:
    """The introduction, then one section a route."""
    sections = [f"## {route.method} {route.path}\n{_wrapped(rule(draft, route))}\n" for route in draft.ordered()]
    return "\n".join([introduction(draft), *sections])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def introduction(draft: Draft) -> str:
    summary = draft.summary or f"{one_line(draft.title)}: the backend of a website"
    kept = listed(f"`{name}`" for name in draft.collections) if draft.collections else ""
    first = f"{summary.rstrip('.')}." + (f" What is stored lies in {kept}, by id." if kept else "")
    return "\n".join([f"{_wrapped(first)}\n", *(_document(collection) for collection in draft.collections.values())])


def _document(collection: Collection) -> str:
    own = listed(f"`{name}`" for name in ["id", *collection.stamps])
    head = f"{with_article(collection.one).capitalize()} has {own}"
    lines = [
        f"- `{found.name}`: {described(found.schema)}{', required' if found.required else ''}"
        for found in collection.fields.values()
    ]
    return "\n".join([f"{head}, and:", *lines, ""]) if lines else f"{head}.\n"


def rule(draft: Draft, route: Route) -> str:
    """One route's rule, to be understood alone."""
    said = _plain(route) if route.kind == "plain" else _stored(route, draft.collections[route.collection])
    return f"{route.summary.rstrip('.')}. {said}" if route.summary else said


def _stored(route: Route, collection: Collection) -> str:
    one, refusals = collection.one, []
    if route.kind not in ("create", "list"):
        refusals.append(f"If there is no {one} with this id, answer 404.")
    if route.kind in ("create", "replace"):
        refusals.append(_fits(route, collection))
    if route.kind == "change":
        refusals.append(f"If a field does not fit, answer {route.invalid}.")
    refusals += [f"If {condition}, answer {status}." for status, condition in route.conditions]
    changes = route.kind not in ("list", "read")
    if refusals and changes:
        refusals[-1:] = _changing_nothing(refusals)
    done = _done(route, collection)
    return " ".join([*refusals, f"Otherwise {done[0].lower()}{done[1:]}" if refusals else done])


def _changing_nothing(refusals: list[str]) -> list[str]:
    if len(refusals) == 1:
        return [f"{refusals[0].rstrip('.')} and change nothing."]
    return [refusals[-1], "In each of these cases change nothing."]


def _fits(route: Route, collection: Collection) -> str:
    if not collection.required:
        return f"If a field does not fit, answer {route.invalid}."
    needed = listed([f"`{name}`" for name in collection.required], "or")
    texts = any(found.required and found.schema.get("type") == "string" for found in collection.fields.values())
    return (
        f"If {needed} is missing{' or empty' if texts else ''}, or another field does not fit, answer {route.invalid}."
    )


def _done(route: Route, collection: Collection) -> str:
    one, status = collection.one, route.success
    own = _own(collection)
    answer = f"answer {status} without a body" if status == 204 else f"answer {status} with the {one}"
    if route.kind == "list":
        return f"Answer {status} with the list of all {collection.many}."
    if route.kind == "create":
        added = f"Add the body as a new {one} under the next id, with {own}."
        return f"{added} {answer[0].upper()}{answer[1:].replace('with the', 'with the stored')}."
    return {
        "read": f"{answer[0].upper()}{answer[1:]}.",
        "replace": f"Replace the {one} by the body, with {own}, and {answer}.",
        "change": f"Replace the fields that the body has and {answer}.",
        # what was removed can no longer be referred to
        "delete": f"Remove the {one} and {answer if status == 204 else f'answer {status} with an empty object'}.",
        "act": f"{answer[0].upper()}{answer[1:]}. The body needs no fields.",
    }[route.kind]


def _own(collection: Collection) -> str:
    stamps = [f"with `{name}` set to now" for name in collection.stamps]
    return listed(["that `id`", *stamps])


def _plain(route: Route) -> str:
    refusals = [f"If {condition}, answer {status} and change nothing." for status, condition in route.conditions]
    members = f" that has {listed(f'`{name}`' for name in route.answers)}" if route.answers else ""
    answer = "without a body" if route.success == 204 else f"with an object{members}"
    done = f"{'Otherwise answer' if refusals else 'Answer'} {route.success} {answer}."
    return " ".join([*refusals, done, *(["The body needs no fields."] if route.method == "POST" else [])])
