"""What is written, chosen and ticked in the fields of a form."""

from __future__ import annotations

from typing import Any

from drivers.browser.acting import act, field_of
from drivers.browser.dates import FORMS, choose_day, moment
from drivers.browser.errors import BrowserError
from drivers.browser.session import Session
from drivers.browser.tab import Tab

Json = Any
Value = str | bool | int | float | list[str]
KEYED = ("text", "search", "email", "url", "tel", "password", "number", "textarea", "")
TICKED = ("checkbox", "radio", "switch")
YES = {"true": True, "yes": True, "on": True, "checked": True, "false": False, "no": False, "off": False, "": False}
MAX_FIELDS = 50
ENTER_SENDS = 'No button is there to send it; click "Enter" for that.'


async def fill(session: Session, fields: dict[str, Value]) -> str:
    """All of them that can be filled in; what is wrong with each of the others is told."""
    if not 0 < len(fields) <= MAX_FIELDS:
        raise BrowserError(f"Name up to {MAX_FIELDS} fields, each with what it should hold.")

    async def do(tab: Tab) -> str:
        done: list[str] = []
        failed: list[str] = []
        await _require_one_of_each_group(tab, fields)
        for target, value in fields.items():
            try:
                done.append(await _put(tab, await field_of(tab, target), value))
            except BrowserError as error:
                if tab.closed:
                    raise
                failed.append(str(error))
        if not done:
            raise BrowserError(" ".join(dict.fromkeys(failed)))
        hint = [ENTER_SENDS] if await tab.run("enterSends") else []
        return " ".join([f"{'; '.join(done)}.", *failed, *hint])

    return await act(session, do)


async def type_text(session: Session, target: int | str, words: str) -> str:
    async def do(tab: Tab) -> str:
        number = await field_of(tab, target)
        return f"{await _write(tab, number, await tab.point(number), words)}."

    return await act(session, do)


async def select(session: Session, target: int | str, option: str) -> str:
    async def do(tab: Tab) -> str:
        return f"{await _choose(tab, await field_of(tab, target), option)}."

    return await act(session, do)


async def click_option(tab: Tab, words: str) -> str:
    """What a click on an option comes to, as its list opens in a window that no page sees; "" where there is none."""
    lists = await tab.run("listsWith", words)
    if len(lists) > 1:
        named = " and of ".join(f"[{number}] {name}" for number, name in lists)
        raise BrowserError(f'"{words}" is an option of {named}; choose it in the one that is meant.')
    return (await _choose(tab, lists[0][0], words)).removeprefix("Chose ") if lists else ""


async def _put(tab: Tab, number: int, value: Value) -> str:
    """Make the field hold this; what was done. Raises BrowserError for what it cannot hold."""
    told = await tab.point(number)
    if told["tag"] == "select":
        return await _choose(tab, number, value if isinstance(value, list) else _words(value))
    if told["kind"] in TICKED:
        return await _tick(tab, number, told, value)
    return await _write(tab, number, told, _words(value))


async def _write(tab: Tab, number: int, told: Json, words: str) -> str:
    if told["tag"] not in ("input", "textarea") and not told["editable"]:
        raise BrowserError(f"[{number}] {told['name']} takes no text; name a field.")
    if told["tag"] == "input" and told["type"] not in KEYED:
        await _set(tab, number, told, words)
        return f"Typed into {told['name']}"
    await tab.click(number)
    if told["fixed"]:
        return await _open(tab, told, words)
    await tab.run("selectAll", number)
    await (tab.write(words) if words else tab.press("Delete"))
    held = await tab.run("held", number)
    other = held is not None and " ".join(held.split()) != " ".join(words.split())
    return f"Typed into {told['name']}" + (f', which now holds "{held[:80]}"' if other else "")


async def _open(tab: Tab, told: Json, words: str) -> str:
    """A field that only what it shows fills in: a day is chosen there, anything else is left to the caller."""
    await tab.settle()
    chosen = await choose_day(tab, words)
    done = f": {chosen} in its calendar" if chosen else ", which cannot be typed into: click what it shows now"
    return f"Clicked {told['name']}{done}"


async def _set(tab: Tab, number: int, told: Json, words: str) -> None:
    if told["type"] in ("checkbox", "radio", "file", "submit", "button", "reset", "image"):
        raise BrowserError(
            f"[{number}] {told['name']} takes no text; click it{' or use upload' if told['type'] == 'file' else ''}."
        )
    day_form = await tab.run("dayForm")
    answer = await tab.run("set", number, moment(told["type"], words, day_form))
    if answer.get("refused"):
        form = {**FORMS, "date": day_form}.get(told["type"], "its own form")
        raise BrowserError(f"[{number}] {told['name']} does not take {words!r}; write it as {form}.")


async def _choose(tab: Tab, number: int, option: str | list[str]) -> str:
    """By what the options are called; of a list that takes several, exactly those of a list."""
    told = await tab.run("choose", number, option)
    if told.get("gone"):
        raise BrowserError(f"There is no [{number}] on the page now; read the page for its numbers.")
    if told.get("none"):
        raise BrowserError(f"[{number}] {told['name']} is no list of options; click it, then click the option.")
    if told.get("disabled"):
        raise BrowserError(f"{told['disabled']!r} cannot be chosen now; choose another.")
    if "options" in told:
        raise BrowserError(f"There is no option {told['wanted']!r}; there are: {', '.join(told['options'])}.")
    return f'Chose "{told["chosen"]}" in {told["name"]}'


async def _tick(tab: Tab, number: int, told: Json, value: Value) -> str:
    """Set or clear it; one of a group is also found by the words beside it."""
    if told["kind"] == "radio":
        number = await _radio(tab, number, told, value)
        told, wanted = await tab.point(number), True
    elif (found := _truth(value)) is None:
        raise BrowserError(f"[{number}] {told['name']} is set or not; write true or false.")
    else:
        wanted = found
    if told["checked"] != wanted:
        await tab.click(number)
    return f"{'Checked' if wanted else 'Unchecked'} {told['name']}"


async def _radio(tab: Tab, number: int, told: Json, value: Value) -> int:
    """The one of its group that is meant: itself, or that with these words. Raises BrowserError."""
    if _truth(value):
        return number
    group, words = await tab.run("radios", number), _words(value).strip().lower()
    found = next((n for n, beside in group if beside.lower() == words), 0)
    if not found:
        raise BrowserError(f"{told['name']}: choose one of {', '.join(beside for _, beside in group)}.")
    return int(found)


async def _require_one_of_each_group(tab: Tab, fields: dict[str, Value]) -> None:
    """Raises BrowserError, before anything is done, where several radio buttons of one group are to be set."""
    chosen: dict[int, str] = {}
    for target in (target for target, value in fields.items() if _truth(value)):
        group = await _group_of(tab, target)
        if group and (other := chosen.setdefault(group[0][0], target)) != target:
            raise BrowserError(f'Of "{other}" and "{target}" only one can be chosen; fill in again with that one.')


async def _group_of(tab: Tab, target: str) -> Json:
    """The radio buttons of its group, none for anything else; what is not on the page is told when its turn comes."""
    try:
        return await tab.run("radios", await field_of(tab, target))
    except BrowserError:
        if tab.closed:
            raise
        return []


def _truth(value: Value) -> bool | None:
    """What it says of a tick box; None where it says something else."""
    return YES.get(_words(value).strip().lower())


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
