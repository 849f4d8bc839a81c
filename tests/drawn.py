"""Reading a picture back: that it is sound XML and holds nothing a strict policy forbids, and its parts."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"

ALLOWED = {"svg", "g", "a", "title", "desc", "rect", "path", "text", "circle", "polygon", "polyline", "line"}


def read_back(picture: str) -> ET.Element:
    """Parse *picture*; fail on anything a page under a strict policy may not hold, and on a picture without words."""
    root = ET.fromstring(picture)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED, element.tag
        for name, value in element.attrib.items():
            assert name != "style", "a style attribute"
            assert name != "id", "two pictures of a page would share it"
            assert not name.lower().startswith("on"), name
            assert "url(" not in value, value
            if name == "href":
                assert re.match(r"(?:https?://|/(?!/)|[?#])", value), value
    links = root.findall(f".//{SVG}a")
    assert root.get("role") == ("group" if links else "img")
    assert root.get("aria-label")
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].tag == f"{SVG}desc"
    assert not [value for each in root.iter() for value in each.attrib.values() if value in ("nan", "inf")]
    return root


def rectangle(element: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right, lower edge of a rect."""
    x, y, w, h = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, x + w, y + h


def overlapping(boxes: list[tuple[float, float, float, float]]) -> list[tuple[int, int]]:
    """The pairs of boxes that lie over each other."""
    return [
        (one, two)
        for one, a in enumerate(boxes)
        for two, b in enumerate(boxes)
        if one < two and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def texts(root: ET.Element) -> list[str]:
    """All words that are seen."""
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


HOSTILE = (
    "<script>alert(1)</script>",
    "\" onload='x' &amp; ]]> <!--",
    "\u202eقرار الإحالة\u202c إلى الشرطة",
    "移" * 500,
    "W" * 500,
    "a\x00b\x1b\ufffe\ud800",
    "",
)
"""Words that would break a picture made carelessly."""
