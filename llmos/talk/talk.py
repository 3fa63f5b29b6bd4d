"""A talk: what the person says is heard, the app answers, and the answer is spoken while it is still being written."""

from __future__ import annotations

import base64
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.http.sentences import Sentences
from llmos.talk.ears import Ears
from llmos.talk.mouth import Mouth, Voice

if TYPE_CHECKING:
    from llmos.http.client import KernelClient

TICK_SECONDS = 0.05
UNSAYABLE = "nothing in this text to say"  # the speech driver's words

Tell = Callable[[str, str], None]  # who ("you", "app", "nothing", "interrupted", "asks"), and what


class Talk:
    """One session of an app. `tell` hears what is said, for the screen."""

    def __init__(self, kernel: KernelClient, app: str, ears: Ears, mouth: Mouth, tell: Tell) -> None:
        self._kernel, self._ears, self._tell = kernel, ears, tell
        self._voice = Voice(self._speak, mouth)
        self._pid = kernel.post("/processes", {"app": app, "session": True})["pid"]
        self._num_sent = self._num_heard = 0
        self._events: queue.Queue[Json] = queue.Queue()
        threading.Thread(target=self._follow, daemon=True, name="events").start()

    def run(self) -> None:
        """Until nobody says anything more. Raises LlmosError."""
        try:
            while (recording := self._ears.listen()) is not None:
                text = self._heard(recording)
                if not text:
                    self._tell("nothing", "")
                    continue
                self._tell("you", text)
                self._answer(text)
        finally:
            self._ears.close()
            self._kernel.delete(f"/processes/{self._pid}")

    def _heard(self, recording: bytes) -> str:
        audio = base64.b64encode(recording).decode()
        heard = self._kernel.post("/drivers/speech/listen", {"audio": audio})
        return " ".join(segment["text"] for segment in heard["segments"])

    def _answer(self, text: str) -> None:
        """Speak the answer as it comes, unless the person speaks over it."""
        self._kernel.post(f"/processes/{self._pid}/messages", {"text": text})
        self._num_sent += 1
        answer, before = Answer(), self._voice.begun
        while not (answer.ended and self._voice.silent):
            if self._ears.interrupts(self._voice.begun - before):
                self._interrupt(answer)
                return
            self._voice.check()
            for sentence in self._take(self._next(), answer):
                self._voice.say(sentence)
        self._tell("app", answer.text)

    def _take(self, event: Json | None, answer: Answer) -> list[str]:
        """The sentences that an event completes. Raises LlmosError when the process has ended."""
        if event is None:
            return []
        if event["kind"] == "message.user":
            self._num_heard += 1
        elif event["kind"] == "gone":
            raise LlmosError(event["data"]["error"])
        elif event["kind"] in ("process.failed", "process.killed"):
            raise LlmosError(event["data"].get("error", f"Process {self._pid} was killed."))
        elif self._num_heard == self._num_sent:  # what comes before belongs to an answer that was interrupted
            if event["kind"] == "question.asked":
                self._tell("asks", f"{event['data']['text']} Answer with: llmos approve {event['seq']} CHOICE")
            return answer.take(event)
        return []

    def _interrupt(self, answer: Answer) -> None:
        self._voice.hush()
        if not answer.ended:
            self._kernel.post(f"/processes/{self._pid}/interrupt")
        self._tell("interrupted", answer.text)

    def _speak(self, sentence: str) -> bytes:
        """A sentence as a file; nothing when there is nothing in it to say."""
        try:
            said = self._kernel.post("/drivers/speech/speak?whole=true", {"text": sentence})
        except LlmosError as error:
            if UNSAYABLE in str(error):
                return b""
            raise
        return base64.b64decode(said["attachments"][0]["data"])

    def _next(self) -> Json | None:
        try:
            return self._events.get(timeout=TICK_SECONDS)
        except queue.Empty:
            return None

    def _follow(self) -> None:
        try:
            for event in self._kernel.events(self._pid):
                self._events.put(event)
        except LlmosError as error:
            self._events.put({"kind": "gone", "data": {"error": str(error)}})


class Answer:
    """One answer as its events tell it: `text` so far, and whether it has `ended`. A call of a tool is not spoken."""

    def __init__(self) -> None:
        self.text = ""
        self.ended = False
        self._step = ""
        self._sentences = Sentences()

    def take(self, event: Json) -> list[str]:
        """The sentences that the event completes. Raises LlmosError when there is no answer."""
        kind, data = event["kind"], event["data"]
        if kind == "engine.request":
            self._step = ""
        elif kind == "engine.delta" and data.get("purpose", "step") == "step":
            return self._add(data["text"])
        elif kind == "process.answered":
            self.ended = True
            if data.get("error"):
                raise LlmosError(data["error"])
            whole = (data.get("result") or {}).get("text", "")
            missed = whole[len(self.text.strip()) :] if whole.startswith(self.text.strip()) else ""
            return [*self._said(missed), *self._sentences.rest()]
        return []

    def _add(self, text: str) -> list[str]:
        self._step += text
        return [] if self._step.lstrip().startswith("{") else self._said(text)

    def _said(self, text: str) -> list[str]:
        self.text += text
        return self._sentences.add(text)
