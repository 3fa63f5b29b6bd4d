"""The client against servers that misbehave on the wire."""

import asyncio
import json
from contextlib import aclosing, asynccontextmanager

import pytest

from llmos.contracts import Attachment, ChatRequest, Message, Usage
from llmos.engines.client import ChatClient
from llmos.engines.remote import Remote
from llmos.errors import ContextFull, EngineError, EngineUnavailable

ASK = ChatRequest((Message("user", "hi"),))
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def piece(text):
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}, ensure_ascii=False).encode() + b"\n\n"


def reply(status, body, kind="application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n"
    return head.encode() + content


@asynccontextmanager
async def server(*replies):
    """Answers each connection with the next of `replies`, three bytes at a time; yields its URL and what it heard."""
    heard, left = [], iter(replies)

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        heard.append(head + (await reader.readexactly(int(length or 0))).decode())
        raw = next(left)
        for start in range(0, len(raw), 3):
            writer.write(raw[start : start + 3])
            await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", heard


async def chunks_of(raw, request=ASK):
    async with server(raw) as (url, _):
        client = ChatClient(url)
        async with aclosing(client.stream(request)) as stream:
            chunks = [chunk async for chunk in stream]
        await client.close()
    return chunks


async def text_of(raw):
    return "".join(chunk.text for chunk in await chunks_of(raw))


async def body_of(request):
    async with server(STREAM + END) as (url, heard):
        client = ChatClient(url, key="secret", model="m")
        async with aclosing(client.stream(request)) as stream:
            assert [chunk async for chunk in stream]
        await client.close()
    head, _, body = heard[0].partition("\r\n\r\n")
    assert "authorization: bearer secret" in head
    return json.loads(body)


async def test_comments_and_other_fields_are_passed_over():
    raw = b": ping\n\nevent: message\nid: 7\nretry: 10\n" + piece("a") + b":\n\n" + piece("b").replace(b"\n", b"\r\n")
    assert await text_of(STREAM + raw + END) == "ab"


async def test_an_event_may_have_several_data_lines():
    assert await text_of(STREAM + b'data: {"choices":\ndata: [{"delta":{"content":"a"}}]}\n\n' + END) == "a"


async def test_characters_cut_between_packets_arrive_whole():
    assert await text_of(STREAM + piece("漢字 😀 \u2028 é") + END) == "漢字 😀 \u2028 é"


async def test_invalid_utf8_becomes_a_replacement_character():
    assert await text_of(STREAM + piece("a@b").replace(b"@", b"\xff") + END) == "a\ufffdb"


async def test_half_a_surrogate_pair_becomes_a_replacement_character():
    raw = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
    assert await text_of(STREAM + raw + END) == "a\ufffd"


async def test_usage_is_read_from_the_event_after_the_answer():
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}}
    end = END.replace(b"data: [DONE]", b"data: " + json.dumps({"choices": [], "usage": usage}).encode())
    assert (await chunks_of(STREAM + piece("a") + end))[-1].usage == Usage(9, 2, 5)


async def test_missing_usage_is_estimated_too_high_rather_than_too_low():
    usage = (await chunks_of(STREAM + piece("hello") + END))[-1].usage
    assert usage.prompt_tokens >= 1
    assert usage.completion_tokens >= 1


async def test_a_stream_that_ends_early_is_unavailable():
    with pytest.raises(EngineUnavailable, match="broke off in mid-answer"):
        await chunks_of(STREAM + piece("a"))


async def test_a_connection_cut_within_a_declared_length_is_unavailable():
    raw = STREAM.replace(b"connection: close", b"content-length: 99999") + piece("a")
    with pytest.raises(EngineUnavailable, match="died in mid-answer"):
        await chunks_of(raw)


async def test_an_event_that_is_not_json_is_an_error_that_quotes_it():
    with pytest.raises(EngineError, match="'oops', which is not JSON"):
        await chunks_of(STREAM + b"data: oops\n\n")


@pytest.mark.parametrize("field", [b"data: {", b"error: {"])
async def test_an_error_in_mid_stream_is_the_servers_own_sentence(field):
    inner = b'"code":500,"message":"out of slots"}'
    raw = field + (b'"error":{' + inner + b"}" if field.startswith(b"data") else inner)
    with pytest.raises(EngineError, match=r"refused the request \(500\): out of slots\."):
        await chunks_of(STREAM + piece("a") + raw + b"\n\n")


async def test_a_refused_key_names_the_variable():
    with pytest.raises(EngineError, match=r"refused the key .*LLMOS_ENGINE_KEY"):
        await chunks_of(reply(401, {"error": {"message": "Invalid API Key", "code": 401}}))


async def test_an_html_error_page_is_read_as_words():
    page = b"<html><body><h1>Bad   Gateway</h1></body></html>"
    with pytest.raises(EngineUnavailable, match=r"502: Bad Gateway\)"):
        await chunks_of(reply(502, page, "text/html"))


async def test_a_web_page_instead_of_a_stream_asks_for_another_address():
    with pytest.raises(EngineError, match="answered with text/html instead of a stream"):
        await chunks_of(reply(200, b"<html>hello</html>", "text/html"))


@pytest.mark.parametrize(
    "error",
    [
        {"type": "exceed_context_size_error", "n_prompt_tokens": 5031, "n_ctx": 2048, "message": "too long"},
        {"message": "This model's maximum context length is 2048 tokens. However, you requested 5031 tokens."},
    ],
)
async def test_a_prompt_too_long_gives_both_numbers(error):
    with pytest.raises(ContextFull, match=r"has 5031 tokens .*window holds 2048"):
        await chunks_of(reply(400, {"error": error}))


async def test_nobody_listening_is_unavailable():
    async with server() as (url, _):
        pass
    with pytest.raises(EngineUnavailable, match=f"No engine answers at {url}"):
        await Remote(url).info()
    assert not await Remote(url).healthy()


async def test_images_go_as_data_urls_before_the_text():
    image = Attachment(b"\x89PNG", "image/png")
    body = await body_of(ChatRequest((Message("user", "what is it", (image,)),)))
    url, text = body["messages"][0]["content"]
    assert url == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert text == {"type": "text", "text": "what is it"}


async def test_a_request_is_spelt_as_openai_and_llamacpp_spell_it():
    request = ChatRequest(
        (Message("user", "hi"),), max_tokens=7, temperature=0.5, seed=3, schema={"type": "object"}, stop=("x",)
    )
    assert await body_of(request) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 3,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}},
        },
        "stop": ["x"],
    }
    assert (await body_of(ChatRequest((), grammar="root ::= [a-z]")))["grammar"] == "root ::= [a-z]"


@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/"])
async def test_the_address_may_be_the_root_or_the_api(base):
    async with server(STREAM + END) as (url, heard):
        client = ChatClient(url + base)
        async with aclosing(client.stream(ASK)) as stream:
            assert [chunk async for chunk in stream]
        await client.close()
    assert heard[0].startswith("post /v1/chat/completions ")
