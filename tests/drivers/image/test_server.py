"""The driver as the kernel meets it: a process that speaks MCP."""

import asyncio
import base64
import io
import sys

import pytest
from PIL import Image

from .conftest import ROOT, SAMPLES, base64_of, drawn_form, encoded

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def refused(driver, image, tool="see"):
    result = await driver.call_tool(tool, {"image": image})
    assert result.is_error
    (content,) = result.content
    assert content.text.endswith(".") and content.text.count(". ") == 0, "one sentence"
    return content.text


async def seen(driver, data):
    result = await driver.call_tool("see", {"image": base64_of(data)})
    assert not result.is_error, result.content
    return result.structured_content


TOOLS = {"see", "ocr", "describe", "read_document", "crop", "annotate", "compare", "make", "draw", "chart"}


async def test_every_tool_may_be_repeated_and_changes_nothing(driver):
    tools = (await driver.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations.read_only_hint and tool.annotations.idempotent_hint for tool in tools)


async def test_the_server_starts_without_its_heavy_libraries():
    code = "import sys, drivers.image.server; print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    loaded, _ = await process.communicate()
    assert process.returncode == 0
    heavy = {"cv2", "numpy", "onnxruntime", "rapidocr", "PIL", "matplotlib", "pypdfium2", "resvg_py"}
    assert heavy.isdisjoint(loaded.decode().split())


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("data:image/png;base64,", "empty"),
        ("!!! not base64 !!!", "not valid base64"),
        ("data:image/png,raw", "not base64"),
        (base64_of(b"just some words"), "not a picture"),
        (base64_of(b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>"), "convert it to PNG"),
        (base64_of(b"<?xml version='1.0'?>\n<svg></svg>"), "convert it to PNG"),
        (base64_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 40), "send"),
        (base64_of(b"\xff\xd8\xff\xe0"), "send"),
    ],
)
async def test_what_is_no_picture_is_refused_in_one_sentence(driver, image, said):
    for tool in ("see", "ocr", "describe", "read_document", "crop"):
        assert said in await refused(driver, image, tool)


async def test_a_single_pixel_is_refused(driver):
    assert "1 x 1" in await refused(driver, base64_of(encoded(Image.new("RGB", (1, 1)))))


async def test_a_decompression_bomb_is_refused_before_it_is_decoded(driver):
    bomb = encoded(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    assert "20000 x 20000" in await refused(driver, base64_of(bomb))


async def test_a_huge_declared_size_is_refused(driver):
    header = bytearray(encoded(Image.new("RGB", (32, 32))))
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    await refused(driver, base64_of(bytes(header)))


async def test_the_server_goes_on_after_wrong_input(driver):
    await refused(driver, "!!!")
    assert (await seen(driver, encoded(drawn_form())))["kind"] == "page"


async def test_a_blank_page_is_none_with_a_reason(driver):
    page = await seen(driver, encoded(Image.new("RGB", (600, 800), "white")))
    assert page["kind"] == "none" and page["reason"].endswith(".")
    assert page["elements"] == [] and page["layout"]["children"] == []


async def test_a_photo_without_a_page_is_none(driver):
    gradient = Image.radial_gradient("L").resize((900, 700)).convert("RGB")
    assert (await seen(driver, encoded(gradient, "JPEG")))["kind"] == "none"


async def test_a_cut_off_jpeg_is_read_as_far_as_it_goes(driver):
    whole = encoded(drawn_form(), "JPEG")
    page = await seen(driver, whole[: int(len(whole) * 0.75)])
    assert {"Label", "TextBox"} <= {e["class"] for e in page["elements"]}


async def test_a_photo_held_sideways_is_turned_upright(driver):
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = encoded(drawn_form().rotate(90, expand=True), "JPEG", exif=exif)
    page = await seen(driver, sideways)
    assert (page["width"], page["height"]) == (800, 600)
    assert [e["class"] for e in page["elements"]] == ["Label", "TextBox", "Button"]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
async def test_every_format_is_read(driver, format):
    page = await seen(driver, encoded(drawn_form(), format))
    assert [e["text"] for e in page["elements"]] == ["Your name", "", "Send"]


async def test_of_an_animation_the_first_frame_is_seen(driver):
    blank = Image.new("RGB", (800, 600), "white")
    page = await seen(driver, encoded(drawn_form(), "GIF", save_all=True, append_images=[blank]))
    assert len(page["elements"]) == 3


async def test_a_data_url_is_a_picture_too(driver):
    url = "data:image/png;base64," + base64_of(encoded(drawn_form()))
    result = await driver.call_tool("see", {"image": url})
    assert result.structured_content["kind"] == "page"


async def test_ink_on_transparency_is_ink_on_white(driver):
    layer = drawn_form().convert("RGBA")
    layer.putalpha(layer.convert("L").point(lambda level: 255 - level))
    assert len((await seen(driver, encoded(layer)))["elements"]) == 3


async def test_the_server_answers_while_it_is_looking(driver):
    looking = asyncio.ensure_future(seen(driver, (SAMPLES / "guestbook.jpg").read_bytes()))
    answers = 0
    while not looking.done():
        await driver.list_tools(cache_mode="bypass")
        answers += 1
    assert answers > 2
    assert (await looking)["kind"] == "page"


async def test_ocr_returns_the_lines_and_their_places(driver):
    result = await driver.call_tool("ocr", {"image": base64_of(encoded(drawn_form()))})
    page = result.structured_content
    assert [line["text"] for line in page["lines"]] == ["Your name", "Send"]
    assert page["text"] == "Your name\nSend" and (page["width"], page["height"]) == (800, 600)
    name = page["lines"][0]["box"]
    assert name["left"] == pytest.approx(100 / 800, abs=0.02) and name["top"] == pytest.approx(80 / 600, abs=0.04)


async def test_a_random_byte_never_ends_the_server(driver):
    data = bytearray(encoded(drawn_form(), "JPEG"))
    for at in range(40, len(data), len(data) // 12):
        broken = data.copy()
        broken[at] ^= 0xFF
        await driver.call_tool("see", {"image": base64.b64encode(bytes(broken)).decode()})
    assert (await seen(driver, io.BytesIO(bytes(data)).read()))["kind"] == "page"
