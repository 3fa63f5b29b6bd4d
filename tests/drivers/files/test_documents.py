"""Documents as Markdown, and what is no document after all."""

import asyncio
import io
import sys
import zipfile

import pytest

from .conftest import ROOT
from .made import docx, ods, packed, paragraph, pdf, word_table, xlsx

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shown(files, notes, name, data, **arguments):
    (notes / name).write_bytes(data)
    return await files("read", path=name, **arguments)


async def test_a_pdf_is_read_page_by_page_and_says_where_it_is_only_a_picture(files, notes):
    said = await shown(
        files, notes, "a.pdf", pdf("Plums (2 kg)".replace("(", "\\(").replace(")", "\\)"), "", "caf\xe9\nau lait")
    )
    assert said.splitlines() == [
        *("# Page 1", "", "Plums (2 kg)", "", "# Page 2", "", "(This page has no text; it is a picture.)", ""),
        *("# Page 3", "", "café", "au lait", "[PDF as Markdown, lines 1-12 of 12]"),
    ]


async def test_a_pdf_is_one_whatever_its_name_says(files, notes):
    assert "# Page 1" in await shown(files, notes, "a.dat", pdf("x"))
    assert "no page" not in await shown(files, notes, "b.pdf", b"just text")


async def test_a_long_pdf_comes_in_pages_of_lines(files, notes):
    said = await shown(files, notes, "a.pdf", pdf(*(f"This is what page {number} says" for number in range(300))))
    assert "go on with line 201]" in said
    assert "page 299 says" in await files("read", path="a.pdf", line=1150)
    assert "only 1199 lines" in await files.refused("read", path="a.pdf", line=2000)


async def test_a_word_document_keeps_headings_weight_and_tables(files, notes):
    body = paragraph("Report", "Heading1") + paragraph("It went ") + paragraph("well", bold=True)
    said = await shown(files, notes, "a.docx", docx(body + word_table([["who", "what"], ["Ann", "3"]])))
    assert said.startswith("# Report\n\nIt went\n\n**well**\n\n")
    assert [line.replace(" ", "") for line in said.splitlines() if "|" in line] == [
        "|||",
        "|---|---|",
        "|who|what|",
        "|Ann|3|",
    ]


async def test_a_spreadsheet_is_one_table_a_sheet(files, notes):
    said = await shown(files, notes, "a.xlsx", xlsx(Sales=[["who", "sum"], ["Ann | Ben", 3], ["", 2.5]], Empty=[]))
    assert said.splitlines() == [
        *("# Sales", "", "| who | sum |", "| --- | --- |", "| Ann \\| Ben | 3 |", "|  | 2.5 |", ""),
        *("# Empty", "", "(This sheet is empty.)", "[spreadsheet as Markdown, lines 1-10 of 10]"),
    ]


async def test_a_spreadsheet_of_libreoffice_is_one_as_well(files, notes):
    said = await shown(files, notes, "a.ods", ods(["who", "sum"], ["Ann", 3]))
    assert said.startswith("# Sums\n\n| who | sum |\n| --- | --- |\n| Ann | 3 |\n[spreadsheet")


@pytest.mark.parametrize("text", ["name;sum\nAnn;3\n", "name,sum\nAnn,3\n", "name\tsum\nAnn\t3\n", "name|sum\nAnn|3\n"])
async def test_a_table_is_one_whatever_separates_its_values(files, notes, text):
    said = await shown(files, notes, "a.csv", text.encode())
    assert said.startswith("| name | sum |\n| --- | --- |\n| Ann | 3 |\n[")
    assert text.splitlines()[0] in await files("read", path="a.csv", raw=True)


