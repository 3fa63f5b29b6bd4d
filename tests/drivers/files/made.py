"""Documents made by hand, so that each test says what is in them."""

import io
import zipfile

NAMES = "http://schemas.openxmlformats.org"
WORD = f'xmlns:w="{NAMES}/wordprocessingml/2006/main"'
SHEET = f'xmlns="{NAMES}/spreadsheetml/2006/main" xmlns:r="{NAMES}/officeDocument/2006/relationships"'
RELATIONS = f"{NAMES}/package/2006/relationships"
TYPES = f'<Types xmlns="{NAMES}/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
TYPES += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>%s</Types>'


def packed(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def related(*targets):
    kind = f"{NAMES}/officeDocument/2006/relationships"
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}/{name}" Target="{target}"/>'
        for number, (name, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{listed}</Relationships>'


def docx(body):
    override = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    styles = '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
    return packed(
        {
            "[Content_Types].xml": TYPES % f'<Override PartName="/word/document.xml" ContentType="{override}"/>',
            "_rels/.rels": related(("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": related(("styles", "styles.xml")),
            "word/styles.xml": f"<w:styles {WORD}>{styles}</w:styles>",
            "word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>",
        }
    )


def paragraph(text, style="", bold=False):
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:p>{styled}<w:r>{weight}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def word_table(rows):
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def xlsx(**sheets):
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(sheets, 1))
    override = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    main = f'<Override PartName="/xl/workbook.xml" ContentType="{override}.sheet.main+xml"/>'
    files = {
        "[Content_Types].xml": TYPES % main,
        "_rels/.rels": related(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f"<workbook {SHEET}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": related(
            *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1))
        ),
    }
    for at, rows in enumerate(sheets.values(), 1):
        files[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet {SHEET}><sheetData>{_rows(rows)}</sheetData></worksheet>"
    return packed(files)


def _rows(rows):
    return "".join(
        f'<row r="{y}">{"".join(_cell(f"{chr(64 + x)}{y}", value) for x, value in enumerate(row, 1))}</row>'
        for y, row in enumerate(rows, 1)
    )


def _cell(at, value):
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def pdf(*pages):
    """One page a text; its lines one under the other."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for text in pages:
        shown = " ".join(f"({line}) Tj 0 -20 Td" for line in text.split("\n") if line)
        stream = f"BT /F1 14 Tf 72 700 Td {shown} ET".encode("latin-1")
        kids.append(f"{len(objects) + 1} 0 R")
        font = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<<{font}>>/Contents {len(objects) + 2} 0 R>>"
        objects += [page.encode(), b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream)]
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def ods(*rows):
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    sheet = f'<office:spreadsheet><table:table table:name="Sums">{body}</table:table></office:spreadsheet>'
    content = f"<office:document-content {names}><office:body>{sheet}</office:body></office:document-content>"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def _ods_cell(value):
    kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
    return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'
