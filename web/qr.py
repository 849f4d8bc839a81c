"""Pictures that a telephone reads: drawn here, so that no address of a second factor leaves the house."""

import io

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """*text* as a QR code in SVG, to stand within a page."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, omitsize=False, dark="#000000", light="#ffffff",
        svgclass="qr", lineclass=None,
    )  # fmt: skip
    return Markup(out.getvalue().decode())  # noqa: S704 - segno draws modules only; the text stands nowhere in the markup
