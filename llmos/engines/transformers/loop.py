"""The engine's heart: a thread that admits, reads prompts, and steps all answers together, until told to stop.

A prompt that begins like one that a slot still holds reads only the rest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from llmos.engines.transformers.constraint import Constraint
from llmos.engines.transformers.network import Network
from llmos.engines.transformers.prompt import Prompt
from llmos.engines.transformers.sampling import Sampler, held
from llmos.engines.transformers.text import TextStream


@dataclass(frozen=True)
class Piece:
    """What a step adds to an answer. `likeliest`: (token, logprob, alternatives); `finish` ends the answer."""

    text: str = ""
    likeliest: tuple[int, float, list[tuple[int, float]]] | None = None
    finish: str | None = None
    error: str | None = None


@dataclass(eq=False)
class Answer:
    """One request on its way. `hear` is called from the loop's thread."""

    prompt: Prompt
    max_tokens: int
    sampler: Sampler
    text: TextStream
    ends: frozenset[int]
    hear: Callable[[Piece], None]
    constraint: Constraint | None = None
    cancelled: bool = False
    slot: Slot | None = None
    place: int = 0  # how many of its tokens are in the cache
    shift: int = 0
    cached_tokens: int = 0
    said: list[int] = field(default_factory=list)

    @property
    def unread(self) -> int:
        """Tokens of the prompt before its last that are not in the cache yet."""
        return len(self.prompt.tokens) - 1 - self.place

    @property
    def newest(self) -> int:
        """The token that the next step begins with."""
        return self.said[-1] if self.said else self.prompt.tokens[-1]


@dataclass(eq=False)
class Slot:
    """A row of the cache, and the keys of the tokens that lie in it."""

    number: int
    keys: list[int] = field(default_factory=list)
    shift: int = 0
    answer: Answer | None = None
    last_used: int = 0


