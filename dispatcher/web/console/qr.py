"""A QR code inside the page: one path with attributes, which the content policy allows."""

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """``text`` as SVG, black on white in both colour schemes because cameras want it so."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", omitsize=True
    )
    return Markup(svg)  # noqa: S704 - segno draws it, and the text is only in its modules
