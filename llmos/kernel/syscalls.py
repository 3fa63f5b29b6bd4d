"""What the model may say in one step of a chat: plain text, which is its answer, or one line that calls a tool.

Text stays text, because a small model that must write its answer as a JSON string answers visibly worse. It may not
begin as JSON in a fence, which is how a model that has read much documentation begins when it means to call.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import jsonschema

from llmos.contracts import Json, ToolInfo
from llmos.errors import AnswerError
from llmos.kernel.blobs import Blobs
from llmos.kernel.svg_grammar import SVG

NOTE_CHARS = 150
ATTACHED = {"image": "picture", "other_image": "picture", "audio": "recording"}

GRAMMAR = r"""
root ::= call | answer
answer ::= ([^{` \t\n] | "`" [^`\x00] | "``" [^`\x00] | "```" [^j{\n\x00] | "```j" [^s\x00] | "```js" [^o\x00]) [^\x00]*
object ::= "{" (pair (", " pair)*)? "}"
pair ::= string ": " value
value ::= object | array | string | number | "true" | "false" | "null"
array ::= "[" (value (", " value)*)? "]"
string ::= "\"" ([^"\\\x00-\x1f] | "\\" ["\\/bfnrt])* "\""
number ::= "-"? [0-9]+ ("." [0-9]+)?
"""
RULES = {
    "string": "string",
    "number": "number",
    "integer": '"-"? [0-9]+',
    "boolean": '("true" | "false")',
    "array": "array",
    "object": "object",
}

ANSWER_ONLY = GRAMMAR.partition("object ::=")[0].replace("root ::= call | answer", "root ::= answer")


@dataclass(frozen=True)
class Answer:
    text: str


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: dict[str, Json]


def step_grammar(tools: Sequence[ToolInfo], *, must_answer: bool = False) -> str:
    """GBNF of one step: any text that does not begin as a call does, or a call of exactly these tools."""
    if must_answer or not tools:
        return ANSWER_ONLY
    calls = " | ".join(map(_call_rule, tools))
    return f"{GRAMMAR}call ::= {calls}\n{SVG if any(map(_drawing, tools)) else ''}"


def _call_rule(tool: ToolInfo) -> str:
    """A call with arguments that the tool has; of a drawing tool, with nothing but the drawing."""
    if drawing := _drawing(tool):
        return f'"{{\\"call\\": \\"{tool.name}\\", \\"arguments\\": {{\\"{drawing}\\": \\"" svg "\\"}}}}"'
    is_open = not _properties(tool) or tool.schema.get("additionalProperties")
    arguments = "object" if is_open else f'"{{" {_arguments_rule(tool)} "}}"'
    return f'"{{\\"call\\": \\"{tool.name}\\", \\"arguments\\": " {arguments} "}}"'


def _arguments_rule(tool: ToolInfo) -> str:
    """What is required, then each of the others at most once."""
    required = _required(tool)
    rules = {name: f"{_literal(json.dumps(name) + ': ')} {_rule(tool, name)}" for name in _properties(tool)}
    others = [rule for name, rule in rules.items() if name not in required]
    more = [f'(", " {rule})?' for rule in others]
    if required:
        return " ".join([' ", " '.join(rules[name] for name in required), *more])
    return f"({' | '.join(' '.join([rule, *more[number + 1 :]]) for number, rule in enumerate(others))})?"


def _rule(tool: ToolInfo, name: str) -> str:
    schema = _properties(tool)[name]
    if name in attached(tool):
        return "number"
    if isinstance(schema, dict) and (choices := schema.get("enum")):
        return f"({' | '.join(_literal(json.dumps(choice, ensure_ascii=False)) for choice in choices)})"
    kinds = schema.get("anyOf", [schema]) if isinstance(schema, dict) else [schema]
    return f"({' | '.join(dict.fromkeys(RULES.get(_kind(kind), 'value') for kind in kinds))})"


def _literal(text: str) -> str:
    """As GBNF writes a text."""
    return json.dumps(text, ensure_ascii=False)


def _drawing(tool: ToolInfo) -> str:
    """The argument that must be an SVG, as its schema says; empty when there is none."""
    media = {name: _properties(tool)[name].get("contentMediaType") for name in _required(tool)}
    return next((name for name, kind in media.items() if kind == "image/svg+xml"), "")


def call_grammar(tools: Sequence[ToolInfo]) -> str:
    """GBNF of a step that is a call of one of these tools."""
    return step_grammar(tools).replace("root ::= call | answer", "root ::= call")


def instructions(tools: Sequence[ToolInfo]) -> str:
    """How the model is told what it may call, and how."""
    lines = list(map(_line, tools))
    shown = next((tool for tool in tools if _example(tool)), tools[0])
    example = json.dumps({"call": shown.name, "arguments": _example(shown)})
    return "\n".join(
        [
            "You may call these tools:",
            *lines,
            f"To call one, write only a line like {example}",
            "Never explain a call to the user: make it. Only when nothing is left to do with tools, answer.",
        ]
    )


def offer(tools: Sequence[ToolInfo], told: Sequence[str] = ()) -> str:
    """How the model is told what it may call for one message, or from a result on; `told` is the app's own words."""
    return "\n\n".join([*(words.strip() for words in told), instructions(tools)])


def offer_more(tools: Sequence[ToolInfo], told: Sequence[str] = ()) -> str:
    """How the model, which has just called one, is told what else it may call since."""
    return "\n".join(["You may also call these tools now:", *map(_line, tools), *(words.strip() for words in told)])


def parse_step(text: str, tools: Sequence[ToolInfo]) -> Answer | Call:
    """Read a step. Raises AnswerError, as engines without grammars can say anything."""
    if not tools or not text.lstrip().startswith('{"call"'):
        return Answer(text.strip())
    try:
        step = json.loads(text)
        return Call(str(step["call"]), dict(step["arguments"]))
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerError("The model began to call a tool and did not finish; ask again.") from error


def check_arguments(tool: ToolInfo, call: Call, num_pictures: int, num_recordings: int = 0) -> None:
    """Raise AnswerError, with a sentence for the model, when the arguments are not what the tool takes."""
    try:
        jsonschema.validate(call.arguments, _schema(tool, {"picture": num_pictures, "recording": num_recordings}))
    except jsonschema.ValidationError as error:
        raise AnswerError(f"{call.tool} does not take these arguments: {error.message}.") from error


def attached(tool: ToolInfo) -> set[str]:
    """The tool's arguments that a call names by number instead of spelling their bytes."""
    return {*ATTACHED} & {*_properties(tool)}


def page(result: Json, page_chars: int, number: int = 1, of: int | None = None) -> str:
    """One page of a result as the model reads it, at most `page_chars` long with the note under it.

    `of` is the result's number, under which the next page is asked for.
    """
    text = readable(result)
    if len(text) <= page_chars:
        return text
    size = page_chars - NOTE_CHARS
    num_pages = count_pages(text, page_chars)
    note = f"page {number} of {num_pages}"
    if of is not None and number < num_pages:
        arguments = json.dumps({"result": of, "page": number + 1})
        note += f'; the next one: {{"call": "result.page", "arguments": {arguments}}}'
    return f"{text[(number - 1) * size : number * size]}\n[{note}]"


def count_pages(text: str, page_chars: int) -> int:
    return 1 if len(text) <= page_chars else -(-len(text) // (page_chars - NOTE_CHARS))


def stored(result: Json, blobs: Blobs, page_chars: int) -> dict[str, Json]:
    """A result as its event holds it: the bytes of one that is longer than a page lie beside the journal."""
    text = readable(result)
    if len(text) <= page_chars:
        return {"result": result}
    return {"blob": blobs.put(text.encode("utf-8", "replace")), "chars": len(text), "page_chars": page_chars}


def readable(result: Json) -> str:
    """A result as text: itself, its `text`, or its JSON."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict) and isinstance(result.get("text"), str):
        return str(result["text"])
    return json.dumps(result, ensure_ascii=False)


def _example(tool: ToolInfo) -> dict[str, Json]:
    required = _required(tool)
    words = {name for name in required if _kind(_properties(tool)[name]) == "string" and name not in attached(tool)}
    return {name: "..." if name in words else 1 for name in required}


def _line(tool: ToolInfo) -> str:
    return f"- {_signature(tool)}: {(tool.summary.splitlines() or [''])[0]}"


def _signature(tool: ToolInfo) -> str:
    kinds = {name: _kind(schema) for name, schema in _properties(tool).items()}
    kinds |= {name: f"number of the {ATTACHED[name]}" for name in attached(tool)}
    return f"{tool.name}({', '.join(f'{name}: {kind}' for name, kind in kinds.items())})"


def _kind(schema: Json) -> str:
    return str(schema.get("type", "value")) if isinstance(schema, dict) else "value"


def _schema(tool: ToolInfo, counts: dict[str, int]) -> Json:
    numbers = {name: {"type": "integer", "minimum": 1, "maximum": counts[ATTACHED[name]]} for name in attached(tool)}
    return {**tool.schema, "properties": {**_properties(tool), **numbers}} if numbers else tool.schema


def _required(tool: ToolInfo) -> list[str]:
    """The arguments that no call may leave out, in the order of the schema."""
    return [name for name in _properties(tool) if name in tool.schema.get("required", ())]


def _properties(tool: ToolInfo) -> dict[str, Json]:
    properties = tool.schema.get("properties") if isinstance(tool.schema, dict) else None
    return properties if isinstance(properties, dict) else {}
