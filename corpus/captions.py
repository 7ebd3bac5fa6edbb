"""Captions in a plain text, where no markup tells of a figure.

In: the passages around a story, and what is known of their fates. Out: the fates, with captions
dropped that no wording gives away. Where nothing is certain a line is kept.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from corpus.language import detect_language
from corpus.shapes import Seen
from corpus.story import KEPT

_WORDS = range(4, 17)
_ALT_WORDS = 8
_NAMES_SHARE = 0.25
_WORD = re.compile(r"[^\W\d_]+")
_QUOTED_OR_COUNTED = re.compile(r"[\"“”„«»\d]|(?<!\w)['‘]")
# Words that tell what happened: captions name what is seen. Other languages have none dropped.
_TELLING = {
    "en": "said says told was were had has have will would could should may might did does is are am been be "
    "met won lost kept held gave got put set cut found felt knew thought took went came made saw left began "
    "became spoke wrote stood fell rose led paid sent built brought bought sold ran",
    "de": "sagte sagt war waren hatte hatten hat haben wurde wurden wird werden ist sind kann will soll muss",
    "fr": "a ont est sont était étaient avait avaient sera seront dit selon fut",
    "es": "es son ha han fue era eran fueron está están dijo será según había",
    "it": "è sono ha hanno era erano fu detto sarà secondo aveva",
    "pt": "é são foi era eram disse está estão será segundo havia",
    "nl": "is zijn was waren heeft hebben had zei wordt werd werden zal volgens",
}
_TELLING_WORDS = {code: frozenset(words.split()) for code, words in _TELLING.items()}
# What verbs of the past end in.
_PAST = {
    "en": ("ed",),
    "de": ("te", "ten"),
    "es": ("ó", "aron", "ieron"),
    "pt": ("ou", "aram", "eram"),
    "nl": ("de", "den"),
}
_BESIDE_PICTURES = ("related", "caption", "credit", "newsletter", "share")


def drop_captions(
    seen: Sequence[Seen], inside: Sequence[int], fates: list[tuple[str, str]]
) -> None:
    """Drop captions among the passages `inside`.

    That is the line above a caption that says the same; and names of what is seen, beside a block that
    is no story: there pages have their pictures.
    """
    language = detect_language("\n".join(seen[n].text for n in inside))[0]
    before = -1
    for n, after in zip_longest(inside, inside[1:], fillvalue=-1):
        beside = [fates[m][0] for m in (before, after) if m >= 0]
        before = n
        if fates[n] != KEPT:
            continue
        if (
            after >= 0
            and fates[after][0] in ("caption", "credit")
            and _is_alt(seen[n], seen[after])
        ):
            fates[n] = ("caption", "above-a-caption")
        elif any(kind in _BESIDE_PICTURES for kind in beside) and _names(seen[n], language):
            fates[n] = ("caption", "names-beside-an-insert")


def _is_alt(line: Seen, caption: Seen) -> bool:
    """Whether a short line names what the caption after it tells of."""
    if line.shape != "label" or line.words > _ALT_WORDS:
        return False
    words = set(_WORD.findall(line.text.casefold()))
    shared = words & set(_WORD.findall(caption.text.casefold()))
    return caption.tight or 2 * len(shared) >= len(words)


def _names(passage: Seen, language: str) -> bool:
    """Whether a short sentence has names, and no word that tells of an event."""
    telling, text = _TELLING_WORDS.get(language), passage.text
    if telling is None or passage.shape != "sentence" or passage.words not in _WORDS:
        return False
    if _QUOTED_OR_COUNTED.search(text) or not text.endswith("."):
        return False
    words = _WORD.findall(text)
    past = _PAST.get(language, ())
    return sum(word[0].isupper() and len(word) > 1 for word in words) >= _NAMES_SHARE * len(
        words
    ) and not any(
        word.lower() in telling or (word[0].islower() and word.endswith(past)) for word in words
    )
