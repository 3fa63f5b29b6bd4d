"""What /v1/responses refuses, in OpenAI's shape."""

import httpx2
import pytest

from tests.http.test_openai_responses import WEATHER


def said(content):
    return [{"role": "user", "content": content}]


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": None}, 400, "model"),
        ({"model": "nothing"}, 404, "model"),
        ({"input": None}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": [{"role": "robot", "content": "x"}]}, 400, "input[0].role"),
        ({"input": [{"content": "x"}]}, 400, "input[0].role"),
        ({"input": [{"type": "computer_call"}]}, 400, "input[0].type"),
        ({"input": [{"type": "function_call", "name": "f"}]}, 400, "input[0].call_id"),
        ({"input": [{"type": "item_reference", "id": "msg_none"}]}, 404, "input[0].id"),
        ({"input": [{"type": "reasoning"}]}, 400, "input"),
        ({"input": said([{"type": "input_image", "image_url": "http://x/y.png"}])}, 400, "input"),
        ({"input": said([{"type": "input_image", "file_id": "file-1"}])}, 400, "input"),
        ({"input": said([{"type": "input_file", "file_id": "file-1"}])}, 400, "input"),
        ({"temperature": 9}, 400, "temperature"),
        ({"max_output_tokens": 0}, 400, "max_output_tokens"),
        ({"metadata": {"k": "v" * 513}}, 400, "metadata.k"),
        ({"truncation": "some"}, 400, "truncation"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, 400, "text.format"),
        ({"text": {"format": {"type": "json_object"}}, "tools": [WEATHER]}, 400, "text.format"),
        ({"tools": [{"type": "web_search"}]}, 400, "tools[0].type"),
        ({"tools": [{**WEATHER, "name": "no name"}]}, 400, "tools[0].name"),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "name": "other"}}, 400, "tool_choice"),
        ({"tools": [WEATHER], "tool_choice": {"type": "web_search"}}, 400, "tool_choice"),
        ({"tools": [WEATHER], "tool_choice": {"type": "allowed_tools", "mode": "auto"}}, 400, "tool_choice"),
        ({"model": "assistant", "tools": [WEATHER]}, 400, "tools"),
        ({"background": True}, 400, "background"),
        ({"conversation": "conv_1"}, 400, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, 400, "prompt"),
        ({"previous_response_id": "resp_none"}, 400, "previous_response_id"),
    ],
)
async def test_what_cannot_be_served_is_refused_by_the_name_of_its_parameter(url, body, status, param):
    async with httpx2.AsyncClient(trust_env=False) as http:
        sent = {"model": "scripted", "input": "Hello", "stream": True, **body}
        answer = await http.post(f"{url}v1/responses", json={k: v for k, v in sent.items() if v is not None})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize(("method", "path"), [("POST", "responses/compact"), ("GET", "assistants"), ("PUT", "models")])
async def test_a_path_that_is_not_served_is_a_404_in_openais_shape(url, method, path):
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.request(method, f"{url}v1/{path}")
    assert answer.status_code == 404
    assert path in answer.json()["error"]["message"]