async def test_a_web_page_is_what_a_reader_sees_of_it(files, notes):
    page = "<html><head><title>Plums</title><style>p {}</style></head><body><!-- note --><script>steal()</script>"
    page += "<h2>How many</h2><p>See <a href='https://example.org'>here</a></p><ul><li>one<li>two</ul></body>"
    said = await shown(files, notes, "a.html", page.encode())
    assert said.startswith("# Plums\n\n## How many\n\nSee [here](https://example.org)\n\n- one\n- two\n[")
    assert "steal()" in await files("read", path="a.html", raw=True)


async def test_what_is_changed_is_converted_anew(files, notes):
    assert "| a |" in await shown(files, notes, "a.csv", b"a,b\n")
    await files("edit", path="a.csv", old="a", new="c")
    assert "| c |" in await files("read", path="a.csv")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7 and nothing more"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.docx", packed({"other.txt": "x"})),
        ("a.docx", b"no zip at all"),
        ("a.xlsx", packed({"xl/workbook.xml": "<broken"})),
        ("a.xlsx", b"\0\1\2"),
        ("a.csv", b"\0\1\2\3"),
        ("a.docx", docx("<w:p>")),
    ],
)
async def test_a_damaged_document_is_refused_in_one_sentence_and_the_driver_goes_on(files, notes, name, data):
    (notes / name).write_bytes(data)
    await files.refused("read", path=name)
    assert "milk" in await files("read", path="todo.txt")


async def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(files, notes):
    data = bytearray(packed({"word/document.xml": "0"}))
    data[(at := data.index(b"PK\1\2") + 24) : at + 4] = (2**31).to_bytes(4, "little")  # the size it says it has
    (notes / "bomb.docx").write_bytes(data)
    assert "unpacks to 2048 MB" in await files.refused("read", path="bomb.docx")


@pytest.mark.parametrize(("start", "most"), [(b"%PDF-1.7", "100.0 MB"), (b"\x89PNG\r\n\x1a\n", "10.0 MB")])
async def test_documents_and_pictures_that_are_too_large_are_refused_before_they_are_read(files, notes, start, most):
    with (notes / "large").open("wb") as file:
        file.write(start)
        file.truncate(101 * 2**20)
    assert f"is 101.0 MB, more than {most}" in await files.refused("read", path="large")


async def test_entities_that_grow_or_that_name_files_bring_nothing_in(files, notes, outside):
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    for entities in (f'<!ENTITY e0 "ha">{grow}', f'<!ENTITY e11 SYSTEM "file://{outside}/secret.txt">'):
        document = docx(paragraph("&e11;"))
        text = packed_with(document, "word/document.xml", f"<!DOCTYPE x [{entities}]>")
        (notes / "a.docx").write_bytes(text)
        result = await files.result("read", path="a.docx")
        assert "the key" not in result.content[0].text and "haha" not in result.content[0].text


def packed_with(document, name, before):
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        held = {one: archive.read(one).decode() for one in archive.namelist()}
    return packed(held | {name: before + held[name]})


async def test_a_page_nested_too_deeply_is_refused_and_its_source_can_be_had(files, notes):
    (notes / "deep.html").write_text("<div>" * 10_000)
    assert "raw" in await files.refused("read", path="deep.html")
    assert "<div>" in await files("read", path="deep.html", raw=True)


async def test_without_the_extra_the_sentence_says_what_to_install(notes):
    (notes / "a.pdf").write_bytes(pdf("x"))
    code = "import sys; sys.modules['pypdfium2'] = None\nfrom pathlib import Path\n"
    code += "from drivers.files.reading import *; from drivers.files.roots import Roots\n"
    code += "read(Roots([Path(sys.argv[1])]).place('a.pdf'), 1, raw=False, converted=Converted())"
    command = (sys.executable, "-c", code, str(notes))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    assert b"ask the user to install llmos[documents]." in (await process.communicate())[1]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
    ],
)
async def test_a_picture_comes_as_a_picture(files, notes, data, media_type):
    (notes / "a.bin").write_bytes(data)
    (content,) = (await files.result("read", path="a.bin")).content
    assert (content.type, content.mime_type) == ("image", media_type)
