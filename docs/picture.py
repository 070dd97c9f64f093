#!/usr/bin/env python
"""Make docs/voorbeeldstad.png from the pictures inside the report of a finished run.

make run
.venv/bin/python docs/picture.py out/voorbeeldstad-*/report.html
"""

import base64
import io
import re
import sys
from pathlib import Path

from PIL import Image

CHOSEN = (
    "Kaart van de stapeling van lasten nu",
    "Grafiek: aanleg",
    "Kaart van de plekken waar dit voorstel bouwt",
    "Kaart per buurt: wat er verandert",
)
"""How the texts of the pictures begin; of the proposals, those of In balans are taken."""
WIDTH, GAP = 520, 16


def main() -> None:
    """Read the report that is named, and write the picture beside this file."""
    source = Path(sys.argv[1]).read_text(encoding="utf-8")
    front, _, proposal = source.partition('<article id="in_balans">')
    tiles = [_picture(front, text) for text in CHOSEN[:2]]
    tiles += [_picture(proposal, text) for text in CHOSEN[2:]]
    rows = [max(tile.height for tile in tiles[k : k + 2]) for k in (0, 2)]
    sheet = Image.new("RGB", (2 * WIDTH + 3 * GAP, sum(rows) + 3 * GAP), "white")
    for k, tile in enumerate(tiles):
        x, y = GAP + (k % 2) * (WIDTH + GAP), GAP + (k // 2) * (rows[0] + GAP)
        sheet.paste(tile, (x, y))
    target = Path(__file__).with_name("voorbeeldstad.png")
    # the method that keeps colours of which there is little
    # (one tree on a map); one more round brings the large areas back to their own colour
    small = sheet.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    small.save(target, optimize=True)


def _picture(source: str, text: str) -> Image.Image:
    """Return the first picture whose text for who cannot see it begins in this way."""
    found = re.search(rf'src="data:image/png;base64,([^"]*)" alt="{re.escape(text)}', source)
    if found is None:
        msg = f"{sys.argv[1]}: no picture of which the text begins with {text!r}."
        raise SystemExit(msg)
    image = Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB")
    return image.resize(
        (WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS
    )


if __name__ == "__main__":
    main()
