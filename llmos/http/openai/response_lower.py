"""From a request of the Responses API to the chat request it amounts to, which is lowered as any other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from llmos.contracts import Json
from llmos.errors import ContextFull
from llmos.http.openai.items import messages_of
from llmos.http.openai.lower import Question, question_of
from llmos.http.openai.refusal import Refusal
from llmos.http.openai.requests import MAX_MESSAGES, ChatIn, Function, JsonSchema, MessageIn, ResponseFormat, Tool
from llmos.http.openai.response_requests import FormatIn, ResponseIn, ToolIn

LOGPROBS = "message.output_text.logprobs"
UNSERVED = {
    "background": "Nothing runs in the background here; ask with stream, or start an app with llmos run.",
    "conversation": "Conversations are not kept apart from responses; use previous_response_id.",
    "prompt": "No prompts are stored here; send instructions.",
}
NAMES = {"messages": "input", "response_format": "text.format"}


def response_question(body: ResponseIn, items: list[Json]) -> Question:
    """What is asked when `items` are the whole conversation. Raises Refusal with the part that cannot be served."""
    for param, sentence in UNSERVED.items():
        if getattr(body, param):
            raise Refusal(sentence, param)
    with named_as_sent():
        question = question_of(_chat(body, items))
    return replace(question, truncate=body.truncation == "auto")


@contextmanager
def named_as_sent() -> Iterator[None]:
    """A refusal inside names the parameter by its name in the Responses API."""
    try:
        yield
    except ContextFull as error:
        raise Refusal(str(error), "input", code="context_length_exceeded") from error
    except Refusal as refusal:
        refusal.param = NAMES.get(refusal.param or "", refusal.param)
        raise


def _chat(body: ResponseIn, items: list[Json]) -> ChatIn:
    messages = messages_of(items)
    if body.instructions:
        messages.insert(0, MessageIn(role="system", content=body.instructions))
    if len(messages) > MAX_MESSAGES:
        raise Refusal(f"The conversation has more than {MAX_MESSAGES} messages; begin a new one.", "input")
    choice = body.tool_choice
    tools = body.tools or []
    if isinstance(choice, dict):
        choice, tools = _narrowed(choice, tools)
    chat = ChatIn(model=body.model, messages=messages, tools=[_tool(tool, at) for at, tool in enumerate(tools)])
    chat.tool_choice = choice
    chat.response_format = _format(body.text.format) if body.text and body.text.format else None
    chat.max_completion_tokens, chat.temperature, chat.top_p = body.max_output_tokens, body.temperature, body.top_p
    chat.logprobs, chat.top_logprobs = wants_logprobs(body), body.top_logprobs
    return chat


def wants_logprobs(body: ResponseIn) -> bool:
    return LOGPROBS in (body.include or []) or bool(body.top_logprobs)


def _narrowed(choice: dict[str, Json], tools: list[ToolIn]) -> tuple[Json, list[ToolIn]]:
    """The choice, and the tools that it leaves."""
    if choice.get("type") == "function":
        return choice, tools
    if choice.get("type") != "allowed_tools" or choice.get("mode") not in ("auto", "required"):
        raise Refusal("A tool_choice is none, auto, required, a function, or allowed_tools.", "tool_choice")
    names = {tool.get("name") for tool in choice.get("tools") or [] if isinstance(tool, dict)}
    left = [tool for tool in tools if tool.name in names]
    if not left:
        raise Refusal("tool_choice allows none of the tools.", "tool_choice")
    return choice["mode"], left


def _tool(tool: ToolIn, at: int) -> Tool:
    if tool.type != "function":
        raise Refusal(
            f"Tools of type {tool.type!r} are not served; send functions, or ask an app, which has its own tools.",
            f"tools[{at}].type",
        )
    try:
        function = Function(name=tool.name or "", description=tool.description or "", parameters=tool.parameters)
    except ValueError as error:
        raise Refusal("A tool needs a name of 1 to 64 letters, digits, _, . and -.", f"tools[{at}].name") from error
    return Tool(type="function", function=function)


def _format(wanted: FormatIn) -> ResponseFormat:
    return ResponseFormat(type=wanted.type, json_schema=JsonSchema(name=wanted.name, schema=wanted.schema_))
