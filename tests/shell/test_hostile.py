"""Hostile content in the shell, in answers, arguments, results and names: it is text, and the layout holds."""

import pytest

from llmos.shell.conversation.blocks.answer import AnswerBlock

HOSTILE = {
    "escapes": "\x1b[2J\x1b[31mred\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x07\x9b31m",
    "markup": "[bold red]bold[/] [@click=app.quit]click[/] [link=https://evil.example]x[/link] [/] [[",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)><h1>big</h1>",
    "right-to-left": "invoice\u202egpj.exe and \u2067isolated",
    "zero-width": "ad\u200bmin \u200d\ufeff\u2060 \U000e0041\U000e0042",
    "combining": "Z" + "\u0351" * 500 + "algo",
    "long": "x" * 1_000_000,
    "lines": "a\n" * 5_000,
    "table": "| a |\n| --- |\n" + "| [bold]b[/] \x1b[31m |\n" * 30,
    "fences": "```[red]\n[bold]x[/]\n\x1b[31m\n" + "`" * 2000,
    "nested": "> " * 300 + "deep",
    "lists": "".join("  " * depth + "- item\n" for depth in range(60)),
    "link": "[words](javascript:alert(1)) [file](file:///etc/passwd) ![p](https://evil.example/x.png)",
}


CALLS = {"long": "'x' * 1_000_000", "lines": "'a\\n' * 5_000"}


def is_sound(screen):
    lines = screen.text.splitlines()
    acts = [letter for line in lines for letter in line if ord(letter) < 32 or letter in "\u202e\u2067\u200b\ufeff\x9b"]
    return len(lines) == 24 and not acts and "f1 Help" in lines[-1] and lines[-2].startswith(" ❯")


async def test_answers_are_shown_as_text(place):
    async with place.shell() as screen:
        for name, text in HOSTILE.items():
            place.script.follow = lambda request, text=text: f"{text[:30_000]}\n\nthe end"
            asked = len(place.script.requests)
            await screen.say(name)
            await screen.until(lambda asked=asked: len(place.script.requests) > asked, name)
            await screen.answered()
            await screen.until(lambda: is_sound(screen), f"a sound screen after {name}")
            await screen.type("still here")
            await screen.until(lambda: "❯ still here" in screen.text, name)
            screen.tab.prompt.put("")
        assert screen.shell.is_running and screen.shell.clipboard == ""
        assert all(block.item.text for block in screen.shell.query(AnswerBlock))


@pytest.mark.parametrize("name", ["escapes", "markup", "right-to-left", "long", "lines"])
async def test_what_a_tool_is_called_with_and_gives_is_shown_as_text(place, name):
    code = f"print({CALLS.get(name) or repr(HOSTILE[name][:600])})"
    place.script.say({"call": "python.run", "arguments": {"code": code}}, "Done.")
    async with place.shell() as screen:
        await screen.shell.actions.start("compute")
        await screen.say("go on")
        await screen.sees("Done.")
        await screen.answered()
        await screen.pilot.press("shift+tab", "up", "enter")
        await screen.until(lambda: screen.shell.query("CalledBlock.open .part"), "the result")
        await screen.until(
            lambda: "c Copy" in screen.text.splitlines()[-1] and "\x1b" not in screen.text, "a sound screen"
        )
        assert not any(letter in screen.text for letter in "\u202e\u200b\x07")


async def test_what_another_process_says_is_shown_as_text(place):
    place.script.follow = lambda request: "Fine."
    async with place.shell() as screen:
        await screen.say("hello")
        await screen.sees("Fine.")
        await screen.answered()
        for name in ("escapes", "markup", "html", "right-to-left", "zero-width", "long"):
            place.world.kernel.post(screen.tab.pid, HOSTILE[name][:400], source="process [bold]7[/]\x1b[31m")
            await screen.until(lambda: "from process [bold]7[/]␛[31m" in screen.text and is_sound(screen), name)
            await screen.answered()


async def test_markup_and_html_are_read_as_they_are_written(place):
    place.script.say(f"{HOSTILE['markup']}\n\n{HOSTILE['html']}")
    async with place.shell() as screen:
        await screen.say("go on")
        await screen.sees("[bold red]bold[/] [@click=app.quit]click[/]", "<script>alert(1)</script>")
