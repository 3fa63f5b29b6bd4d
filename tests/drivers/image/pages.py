"""Documents made here, so that each test knows what is on them."""

import io

from PIL import Image, ImageDraw, ImageFont

RECEIPT = [
    ("GREEN GROCER LTD", "", ""),
    ("12 Orchard Lane, Ely", "", ""),
    ("Tel: 01353 555 010", "", ""),
    ("Date: 14/03/2025", "", "Time: 16:42"),
    ("Item", "Qty", "Amount"),
    ("Apples Braeburn", "2", "3.40"),
    ("Sourdough loaf", "1", "4.25"),
    ("Olive oil 500 ml", "1", "11.90"),
    ("Subtotal", "", "19.55"),
    ("VAT 0%", "", "0.00"),
    ("Total:", "", "19.55"),
    ("Cash", "", "20.00"),
    ("Change", "", "0.45"),
    ("THANK YOU", "", ""),
]


def receipt(size=(620, 900)):
    page = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(26)
    for number, (left, middle, right) in enumerate(RECEIPT):
        y = 40 + 58 * number
        pen.text((40, y), left, fill="black", font=font)
        pen.text((360, y), middle, fill="black", font=font)
        pen.text((580, y), right, fill="black", font=font, anchor="ra")
    return page


def letter(size=(1200, 900)):
    """Two columns of prose under a title."""
    page = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 40), "News of the garden", fill="black", font=ImageFont.load_default(44))
    for x, word in ((60, "left"), (640, "right")):
        for line in range(10):
            text = f"The {word} column says in line {line} something"
            pen.text((x, 150 + 60 * line), text, fill="black", font=ImageFont.load_default(24))
    return page


def pdf(*pages, rotate=0):
    """A PDF by hand. Each page is its lines: (x, y from the top, text), or the bytes of a JPEG with its size."""
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        content, resources = _content(page, bodies)
        bodies.append(_stream(content))
        turned = f" /Rotate {rotate}" if rotate else ""
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]{turned} /Contents {len(bodies)} 0 R"
            f" /Resources << /Font << /F1 3 0 R >> {resources} >> >>"
        )
        kids.append(f"{len(bodies)} 0 R")
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    return _file(bodies)


def _content(page, bodies):
    if isinstance(page, Image.Image):
        file = io.BytesIO()
        page.convert("RGB").save(file, "JPEG", quality=92)
        head = f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} /ColorSpace /DeviceRGB"
        bodies.append(_stream(file.getvalue(), f"{head} /BitsPerComponent 8 /Filter /DCTDecode"))
        return b"q 595 0 0 842 0 0 cm /Im0 Do Q", f"/XObject << /Im0 {len(bodies)} 0 R >>"
    lines = [f"BT /F1 12 Tf {x} {842 - y} Td ({_escaped(text)}) Tj ET" for x, y, text in page]
    return "\n".join(lines).encode("latin-1"), ""


def _escaped(text):
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _stream(data, head=""):
    return f"<< {head} /Length {len(data)} >>\nstream\n".encode("latin-1") + data + b"\nendstream"


def _file(bodies):
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(bodies, 1):
        places.append(out.tell())
        data = body if isinstance(body, bytes) else body.encode("latin-1")
        out.write(f"{number} 0 obj\n".encode() + data + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010d} 00000 n \n".encode() for place in places)
    out.write(f"trailer << /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()
