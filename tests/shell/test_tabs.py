"""Several apps at once, each a process: opening, closing, leaving, and coming back."""

from llmos.http.address import withdraw
from llmos.shell.link import Link
from llmos.shell.panels.state import StatePanel
from tests.http.served_shared import LIST
from tests.shell.conftest import Slow


async def test_an_app_starts_by_its_name_in_a_tab_of_its_own(place):
    place.script.say({"call": "python.calculate", "arguments": {"expression": "1+1"}}, "Two.")
    async with place.shell() as screen:
        await screen.type("/comp")
        await screen.sees("/compute", "Answers questions with numbers")
        await screen.pilot.press("enter")
        await screen.sees("▸2 compute")
        await screen.say("1+1")
        await screen.sees("Two.")
        assert [row["app"] for row in await place.processes()] == ["compute"]


async def test_an_app_that_is_not_there_and_a_command_that_is_not_there_are_told(place):
    async with place.shell() as screen:
        await screen.say("/app nowhere")
        await screen.sees("There is no app 'nowhere'")
        await screen.say("/nonsense")
        await screen.sees("There is no command /nonsense")


async def test_the_same_list_is_in_the_help_and_in_the_palette(place):
    async with place.shell(size=(100, 60)) as screen:
        await screen.pilot.press("f1")
        await screen.sees("/retry", "Ask the last thing again", "ctrl+r")
        await screen.pilot.press("escape")
        await screen.pilot.press("ctrl+p")
        await screen.type("retry")
        await screen.sees("/retry", "Ask the last thing again")


async def test_closing_a_tab_asks_whether_its_process_is_to_end(place):
    place.script.say("Hello.", "Hello again.")
    async with place.shell() as screen:
        await screen.say("hi")
        await screen.sees("Hello.")
        await screen.answered()
        await screen.pilot.press("ctrl+w")
        await screen.sees("Process 1 (assistant) is alive.", "end the process", "close the tab; it goes on")
        await screen.pilot.press("escape")
        await screen.until(lambda: "is alive" not in screen.text)
        await screen.pilot.press("ctrl+w", "e")
        await screen.sees("tab, then 1, 2 or 3")
        assert [row["state"] for row in await place.processes()] == ["killed"]


async def test_a_process_that_is_left_goes_on_and_is_opened_again_with_its_past(place):
    place.script.say("I remember plums.", "You said plums.")
    async with place.shell() as screen:
        await screen.say("remember plums")
        await screen.sees("I remember plums.")
        await screen.answered()
        await screen.pilot.press("ctrl+w")
        await screen.sees("close the tab; it goes on")
        await screen.pilot.press("l")
        await screen.sees("tab, then 1, 2 or 3")
        assert [row["state"] for row in await place.processes()] == ["waiting"]
    async with place.shell() as screen:
        await screen.sees("Talks that go on: assistant 1")
        await screen.say("/open 1")
        await screen.sees("I remember plums.")
        await screen.say("what did I say")
        await screen.sees("You said plums.")


async def test_a_shell_that_died_comes_back_with_its_tabs(place):
    place.script.say("First talk.", "Second talk.")
    async with place.shell() as screen:
        await screen.say("one")
        await screen.sees("First talk.")
        await screen.answered()
        await screen.pilot.press("ctrl+t")
        await screen.say("two")
        await screen.sees("Second talk.")
        await screen.answered()
    async with place.shell() as screen:
        await screen.sees("1 assistant 1", "▸2 assistant 2", "Second talk.")
        await screen.pilot.press("alt+1")
        await screen.sees("First talk.")


async def test_who_writes_before_the_tabs_come_back_keeps_the_tab(place):
    place.script.say("Once.")
    async with place.shell() as screen:
        await screen.say("one")
        await screen.sees("Once.")
        await screen.answered()
    link = Slow(place.home)
    async with place.shell(link=link, ready=False) as screen:
        await screen.pilot.press("x")
        link.go_on.set()
        await screen.until(lambda: len(screen.shell.conversations) == 2)
        await screen.sees("▸1 assistant", "2 assistant 1", "x")


async def test_what_runs_in_another_tab_goes_on(place):
    place.script.say("Done behind your back.")
    async with place.shell() as screen:
        await screen.say("work")
        await screen.pilot.press("ctrl+t")
        await screen.until(lambda: len(screen.shell.conversations) == 2)
        first = screen.shell.conversations[0]
        await screen.until(lambda: first.record.last_answer() is not None and not first.record.busy)
        await screen.pilot.press("alt+1")
        await screen.sees("Done behind your back.")


async def test_a_kernel_that_was_lost_is_told_and_the_talk_goes_on_with_the_next(place):
    place.script.say("Before.", "After.")
    async with place.shell() as screen:
        await screen.say("one")
        await screen.sees("Before.")
        await screen.answered()
        withdraw(place.home)  # it was stopped in order: a shell must not start the next one by itself
        await place.world.shutdown()
        await screen.sees("kernel lost")
        await place.boot()
        await screen.sees("● scripted")
        await screen.say("two")
        await screen.sees("After.")
        assert screen.text.count("Before.") == 1


