"""Form fields with labels, names, types and hints that browsers and screen readers understand."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from llmos.pages.match import TYPED, choice_text, text_of
from llmos.pages.vocabulary import asks_for_message, field_hint, is_reset
from llmos.pages.wording import Names, slug


class Fields:
    """Repairs the fields of one page; `names` are those of its form, `ids` those of its document."""

    def __init__(self, soup: BeautifulSoup, body: Tag, ids: Names) -> None:
        self.soup = soup
        self.body = body
        self.ids = ids
        self.names = Names()

    def repair(self) -> None:
        for group in self.body.find_all("fieldset"):
            self.group(group)
        for control in self.body.find_all(["input", "select", "textarea"]):
            type = control.get("type", "text")
            if type in ("checkbox", "radio"):
                self.choice(control)
            else:
                self.field(control)
        for button in self.body.find_all("button", type=False):
            button["type"] = _button_type(button.get_text(strip=True))

    def group(self, fieldset: Tag) -> None:
        """Name a fieldset that has no legend after the heading before it."""
        if fieldset.find("legend"):
            return
        heading = fieldset.find_previous(["h1", "h2", "h3"])
        if heading is None or not fieldset.find("input", type=["radio", "checkbox"]):
            return
        heading["id"] = heading.get("id") or self.ids.unique(slug(text_of(heading), "-") or "group", "-")
        fieldset["aria-labelledby"] = heading["id"]

    def choice(self, control: Tag) -> None:
        text = choice_text(control)
        label = self._label_around(control, text)
        control["id"] = self.ids.unique(slug(text, "-") or "choice", "-")
        label["for"] = control["id"]
        label["class"] = "choice"
        if control["type"] == "radio":
            control["name"] = self._radio_name(control)
            control["value"] = text
        else:
            control["name"] = self.names.unique(_base(slug(text)))
        self._note(control, label)

    def field(self, control: Tag) -> None:
        caption = self._caption(control)
        name = caption or str(control.get("placeholder", "")) or _first_option(control) or "value"
        base = _base(slug(name))
        control["id"] = self.ids.unique(base.replace("_", "-"), "-")
        control["name"] = self.names.unique(base)
        if control.name == "input":
            control = self._typed(control, name)
        self._framed(control, caption, name)

    def _typed(self, control: Tag, name: str) -> Tag:
        """The input with the type its name asks for, or a text area."""
        hint = field_hint(name)
        type = str(control.get("type", "text"))
        if type == "range":
            return control
        if type not in TYPED:
            type = "text"
        if type == "text" and hint is None and asks_for_message(name):
            control.name = "textarea"
            control.can_be_empty_element = False  # what was an input would be written without its end tag
            control["rows"] = "4"
            del control["type"]
            return control
        control["type"] = hint[0] if hint and hint[0] != "text" else type
        if hint:
            control["autocomplete"] = hint[1]
        if control["type"] in ("email", "password"):
            control["required"] = ""
        if control["type"] == "password":
            del control["name"]  # a sketch has no accounts: what has no name is not sent, so no secret is stored
        return control

    def _caption(self, control: Tag) -> str:
        """The words of the label around the control; for a stepper, those before it."""
        label = control.find_parent("label")
        if label is not None:
            return text_of(label)
        less = control.find_previous_sibling("button")
        before = less.parent.find_previous_sibling(True) if less is not None and less.parent is not None else None
        words = before.get_text("\n", strip=True).splitlines() if before is not None else []
        return words[0] if words else ""

    def _framed(self, control: Tag, caption: str, name: str) -> None:
        """Set label and control one below the other: `<div class="field">`."""
        old = control.find_parent("label")
        stepper = old is None and control.find_previous_sibling("button") is not None
        frame = self.soup.new_tag("div", attrs={"class": "field"})
        (old or control).insert_before(frame)
        label = self.soup.new_tag("label", attrs={"for": str(control["id"])})
        label.string = caption or name
        if not caption or stepper:
            label["class"] = "visually-hidden"
        frame.extend([label, control.extract()])
        if old is not None:
            old.decompose()

    def _label_around(self, control: Tag, text: str) -> Tag:
        label = control.find_parent("label")
        if label is None:
            follows = control.next_sibling
            if isinstance(follows, NavigableString):
                follows.extract()
            label = self.soup.new_tag("label")
            control.insert_before(label)
            label.append(control.extract())
        for child in list(label.children):
            if child is not control:
                child.extract()
        words = self.soup.new_tag("span")
        words.string = text
        label.append(words)
        return label

    def _radio_name(self, control: Tag) -> str:
        """One name for all radio buttons of a group."""
        group = control.find_parent("fieldset") or control.find_parent("form") or self.body
        if not group.get("data-name"):
            title = group.find("legend") or group.find_previous(["h1", "h2", "h3"])
            group["data-name"] = self.names.unique(_base(slug(text_of(title)) if title else "choice"))
        return str(group["data-name"])

    def _note(self, control: Tag, label: Tag) -> None:
        """A text below a choice describes it."""
        note = label.find_next_sibling(True)
        if control.find_parent("fieldset") and note is not None and note.name == "p":
            note["id"] = self.ids.unique(f"{control['id']}-note", "-")
            note["class"] = "note"
            control["aria-describedby"] = note["id"]


def _base(name: str) -> str:
    """A field's name that is not one of those the backend fills in itself."""
    if name == "id" or name.startswith(("created", "updated")):
        return f"the_{name}"
    return name or "field"


def _button_type(text: str) -> str:
    if is_reset(text):
        return "reset"
    return "submit" if any(map(str.isalnum, text)) else "button"


def _first_option(control: Tag) -> str:
    option = control.find("option")
    return option.get_text(" ", strip=True) if option is not None else ""
