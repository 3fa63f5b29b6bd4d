"""A conversation made to fit the engine's window by letting its oldest messages go."""

from dataclasses import replace

from llmos.contracts import ChatRequest, Engine, EngineInfo, Message
from llmos.engines.wire import estimate_tokens
from llmos.kernel.context import MESSAGE_TOKENS, RESERVE_TOKENS


async def fitted(engine: Engine, info: EngineInfo, request: ChatRequest) -> ChatRequest:
    """The system's messages and the last one always stay; whether these fit is the engine's to say."""
    window = info.context_tokens - RESERVE_TOKENS
    room = window - min(request.max_tokens, window // 2)
    if sum(estimate_tokens(message.text) + MESSAGE_TOKENS for message in request.messages) <= room:
        return request
    costs = [await engine.count_tokens(message.text) + MESSAGE_TOKENS for message in request.messages]
    return replace(request, messages=_newest(request.messages, costs, room))


def _newest(messages: tuple[Message, ...], costs: list[int], room: int) -> tuple[Message, ...]:
    kept = [at for at, message in enumerate(messages) if message.role == "system" or at == len(messages) - 1]
    left = room - sum(costs[at] for at in kept)
    for at in reversed(range(len(messages) - 1)):
        if at in kept:
            continue
        left -= costs[at]
        if left < 0:
            break
        kept.append(at)
    return tuple(messages[at] for at in sorted(kept))
