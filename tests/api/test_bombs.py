"""Workbooks that unpack to far more than they are: refused in words, before they are unpacked."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.api.conftest import Serve

TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""  # noqa: E501
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 50) for i in range(8))
    + b"]><workbook>&i;</workbook>"
)


def workbook(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return target.getvalue()


def zip_bomb() -> bytes:
    """A table of texts of 3 GB, as its directory says, in a few bytes."""
    small = bytearray(workbook(workbook=b"<workbook/>", sharedStrings=b"x" * 100))
    place = small.rfind(b"PK\x01\x02")
    small[place + 24 : place + 28] = (3 << 30).to_bytes(4, "little")
    return bytes(small)


@pytest.mark.parametrize("content", [zip_bomb(), workbook(workbook=LAUGHS)], ids=["zip", "xml"])
def test_a_bomb_is_refused_in_words(serve: Serve, content: bytes) -> None:
    api = serve(jobs=True, job_memory=1 << 30)
    upload = api.upload("bomb.xlsx", content)
    job = api.run("load", {"files": [{"upload": upload, "role": "accounts"}]})
    assert job["state"] == "failed"
    assert job["problem"]["status"] == 422, job
    assert "bomb.xlsx" in job["problem"]["detail"]
    assert "memory" not in job["problem"]["detail"]
    assert api.client.get("/readyz").json() == {"status": "ok", "loaded": True}
