"""What the engine is asked when a page is to be written."""

from __future__ import annotations

from llmos.contracts import Attachment, ChatRequest, EngineInfo, Json, Message
from llmos.kernel.app import App
from llmos.pages.outline import outline
from llmos.pages.plan import plan
from llmos.pages.scaffold import grammar
from llmos.pages.seen import read_seen


def request(app: App, seen: Json, picture: Attachment, wish: str, info: EngineInfo) -> ChatRequest:
    """Ask for the HTML of the page that was seen. Raises UsageError when there is no page on the picture.

    `wish` is what the user said beside the picture. An engine that can see gets the picture, too; one that
    takes grammars can write nothing but the seen elements.
    """
    drawn = read_seen(seen)
    text = f"Sketch:\n{outline(plan(drawn))}" + (f"Wish: {wish}\n" if wish else "")
    images = (picture,) if "image" in info.modalities else ()
    return ChatRequest(
        messages=(Message("system", app.prompt), Message("user", text, images)),
        max_tokens=app.model.max_tokens,
        temperature=app.model.temperature,
        grammar=grammar(drawn) if info.grammars else None,
    )
