"""One event of a stream, as OpenAI's clients read it."""

import json

from llmos.contracts import Json


def event(value: Json) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
