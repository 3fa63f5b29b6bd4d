"""Bodies sent to compiled backends by somebody who wants them to fail: a 4xx that says why, and nothing has changed."""

import json

import pytest

MALFORMED = {
    "cut short": b'{"FIELD": "x"',
    "a list": b'[{"FIELD": "x"}]',
    "a text": b'"x"',
    "nothing": b"null",
    "not a number": b'{"FIELD": NaN}',
    "more than all": b'{"FIELD": Infinity}',
    "less than all": b'{"FIELD": -Infinity}',
    "a float without bounds": b'{"FIELD": "x", "order": 1e400}',
    "5000 digits": b'{"FIELD": "x", "order": 1' + b"0" * 5000 + b"}",
    "the same member twice": b'{"FIELD": "x", "FIELD": "y"}',
    "the same member twice, within": b'{"FIELD": "x", "more": {"a": 1, "a": 2}}',
    "half of a pair": b'{"FIELD": "\\ud800"}',
    "the halves of a pair the wrong way round": b'{"FIELD": "\\udc00\\ud800"}',
    "half of a pair in a name": b'{"FIELD": "x", "\\udfff": 1}',
    "an escaped NUL": b'{"FIELD": "a\\u0000b"}',
    "a NUL": b'{"FIELD": "a\0b"}',
    "a line end in a text": b'{"FIELD": "a\nb"}',
    "not UTF-8": b'{"FIELD": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"FIELD": "\xed\xa0\x80"}',
    "an overlong slash": b'{"FIELD": "\xc0\xaf"}',
    "UTF-16": '{"FIELD": "x"}'.encode("utf-16"),
    "nested 21 deep": b'{"FIELD": "x", "more": ' + b"[" * 21 + b"]" * 21 + b"}",
    "nested 30000 deep": b'{"FIELD": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "single quotes": b"{'FIELD': 'x'}",
    "two documents": b'{"FIELD": "x"} {"FIELD": "y"}',
}


async def test_a_body_that_is_no_json_object_is_refused(victim):
    for what, body in MALFORMED.items():
        answer = await victim.post(body.replace(b"FIELD", victim.field.encode()))
        await victim.refused(answer, 400, about=what)


async def test_a_body_that_is_too_large_is_refused(victim):
    ten_megabytes = json.dumps({victim.field: "x" * 10_000_000}).encode()
    many_fields = json.dumps({f"field{number}": number for number in range(2000)}).encode()
    for body in (ten_megabytes, many_fields, b" " * 70_000):
        await victim.refused(await victim.post(body), 413, about=body[:30])


async def test_a_field_of_another_type_is_refused(victim):
    for value in (None, True, 0, 1.5, [], ["x"], {}, {"ref": "/now"}, {"$ref": "#"}, "x" * 1001):
        for method, path in (("POST", victim.path), ("PATCH", f"{victim.path}/1")):
            if victim.name != "bank" or method == "POST":  # an account has no PATCH
                answer = await victim.site.request(method, path, json={**victim.document, victim.field: value})
                await victim.refused(answer, 422, about=(method, value))
                assert [error["name"] for error in answer.json()["errors"]] == [victim.field]


async def test_bytes_that_claim_to_be_something_else_are_refused(victim):
    body = json.dumps(victim.document).encode()
    for kind, status in {
        "text/plain": 415,
        "application/xml": 415,
        "application/jsonx": 415,
        "application/json, text/plain": 415,
        "multipart/form-data": 400,
        "multipart/form-data; boundary=": 400,
    }.items():
        await victim.refused(await victim.post(body, kind), status, about=kind)


async def test_two_content_types_are_refused(victim):
    headers = [("Content-Type", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")]
    answer = await victim.site.post(victim.path, content=json.dumps(victim.document), headers=headers)
    await victim.refused(answer, 415)


async def test_a_form_that_is_malformed_is_refused(victim):
    kind = "application/x-www-form-urlencoded"
    for form in (b"%ff=x", b"&".join(b"a=1" for _ in range(300)), f"{victim.field}=%00".encode()):
        await victim.refused(await victim.post(form, kind), 400, about=form[:20])
    name = f'Content-Disposition: form-data; name="{victim.field}"'
    file = f'--b\r\n{name}; filename="a.exe"\r\n\r\nMZ\r\n--b--\r\n'.encode()
    await victim.refused(await victim.post(file, "multipart/form-data; boundary=b"), 415)
    cut = f"--b\r\n{name}\r\n\r\nx".encode()
    await victim.refused(await victim.post(cut, "multipart/form-data; boundary=b"), 400, 422)


AMOUNTS = [2**63, 10**400, 10**4000, 1e300, -(2**63) - 1, 0.5, "x", "1e300", "99999999999999999999", True, None, []]


@pytest.mark.parametrize("victim", ["todo", "bank"], indirect=True)
async def test_an_amount_that_is_none_is_refused(victim):
    name = "balance" if victim.name == "bank" else "order"
    for amount in AMOUNTS:
        answer = await victim.site.post(victim.path, json={**victim.document, name: amount})
        await victim.refused(answer, 422, about=amount)
        assert [error["name"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize("victim", ["bank"], indirect=True)
async def test_a_whole_number_with_a_point_is_an_integer_so_that_money_stays_exact(victim):
    for sent in ("5.0", "5e0"):
        made = await victim.post(f'{{"owner": "Bob", "balance": {sent}}}')
        assert (made.status_code, '"balance": 5}' in made.text) == (201, True)


@pytest.mark.parametrize("victim", ["todo"], indirect=True)
async def test_the_least_and_the_greatest_number_are_exact_in_every_kind_of_body(victim):
    for order in (-(2**63) + 1, 2**63 - 1, -9223372036854775806):
        sent = {"title": "x", "order": order}
        for body in (
            {"json": sent},
            {"data": sent},
            {"files": {name: (None, str(part)) for name, part in sent.items()}},
        ):
            made = await victim.site.post("/todos", **body)
            assert (made.status_code, made.json()["order"]) == (201, order)
