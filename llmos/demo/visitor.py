"""A visitor of a generated site: finds its form and fills it in, as a person or a browser would."""

from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

from llmos.contracts import Json

SAMPLES = {
    "email": "ada@example.com",
    "tel": "+44 20 7946 0958",
    "number": 3,
    "date": "2026-12-24",
    "time": "18:30",
    "url": "https://example.com",
    "password": "correct horse battery",
    "search": "llama",
}

TEXTS = {
    "first": "Ada",
    "last": "Lovelace",
    "company": "Analytical Engines Ltd",
    "name": "Ada Lovelace",
    "city": "London",
    "country": "England",
    "address": "12 St James's Square",
    "message": "Hello from a page that was a pencil drawing a minute ago.",
    "comment": "Hello from a page that was a pencil drawing a minute ago.",
}


@dataclass(frozen=True)
class FilledForm:
    action: str
    values: dict[str, Json]


def fill_form(html: str) -> FilledForm | None:
    """The first form of a page that has something to fill in, filled in; None when there is none."""
    for form in BeautifulSoup(html, "html5lib").find_all("form"):
        values: dict[str, Json] = {}
        for field in form.find_all(["input", "select", "textarea"]):
            _fill(field, values)
        return FilledForm(str(form.get("action", "/entries")), values)
    return None


def _fill(field: Tag, values: dict[str, Json]) -> None:
    name, kind = str(field.get("name", "")), str(field.get("type", "text"))
    if not name or kind in ("submit", "hidden", "button"):
        return
    if field.name == "select":
        options = [str(option.get("value", option.get_text(strip=True))) for option in field.find_all("option")]
        values[name] = next((option for option in options[1:] if option), options[0] if options else "")
    elif kind == "radio":
        values.setdefault(name, str(field.get("value", "on")))
    elif kind == "checkbox":
        values[name] = True
    else:
        values[name] = SAMPLES.get(kind) or _text(name, field.name == "textarea")


def _text(name: str, long: bool) -> str:
    if long:
        return "Hello from a page that was a pencil drawing a minute ago."
    return next((text for word, text in TEXTS.items() if word in name), "Hello there")
