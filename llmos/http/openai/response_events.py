"""A response told as it grows: the typed events of the Responses API, in their order."""

import time

from llmos.contracts import Json
from llmos.errors import ContextFull, EngineBusy, LlmosError
from llmos.http.openai.answering import FunctionCalled, Outcome, logprobs_body
from llmos.http.openai.items import new_id
from llmos.http.openai.response_body import Object, call_item, message_item, response_usage, text_part

CODES = {EngineBusy: "rate_limit_exceeded", ContextFull: "context_length_exceeded"}


class Telling:
    """`response` is what has come of it so far; each method returns the events that tell what it changed."""

    def __init__(self, response: Object) -> None:
        self.response = response
        self._message = ""  # the id of the message under way
        self._said = ""
        self._number = 0

    def begin(self) -> list[Object]:
        return [self._whole("response.created"), self._whole("response.in_progress")]

    def say(self, text: str) -> list[Object]:
        events = [] if self._message else self._open()
        self._said += text
        return [*events, self._part("response.output_text.delta", delta=text, logprobs=[])]

    def end(self, outcome: Outcome) -> list[Object]:
        """All that is left to tell, the whole response last."""
        status = "incomplete" if outcome.finish == "length" else "completed"
        events: list[Object] = []
        if outcome.call is None:
            events = [] if self._message else self._open()
            events += self._close(status, logprobs_body(outcome.logprobs)["content"])
        else:
            events = self._close("completed", []) if self._message else []
            events += self._call(outcome.call)
        self.response |= {"status": status, "usage": response_usage(outcome.usage)}
        if status == "incomplete":
            self.response["incomplete_details"] = {"reason": "max_output_tokens"}
        else:
            self.response["completed_at"] = int(time.time())
        return [*events, self._whole(f"response.{status}")]

    def fail(self, error: LlmosError) -> list[Object]:
        if self._message and not self.response["output"]:
            self._output(message_item(self._message, "incomplete", [text_part(self._said)]))
        code = CODES.get(type(error), "server_error")
        self.response |= {"status": "failed", "error": {"code": code, "message": str(error)}}
        return [self._whole("response.failed")]

    def _open(self) -> list[Object]:
        self._message = new_id("message")
        return [
            self._event(
                "response.output_item.added", output_index=0, item=message_item(self._message, "in_progress", [])
            ),
            self._part("response.content_part.added", part=text_part("")),
        ]

    def _close(self, status: str, logprobs: list[Json]) -> list[Object]:
        part = text_part(self._said, logprobs)
        item = message_item(self._message, status, [part])
        self._output(item)
        return [
            self._part("response.output_text.done", text=self._said, logprobs=logprobs),
            self._part("response.content_part.done", part=part),
            self._event("response.output_item.done", output_index=0, item=item),
        ]

    def _call(self, call: FunctionCalled) -> list[Object]:
        item = call_item(call)
        at: Object = {"item_id": item["id"], "output_index": len(self.response["output"])}
        begun = {**item, "arguments": "", "status": "in_progress"}
        events = [
            self._event("response.output_item.added", output_index=at["output_index"], item=begun),
            self._event("response.function_call_arguments.delta", **at, delta=call.arguments),
            self._event("response.function_call_arguments.done", **at, name=call.name, arguments=call.arguments),
            self._event("response.output_item.done", output_index=at["output_index"], item=item),
        ]
        self._output(item)
        return events

    def _output(self, item: Object) -> None:
        self.response["output"] = [*self.response["output"], item]  # a new list: events hold the old one

    def _whole(self, kind: str) -> Object:
        return self._event(kind, response=dict(self.response))

    def _part(self, kind: str, **fields: Json) -> Object:
        return self._event(kind, item_id=self._message, output_index=0, content_index=0, **fields)

    def _event(self, kind: str, **fields: Json) -> Object:
        self._number += 1
        return {"type": kind, "sequence_number": self._number - 1, **fields}
