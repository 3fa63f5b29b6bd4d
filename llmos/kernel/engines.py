"""The engines a kernel thinks with: the system's own, and one for each model that an app's manifest names."""

from collections.abc import Callable
from dataclasses import dataclass

from llmos.contracts import Engine
from llmos.errors import AppError
from llmos.kernel.scheduler import Scheduler


@dataclass(frozen=True)
class Seat:
    """An engine, and who may use it next."""

    engine: Engine
    scheduler: Scheduler


class Engines:
    """`open_engine` makes the engine of a model by its name, once, when an app first needs it."""

    def __init__(self, own: Engine, slots: int, open_engine: Callable[[str], Engine] | None = None) -> None:
        self.own = Seat(own, Scheduler(slots))
        self._slots = slots
        self._open_engine = open_engine
        self._named: dict[str, Seat] = {}

    def seat(self, model: str) -> Seat:
        """Raises AppError when the model is not the system's own and no other can be opened, ModelError."""
        if not model:
            return self.own
        if model not in self._named:
            if self._open_engine is None:
                raise AppError(
                    f"No engine for the model {model} can be opened here; take it out of the app's manifest."
                )
            self._named[model] = Seat(self._open_engine(model), Scheduler(self._slots))
        return self._named[model]

    async def close(self) -> None:
        for seat in (self.own, *self._named.values()):
            await seat.engine.close()
