"""The text that each engine call has said so far, for those who begin to look in the middle of it."""

from llmos.contracts import Event

_GO_ON = frozenset({"engine.delta", "engine.retry", "engine.preempted"})


class UnderWay:
    """`see` every event, streamed text included."""

    def __init__(self) -> None:
        self._said: dict[int, list[Event]] = {}

    def see(self, event: Event) -> None:
        if event.kind == "engine.delta":
            self._said.setdefault(event.pid, []).append(event)
        elif event.kind not in _GO_ON and event.kind.startswith(("engine.", "process.")):
            self._said.pop(event.pid, None)

    def partial(self, pid: int | None) -> list[Event]:
        """An `engine.partial` for each call under way: its text so far, which takes the place of any told before."""
        told = [said for of, said in self._said.items() if pid in (None, of)]
        return [
            Event(0, said[-1].pid, said[-1].at, "engine.partial", {**said[-1].data, "text": "".join(map(_text, said))})
            for said in told
        ]


def _text(event: Event) -> str:
    return str(event.data.get("text", ""))