class Loop:
    def __init__(self, network: Network, slots: int, context_tokens: int) -> None:
        self._network = network
        self._slots = [Slot(number) for number in range(slots)]
        self._context_tokens = context_tokens
        self._waiting: deque[Answer] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._num_seated = 0
        self._thread = threading.Thread(target=self._run, name="loop", daemon=True)
        self._thread.start()

    def submit(self, answer: Answer) -> None:
        with self._changed:
            self._waiting.append(answer)
            self._changed.notify()

    def cancel(self, answer: Answer) -> None:
        """Its slot is free after the step under way."""
        answer.cancelled = True

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._busy() or self._stopping)
                if self._stopping:
                    return
                self._admit()
            self._drop_cancelled()
            self._read_one()
            self._step_all()

    def _busy(self) -> list[Answer]:
        return [slot.answer for slot in self._slots if slot.answer]

    def _admit(self) -> None:
        while self._waiting and (free := [slot for slot in self._slots if slot.answer is None]):
            answer = self._waiting.popleft()
            if not answer.cancelled:
                with self._guarded(answer):
                    self._seat(answer, free)

    def _seat(self, answer: Answer, free: list[Slot]) -> None:
        """Into the slot that begins as the prompt does; one that holds much else keeps it, and is copied from."""
        best = max(self._slots, key=lambda slot: self._reusable(slot, answer.prompt))
        reused = self._reusable(best, answer.prompt)
        keeps_little_else = 2 * reused >= len(best.keys)
        slot = best if best in free and keeps_little_else else min(free, key=lambda slot: slot.last_used)
        if slot is not best:
            self._network.copy(best.number, slot.number, reused)
            slot.keys = best.keys[:reused]
        del slot.keys[reused:]
        answer.slot, slot.answer = slot, answer
        answer.cached_tokens = answer.place = reused
        answer.shift = slot.shift = best.shift if reused >= answer.prompt.after_images() > 0 else 0
        self._num_seated += 1
        slot.last_used = self._num_seated

    def _reusable(self, slot: Slot, prompt: Prompt) -> int:
        """How many tokens at the prompt's beginning the slot already holds; the last must be read for its scores.

        Pictures are read together: a prefix ends before the first of them or behind the last.
        """
        alike = 0
        for mine, theirs in zip(prompt.keys[:-1], slot.keys, strict=False):
            if mine != theirs:
                break
            alike += 1
        first = prompt.first_image()
        if first is None or alike >= prompt.after_images():
            return alike if first is not None or slot.shift == 0 else min(alike, _before_images(slot.keys))
        return 0 if self._network.counts_places else min(alike, first)

    def _drop_cancelled(self) -> None:
        for answer in self._busy():
            if answer.cancelled:
                self._release(answer)

    def _read_one(self) -> None:
        """One run of the prompt that has least to go. Its last token is stepped, like those that follow it, so that an
        answer that goes on from a cache is to the last bit the one that would have been given without.
        """
        reading = [answer for answer in self._busy() if answer.unread > 0]
        if not reading:
            return
        answer = min(reading, key=lambda answer: answer.unread)
        slot, prompt, start = answer.slot, answer.prompt, answer.place
        assert slot
        end = max(min(start + self._network.read_tokens, start + answer.unread), prompt.after_images())
        with self._guarded(answer):
            _, slot.shift = self._network.read(slot.number, prompt, start, end, answer.shift)
            answer.shift = slot.shift
            slot.keys += prompt.keys[start:end]
            answer.place = end

    def _step_all(self) -> None:
        speaking = sorted((answer for answer in self._busy() if answer.unread <= 0), key=_slot_number)
        if not speaking:
            return
        try:
            scores = self._network.step(
                [_slot_number(answer) for answer in speaking],
                [answer.newest for answer in speaking],
                [answer.place for answer in speaking],
                [answer.shift for answer in speaking],
            )
            # the masks are made while a GPU is still at work on the scores, and the one wait for it is in tolist
            fitting = held(scores, self._allowed(speaking, scores.shape[1]))
            best: list[int] = fitting.argmax(-1).tolist()
        except Exception as error:  # noqa: BLE001 - whatever breaks a step is told to those it broke
            for answer in speaking:
                self._fail(answer, error)
            return
        for row, answer in enumerate(speaking):
            if answer.slot is None:
                continue  # its constraint broke
            answer.slot.keys.append(answer.newest)
            answer.place += 1
            with self._guarded(answer):
                token = answer.sampler.choose(fitting[row], best[row])
                self._say(answer, token, scores[row])

    def _allowed(self, speaking: list[Answer], vocabulary_size: int) -> dict[int, torch.Tensor]:
        allowed: dict[int, torch.Tensor] = {}
        for row, answer in enumerate(speaking):
            if answer.constraint:
                with self._guarded(answer):
                    allowed[row] = answer.constraint.allowed(vocabulary_size)
        return allowed

    def _say(self, answer: Answer, token: int, scores: torch.Tensor) -> None:
        """Tell the next token, and end the answer where it ends."""
        if token in answer.ends:
            return self._finish(answer, "stop")
        if answer.constraint:
            answer.constraint.take(token)
        answer.said.append(token)
        likeliest = answer.sampler.likeliest(scores, token)
        text = answer.text.add(token)
        if text or likeliest:
            answer.hear(Piece(text, likeliest and (token, *likeliest)))
        if answer.text.stopped or (answer.constraint and answer.constraint.complete):
            return self._finish(answer, "stop")
        if len(answer.said) >= answer.max_tokens or answer.place + 1 >= self._context_tokens:
            return self._finish(answer, "length")
        return None

    def _finish(self, answer: Answer, why: str) -> None:
        rest = answer.text.rest()
        answer.hear(Piece(rest, finish="stop" if answer.text.stopped else why))
        self._release(answer)

    def _fail(self, answer: Answer, error: Exception) -> None:
        answer.hear(Piece(error=f"{type(error).__name__}: {error}"))
        if answer.slot:
            answer.slot.keys.clear()  # who knows what was written
        self._release(answer)

    def _release(self, answer: Answer) -> None:
        if answer.slot:
            answer.slot.answer, answer.slot = None, None

    def _guarded(self, answer: Answer) -> _Guard:
        return _Guard(self._fail, answer)


@dataclass
class _Guard:
    """Ends the one answer whose step broke; the loop and all others go on."""

    fail: Callable[[Answer, Exception], None]
    answer: Answer

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, Exception):
            self.fail(self.answer, error)
            return True
        return False


def _slot_number(answer: Answer) -> int:
    assert answer.slot
    return answer.slot.number


def _before_images(keys: list[int]) -> int:
    return next((place for place, key in enumerate(keys) if key < 0), len(keys))
