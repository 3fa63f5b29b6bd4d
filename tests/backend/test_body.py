from urllib.parse import urlencode

import pytest

from llmos.backend.body import MAX_BODY_BYTES, MAX_DEPTH, parse_body
from llmos.backend.problem import HttpError

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "parsed"),
    [
        (b"", "", {}),
        (b"  ", "text/plain", {}),
        ('{"name": "Zoë 🦙"}'.encode(), "application/json; charset=utf-8", {"name": "Zoë 🦙"}),
        (b'{"a": [1, {"b": null}]}', "application/merge-patch+json", {"a": [1, {"b": None}]}),
        (urlencode({"name": "Zoë & Co", "empty": ""}).encode(), FORM, {"name": "Zoë & Co", "empty": ""}),
        (b"tag=a&tag=b", FORM, {"tag": ["a", "b"]}),
    ],
)
def test_a_body_becomes_one_object(body, content_type, parsed):
    assert parse_body(body, content_type) == parsed


def multipart(*parts):
    blocks = [f"--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n" for head, value in parts]
    return "".join([*blocks, "--X--\r\n"]).encode()


def test_the_text_fields_of_a_multipart_form_are_read():
    body = multipart(('name="name"', "Zoë"), ('name="tag"', "a"), ('name="tag"', "b"))
    assert parse_body(body, "multipart/form-data; boundary=X") == {"name": "Zoë", "tag": ["a", "b"]}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"a": 1' + b" " * MAX_BODY_BYTES, "application/json", 413),
        (b"<a/>", "application/xml", 415),
        (multipart(('name="f"; filename="a.txt"', "data")), "multipart/form-data; boundary=X", 415),
        (b"no boundary", "multipart/form-data", 400),
        (b'{"a": 1', "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"a": {"b": 1, "b": 2}}', "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"a": "\\u0000"}', "application/json", 400),
        (b'{"\\ud800": 1}', "application/json", 400),
        (b'{"a": ' * (MAX_DEPTH + 2) + b"1" + b"}" * (MAX_DEPTH + 2), "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"a=%ff", FORM, 400),
        (b"a=b&" * 300, FORM, 400),
        (b"a=%00", FORM, 400),
    ],
)
def test_a_body_that_is_none_is_refused_with_a_sentence(body, content_type, status):
    with pytest.raises(HttpError) as refused:
        parse_body(body, content_type)
    assert refused.value.status == status
    assert str(refused.value).endswith(".")
