"""What all panels share."""

import pytest

from llmos.errors import KernelUnavailable
from llmos.shell.panels import PANELS
from llmos.shell.panels.rows import Column, Row, Rows
from tests.shell.panels.hosted import Host, Seat, Still
from tests.shell.panels.test_pictures_of_panels import EMPTY, FULL


class Flaky(Still):
    """A kernel that is away until the test says otherwise; `happens` is what it tells then."""

    def __init__(self, answers):
        super().__init__(answers)
        self.away, self.happens = True, []

    async def get(self, path, **query):
        if self.away:
            raise KernelUnavailable("The kernel does not answer.")
        return await super().get(path, **query)


async def test_a_kernel_that_was_away_is_told_and_forgotten_when_it_answers():
    link = Flaky(FULL["processes"])
    app = Host(link, "processes")
    async with app.run_test(size=(80, 24)) as pilot:
        seat = Seat(app, pilot)
        await seat.sees("✗ The kernel does not answer.")
        link.away = False
        seat.panel.refresh_soon()
        await seat.sees("3 alive", "translator")
        await seat.loses("does not answer")


@pytest.mark.parametrize("key", PANELS)
@pytest.mark.parametrize("size", [(44, 40), (60, 12), (30, 8), (200, 60)])
async def test_a_panel_keeps_its_layout_at_any_size(key, size):
    app = Host(Still(FULL[key]), key)
    async with app.run_test(size=size) as pilot:
        seat = Seat(app, pilot)
        await seat.panel.reload()
        await pilot.pause()
        seat.holds_its_layout()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        seat.holds_its_layout()


@pytest.mark.parametrize("key", PANELS)
async def test_an_empty_panel_says_what_will_be_here_and_takes_the_keys(key):
    app = Host(Still(EMPTY), key)
    async with app.run_test(size=(80, 24)) as pilot:
        seat = Seat(app, pilot)
        await seat.sees(seat.panel.empty.split(". ")[0][:40])
        assert seat.panel.has_focus_within
        assert not {"Kill", "Undo", "Pull", "Once"} & seat.keys


async def test_the_cursor_stays_on_its_row_when_others_come_and_go():
    app = Host(Still(FULL["models"]), "models")
    async with app.run_test(size=(80, 24)) as pilot:
        seat = Seat(app, pilot)
        await seat.sees("three")
        await seat.press("down")
        assert seat.panel.rows.key == "two"
        models = app.panel.link.answers["/models"]
        app.panel.link.answers = {"/models": [{**models[0], "id": "zero"}, *models]}
        await seat.panel.reload()
        assert seat.panel.rows.key == "two"
        app.panel.link.answers = {"/models": models[:1]}
        await seat.panel.reload()
        assert seat.panel.rows.key == "one"


def test_a_column_is_shown_only_where_it_fits():
    column = Column("time", 8, from_width=40, below_width=60)
    assert [column.fits(room) for room in (39, 40, 59, 60)] == [False, True, True, False]
    assert Row("1", ()).key == "1"
    assert Rows((column,), opens="Open")._bindings.key_to_bindings["enter"][0].description == "Open"
