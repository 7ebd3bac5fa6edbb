"""A text's characters as hashing sees them: entities, mojibake and compatibility characters undone.

In: a text as it stands, and phrases that newsrooms write in two ways. Out: the text with one writing for
each. Words are folded elsewhere; see `corpus.text`.
"""

import html
import re
import unicodedata

_MOJIBAKE_REST = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
DAMAGED = f"[\u00c2-\u00f4]{_MOJIBAKE_REST}{{1,3}}"
"""A pattern of a character of UTF-8 that was read as Windows-1252 or Latin-1."""


def folded_text(text: str, phrases: tuple[tuple[str, str], ...] = ()) -> str:
    """The text with entities, mojibake, compatibility characters and the given phrases folded."""
    # Single characters are looked for first: that is many times faster, and mostly there are none.
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        if any(c in text for c in _MOJIBAKE_LEADS) and _MOJIBAKE_HINT.search(text):
            text = _MOJIBAKE.sub(_undone, text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        if any(c in text for c in _INVISIBLE):
            text = text.translate(_WITHOUT_INVISIBLE)
    for phrase, plain in phrases:
        if phrase.strip() in text and phrase in text:
            text = text.replace(phrase, plain)
    return text


# UTF-8 once read as Windows-1252 (or Latin-1) shows as one of these before one to three more.
_MOJIBAKE_LEADS = "ÂÃâÅÄÐÑ"
_MOJIBAKE_HINT = re.compile(f"[{_MOJIBAKE_LEADS}]{_MOJIBAKE_REST}")
_MOJIBAKE = re.compile(f"{DAMAGED}(?:{DAMAGED})*")  # much faster than `(?:...)+`
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE))


def _undone(match: re.Match[str]) -> str:
    raw = bytearray()
    for character in match[0]:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:  # the five bytes that Windows-1252 leaves open
            if ord(character) > 0xFF:
                return match[0]
            raw.append(ord(character))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
