"""The panel of drivers, before a real kernel."""

from tests.shell.panels.hosted import HOSTILE


async def to(seat, driver):
    await seat.sees(driver)
    await seat.until(lambda: seat.panel.rows.key is not None)
    while seat.panel.rows.key != driver:
        await seat.press("down")


async def test_a_driver_is_started_looked_at_and_stopped(sit, world):
    async with sit("drivers", size=(120, 40)) as seat:
        await to(seat, "chess")
        await seat.sees("○ idle", "Start it (s) to see its tools.", "walls", "network")
        assert "Stop" not in seat.keys
        await seat.press("s")
        await seat.sees("● chess is running", "chess.move", "read only", "runs as")
        assert "Start" not in seat.keys
        await seat.press("x")
        await seat.sees("Stop the driver chess?")
        await seat.press("y")
        await seat.sees("○ chess is idle")
        assert world.kernel.drivers.health("chess").pid is None


async def test_one_that_cannot_start_is_told_in_a_sentence(sit, world):
    broken = world.kernel.drivers.manifests["chess"].model_copy(
        update={"command": ("/nonexistent/program",), "summary": HOSTILE}
    )
    world.kernel.drivers.manifests["chess"] = broken
    async with sit("drivers") as seat:
        await to(seat, "chess")
        await seat.press("s")
        await seat.sees("✗ The driver chess", "✗ failing")
        seat.holds_its_layout()