async def test_a_backend_is_served_and_its_requests_are_seen(place):
    async with place.shell(size=(120, 40)) as screen:
        await screen.say("/todo")
        await screen.sees("todo is served at http://127.0.0.1:", "serves at http://127.0.0.1:")


async def test_a_request_that_is_written_in_a_backends_tab_is_answered_there(place):
    place.script.say(LIST, {"status": 404, "error": "There is no such todo."})
    async with place.shell(size=(120, 40)) as screen:
        await screen.say("/todo")
        await screen.sees("GET /… or POST /… and a body", "serves at")
        assert "thinks" not in screen.text
        await screen.say("GET /todos")
        await screen.sees("GET /todos", "200 OK", "[]")
        await screen.say("GET /todos/7")
        await screen.sees("404 Not Found", "There is no /todos/7.")
        await screen.say("buy milk")
        await screen.sees("Write a request, such as GET /todos")
        await screen.pilot.press("up", "up")
        assert screen.tab.prompt.text == "GET /todos/7"
        await screen.until(lambda: "thinks" not in screen.text)
        await screen.pilot.press("escape")
        assert [row["state"] for row in await place.processes()] == ["ready"]  # esc ends no backend


async def test_the_panel_of_states_begins_at_the_app_of_the_tab(place):
    async with place.shell(size=(120, 40)) as screen:
        await screen.say("/todo")
        await screen.sees("serves at")
        await screen.pilot.press("f5")
        await screen.until(lambda: screen.shell.query_one(StatePanel).rows.key == "todo")


async def test_a_backends_tab_comes_back_too_and_the_tab_that_was_on_the_screen_is_there_again(place):
    place.script.say("Hello.")
    async with place.shell() as screen:
        await screen.say("hi")
        await screen.sees("Hello.")
        await screen.answered()
        await screen.say("/todo")
        await screen.sees("serves at")
        await screen.pilot.press("alt+1")
        await screen.sees("▸1 assistant 1")
    async with place.shell() as screen:
        await screen.sees("▸1 assistant 1  2 todo 2", "Hello.")


async def test_clearing_begins_anew_and_ends_the_old_process(place):
    place.script.say("Old.")
    async with place.shell() as screen:
        await screen.say("one")
        await screen.sees("Old.")
        await screen.answered()
        await screen.say("/clear")
        await screen.sees("tab, then 1, 2 or 3")
        await screen.until(lambda: len(screen.shell.conversations) == 1)
        assert "Old." not in screen.text
        assert [row["state"] for row in await place.processes()] == ["killed"]


async def test_ctrl_c_empties_the_prompt_and_ends_the_shell_when_pressed_twice(place):
    async with place.shell() as screen:
        await screen.type("never mind")
        await screen.pilot.press("ctrl+c")
        assert screen.tab.prompt.text == "" and screen.shell.is_running
        await screen.pilot.press("ctrl+c")
        await screen.sees("ctrl+c again ends the shell")
        await screen.pilot.press("ctrl+c")
        await screen.until(lambda: screen.shell._exit)


async def test_a_kernel_that_does_not_start_is_told_in_its_own_words(place, tmp_path):
    from llmos.errors import KernelUnavailable

    class Broken(Link):
        async def connect(self):
            raise KernelUnavailable("The disk is full; free some space.")

    async with place.shell(link=Broken(place.home), ready=False) as screen:
        await screen.sees("✗ The disk is full; free some space.", "/retry")


async def test_what_comes_while_a_help_or_a_panel_is_open_waits_behind_it(place):
    place.script.say("Meanwhile.")
    async with place.shell() as screen:
        await screen.say("work")
        await screen.pilot.press("f1")
        await screen.sees("attach a file")
        await screen.until(lambda: screen.tab.record.last_answer() is not None and not screen.tab.record.busy)
        screen.shell.kernel.name_model()
        await screen.pilot.press("escape")
        await screen.sees("Meanwhile.")


async def test_a_panel_opens_a_process_in_a_tab(place):
    place.script.say("I remember plums.")
    async with place.shell() as screen:
        await screen.say("remember plums")
        await screen.answered()
        await screen.pilot.press("ctrl+w")
        await screen.sees("close the tab; it goes on")
        await screen.pilot.press("l")
        await screen.sees("tab, then 1, 2 or 3")
        await screen.pilot.press("f2")
        await screen.sees("Processes", "assistant", "waiting")
        await screen.pilot.press("enter")
        await screen.sees("assistant 1", "I remember plums.")


async def test_a_wide_terminal_has_the_panel_beside_the_talk(place):
    place.script.say("Both are here.")
    async with place.shell(size=(120, 40)) as screen:
        await screen.pilot.press("f2")
        await screen.sees("Processes", "❯")
        await screen.pilot.press("ctrl+b")
        await screen.until(lambda: "Processes" not in screen.text)
        await screen.say("hello")
        await screen.sees("Both are here.")
