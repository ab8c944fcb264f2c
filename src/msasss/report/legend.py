"""The strip below a picture: title, key, notes, and what the picture must not be used for."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

NOTICE = "Research use, not a medical device."
FONT_PX = 24
LINE_PX = 32
MARGIN_PX = 16
GROUND = (16, 16, 16)
TEXT_COLOUR = (235, 235, 235)
# A film may be a narrow strip; the legend needs room for a line of text.
NARROWEST_PX = 720

Key = Sequence[tuple[tuple[int, int, int], str, bool]]


def with_legend(picture: Image.Image, title: str, key: Key, notes: Sequence[str]) -> Image.Image:
    """Return the picture with a legend below it.

    Args:
        picture: RGB.
        title: First line.
        key: Colour, meaning and whether the mark is hollow, for each kind of mark.
        notes: Further lines, wrapped where they are too long.
    """
    width = max(picture.width, NARROWEST_PX)
    font = ImageFont.load_default(FONT_PX)
    lines = [part for note in (*notes, NOTICE) for part in _wrapped(note, font, width - 2 * MARGIN_PX)]
    sheet = Image.new("RGB", (width, picture.height + LINE_PX * (2 + len(lines)) + 2 * MARGIN_PX), GROUND)
    sheet.paste(picture, ((width - picture.width) // 2, 0))
    draw = ImageDraw.Draw(sheet)
    top = picture.height + MARGIN_PX
    draw.text((MARGIN_PX, top), title, fill=TEXT_COLOUR, font=font)
    _draw_key(draw, top + LINE_PX, key, font)
    for number, line in enumerate(lines, start=2):
        draw.text((MARGIN_PX, top + number * LINE_PX), line, fill=TEXT_COLOUR, font=font)
    return sheet


def _draw_key(
    draw: ImageDraw.ImageDraw, top: int, key: Key, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    left = float(MARGIN_PX)
    for colour, meaning, hollow in key:
        box = (left, top + 6, left + 16, top + 22)
        draw.ellipse(box, fill=None if hollow else colour, outline=colour, width=2)
        draw.text((left + 24, top), meaning, fill=TEXT_COLOUR, font=font)
        left += 24 + draw.textlength(meaning, font=font) + 28
    draw.text((left, top), "? or dashed ring: check", fill=TEXT_COLOUR, font=font)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
