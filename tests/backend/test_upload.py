import pytest

from llmos.backend.problem import HttpError
from llmos.backend.sniff import type_of
from llmos.backend.upload import Limits, Receiver, file_name
from llmos.kernel.blobs import Blobs

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
KIND = "multipart/form-data; boundary=X"
LIMITS = Limits(1000, 5000)
TAKEN = frozenset({"picture", "papers"})


def part(name, data, file=None, kind=None):
    named = "" if file is None else f'; filename="{file}"'
    typed = "" if kind is None else f"Content-Type: {kind}\r\n"
    head = f'--X\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{typed}\r\n'
    return head.encode() + data + b"\r\n"


def form(*parts):
    return b"".join([*parts, b"--X--\r\n"])


async def pieces(body, size=7):
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def read(blobs):
    """Read a form that comes in small pieces; what nobody keeps is discarded."""

    async def read(body, size=7, limits=LIMITS):
        receiver = Receiver(TAKEN, limits, blobs.incoming)
        try:
            upload = await receiver.read(pieces(body, size), KIND)
            for file in upload.files.values():
                file.keep()
            return upload.body
        finally:
            receiver.discard()

    return read


def left(blobs):
    return sorted(path.name for path in blobs._folder.glob("*"))


async def test_a_file_becomes_a_document_and_its_bytes_a_blob(read, blobs):
    body = await read(form(part("name", "Zoë".encode()), part("picture", PNG, "me.png", "image/png")))
    digest = body["picture"]["sha256"]
    told = {"name": "me.png", "type": "image/png", "size": len(PNG), "sha256": digest}
    assert body == {"name": "Zoë", "picture": told}
    assert blobs.get(digest) == PNG
    assert left(blobs) == [digest]


async def test_a_name_of_ten_thousand_characters_is_cut(read):
    body = await read(form(part("papers", b"a", "ë" * 10_000 + ".txt")), 500, Limits(1000, 100_000))
    assert body["papers"]["name"] == "ë" * 251 + ".txt"


@pytest.mark.parametrize("size", [1, 3, 64, 100_000])
async def test_it_does_not_matter_how_the_bytes_are_cut(read, size):
    tricky = b"\r\n--\r\n--Y\r\n-\r\r\n" * 20
    body = await read(form(part("papers", tricky, "a", "text/plain"), part("papers", b"two", "b")), size)
    assert [(paper["name"], paper["size"]) for paper in body["papers"]] == [("a", len(tricky)), ("b", 3)]


async def test_a_field_for_a_file_that_nobody_chose_was_not_sent(read, blobs):
    body = await read(form(part("name", b"Ada"), part("picture", b"", "", "application/octet-stream")))
    assert body == {"name": "Ada"}
    assert left(blobs) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(part("picture", bytes(1001), "a.png")), 413),
        (form(*(part("papers", bytes(900), f"{n}") for n in range(6))), 413),
        (form(part("text", b"a" * 70_000)), 413),
        (form(*(part(f"f{n}", b"") for n in range(201))), 400),
        (form(part("picture", PNG, "a.png"), part("other", b"a", "a.txt")), 415),
        (form(part("picture", PNG, "a.png"))[:-8], 400),
        (form(part("picture", PNG, "a.png"), part("name", b"\xff")), 400),
        (form(part("picture", PNG, "a.png"), part("name", b"\0")), 400),
        (part("picture", PNG, "a.png") + b"nonsense", 400),
        (b"nonsense", 400),
        (b"", 400),
        (b"--X\r\n" + b"A: b\r\n" * 1000 + b"\r\n", 400),
        (b"--X\r\nA: " + b"b" * 100_000, 400),
    ],
)
async def test_a_form_that_is_refused_leaves_nothing(read, blobs, body, status):
    with pytest.raises(HttpError) as refused:
        await read(body, 500, LIMITS if len(body) < 10_000 else Limits(1000, 200_000))
    assert refused.value.status == status
    assert str(refused.value).endswith(".")
    assert left(blobs) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("me.png", "me.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\me.png", "me.png"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: b.png", "aSet-Cookie: b.png"),
        ("a%0D%0Ab%22.png", 'ab".png'),
        ("a\0b\x1b[31m.png", "ab[31m.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("Zoë 🦙 ملف.png", "Zoë 🦙 ملف.png"),
        ("a" * 10_000 + ".png", "a" * 251 + ".png"),
        ("." * 10_000 + "x", "x"),
        ("a" + "." + "b" * 10_000, ("a." + "b" * 10_000)[:255]),
    ],
)
def test_a_name_is_only_a_name(sent, kept):
    assert file_name(sent) == kept


@pytest.mark.parametrize(
    ("declared", "head", "told"),
    [
        ("image/png", PNG, "image/png"),
        ("IMAGE/PNG; charset=x", PNG, "image/png"),
        ("image/jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("image/png", b"<!doctype html><script>", "application/octet-stream"),
        ("image/gif", PNG, "image/png"),
        ("", PNG, "image/png"),
        ("application/octet-stream", b"%PDF-1.7", "application/pdf"),
        ("text/html", b"<!doctype html>", "text/html"),
        ("text/html", PNG, "text/html"),
        ("image/svg+xml", b"<svg onload=alert(1)>", "image/svg+xml"),
        ("a/b\r\nX: y", b"abc", "application/octet-stream"),
        ("nonsense", b"abc", "application/octet-stream"),
        ("video/mp4", b"\0\0\0\x18ftypmp42", "video/mp4"),
        ("video/mp4", b"\0\0\0\x18ftypavif", "image/avif"),
    ],
)
def test_what_a_browser_may_show_begins_as_it_says(declared, head, told):
    assert type_of(declared, head) == told
