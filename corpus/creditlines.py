"""Which agencies one line credits, given the place where it stands.

In: a line, its place, the rules of configs/agencies.toml as `corpus.agencies` loaded them. Out: the
agencies named in it, each at its offsets. A mention in prose is no credit, and a line that speaks of a
picture credits the picture. Nothing is guessed from style.
"""

import re
from collections.abc import Iterable, Iterator

from corpus.agency_rows import AgencyRow, folded_name
from corpus.desks import is_prose
from corpus.records import Role, Signal
from corpus.telling import Asked, Telling, Wording
from crawler.records import Record


class Before(Record):
    """A compiled [[hint]]: what stands before an agency that somebody spoke to, in these languages."""

    rule: str
    pattern: re.Pattern[str]
    languages: frozenset[str]


class Acronym(Record):
    """An agency that uses an acronym, and the languages of pages on which it does; none: all."""

    code: str
    languages: frozenset[str]


class AgencyRules(Record):
    """The loaded rows, ready to be asked."""

    agencies: tuple[AgencyRow, ...] = ()
    names: dict[str, str] = {}
    acronyms: dict[str, tuple[Acronym, ...]] = {}
    hosts: dict[str, str] = {}
    of_signal: dict[str, Asked] = {}
    """What a line is asked for each signal, in the file's order."""
    hints: tuple[Before, ...] = ()
    dated: frozenset[str] = frozenset()
    """Acronyms that are a place's, too: in a dateline's brackets they count behind a date alone."""
    telling: Telling = Telling()
    """Whether a line can name or credit anybody at all."""


class Named(Record):
    """An agency's name at [start, end) of a line, by which rule, and the role the wording gives it.

    `matched` is all that an agency's own pattern found.
    """

    code: str
    start: int
    end: int
    rule: str
    role: Role = "sole"
    matched: str = ""


# ---------------------------------------------------------------------------------- one line's credit

# A line that speaks of a picture credits the picture.
_PICTURE = re.compile(
    r"(?i)\b(?:photo(?:s|graph\w*|graf\w*)?|foto(?:s|graf\w*)?|fotoğraf|fot\.|fotó|pictures?|bild(?:er)?|"
    r"images?|imagen|immagine|grafik|infogra\w+|illustration|graphics?|video|getty|shutterstock|pool|"
    r"(?:symbol|archiv|titel|beispiel|arkiv)(?:bild(?:er)?|fotos?)|beeld|fotoğraflar|borítókép|kép|"
    r"picture[ -]alliance|scanpix|kuva|nuotr|obrázek|zdjęcie|снимка|снимок|фото|keystone/)|"
    r"\b(?:imago|alamy|handout|wirephoto|newscom|zuma|sipa|lehtikuva)\b|(?-i:\bEPA\b|^FILE\b|, File\))|"
    r"写真|撮影|摄|攝|[图圖](?:[片/／:：=為为]|取自)|檔案照|資料照|사진|صورة|تصوير"
)
_SEPARATOR = re.compile(
    r"\s*[/,;|+&=·•、，،／＝]\s*(?:(?:and|und|et|y|e|avec|with|mit|con|com)\s+)?|\s+[-–—ـ]\s+|\s*\bet\s+avec\s+|"
    r"\s+(?:and|und|et|y|e|en|i|och|og|ja|ir|ve|и|і|та|with|mit|con|com|avec|met|via|for|für|using|at)\s+|"
    # Jiji sends what AFP wrote: 【パリAFP時事】
    r"(?<=[A-Z])(?=時事)",
    re.IGNORECASE,
)
_TRIM = " \t\u00a0.:;,*_()[]{}<>\"'“”„«»‘’|–—-©®"
_IN_PLACE = re.compile(r"(.{2,40}?)\s+(?:in|aus|à|en|a)\s+[A-ZÀ-Þ]\S.*")
_POSSESSIVE = re.compile(r"['’]s?$")
_AT_WORK = re.compile(
    r"(.{2,40}?)(?:['’]s?)?\s+(?:[A-Z]\w+\s+){0,3}(?i:staff|(?:staff )?writers?|correspondents?|reporters?|"
    r"journalists?|editors?|news agency|agency|newsroom|(?:news )?service|wire|reports?|feed)"
)
# "Ann Example The Associated Press": a name of two words or more behind a person's.
_BEHIND_PERSON = re.compile(
    r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*\s+){2,4}?(?:[Oo]f\s+)?((?:The\s+)?[A-Z][\w-]+\s+[A-Z][\w -]{3,40})"
)
# What stands before a name: an article, or what the thing is.
_ARTICLE = re.compile(
    r"(?i:the|la|le|die|der|das|dem|het|d[aeo]|agence|agencia|agenzia|agência|(?:nachrichten|presse)?agentur"
    r"(?:en)?|persbureau|agentschap|nyhetsbyrån?|nyhetsbyrået|nyhedsbureauet|(?:agencj|agentur)[aęyi]|"
    r"(?:информационно\w+ )?агентств[оа]|агенція|(?:news )?agency)\s+|l['’]|وكالة\s+"
)
# A journalist's sign-off, or the desk's, beside an agency's: "det/dpa", "APA, red".
# In a list with agencies stand other newspapers, too: in quotation marks, or as sites ("ntv.de").
_SIGN_OFF = re.compile(
    r"[^\W\d_A-Z]{1,4}|[A-ZÄÖÜ]{2,3}(?: [A-Z]{2,3})?|[\"„”“«][^\"„”“«»]{2,40}[\"„”“»]|[\w-]+\.[a-z]{2,3}|"
    r"(?i:red|redaktion|redakcja|redacción|rédaction|redactie|redaksjonen|redaktionen|toimitus|staff|agenturen|"
    r"agencies|own|eigene(?: recherchen?)?|opracowanie własne|vlastní)|[가-힣]{2,4} (?:기자|특파원)|"
    r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}"
)
# Beyond this a line is prose.
_LONGEST = 400
_NOTHING = Asked()
# Names in fields are asked as bylines are.
_ASKED_AS: dict[Signal, Signal] = dict.fromkeys(("json_ld", "meta", "page_state"), "byline")
_BYLINES = frozenset(("byline", *_ASKED_AS))
_NOT_OF_PICTURES = frozenset(("dateline", "byline", "source", "tail", "copyright"))


def named(
    signal: Signal,
    text: str,
    rules: AgencyRules,
    language: str,
    *,
    every: bool = False,
    far: bool = False,
) -> tuple[Named, ...]:
    """The agencies that this line credits if it stands where `signal` says; language "*" is any.

    The first wording that finds one decides, or all do if `every`. A line `far` from the story's ends
    credits by those alone that do `anywhere`, and by agencies' own patterns.
    """
    if len(text) > _LONGEST and signal not in ("dateline", "tail", "copyright"):
        return ()
    asked = rules.of_signal.get(_ASKED_AS.get(signal, signal), _NOTHING)
    may_name = rules.telling.may_name(text)
    if not (may_name or asked.nameless):
        return ()
    lower = text.lower()
    found: list[Named] = []
    if may_name:
        only_strict = signal in _BYLINES and is_prose(text)
        for wording in asked.credits:
            if only_strict and not wording.strict:
                continue
            if (not far or wording.anywhere) and wording.may_match(lower):
                found += _counting(_apply(wording, text, rules, language), signal, text, rules)
                if found and not every:
                    break
    if every or not found:
        own = asked.own_of(text) if may_name else asked.nameless
        found += _counting(apply_own(own, text, lower, every=every), signal, text, rules)
    if signal == "dateline" and may_name and (every or not found):
        found += _counting(_dateline_brackets(text, rules, language), signal, text, rules)
    if found and signal in _NOT_OF_PICTURES and credits_picture(_credit_of(signal, text, found[0])):
        return ()
    return tuple(found)


def _counting(
    found: Iterable[Named], signal: Signal, text: str, rules: AgencyRules
) -> Iterable[Named]:
    """Those that are no explanation of a name in the sentence before it."""
    if signal not in ("tail", "dateline"):
        return found
    return (n for n in found if not _is_spelled_out(text, n, rules))


def credits_picture(text: str) -> bool:
    """Whether the line speaks of a picture, and so credits that."""
    return bool(_PICTURE.search(text[-_LONGEST:]))


def _credit_of(signal: Signal, text: str, name: Named) -> str:
    """The part of the line that is its credit: a story's sentences may speak of pictures, too."""
    if signal == "dateline":
        return text[: name.end]
    ends = (
        [m.end() for m in _SENTENCE_END.finditer(text, 0, name.start)] if signal == "tail" else []
    )
    return text[ends[-1] :] if ends and ends[-1] > _SHORTEST_SENTENCE else text


_SENTENCE_END = re.compile(r"[\w\])”»]{2}[.!?…]+[\"”“»'’)]*\s+|[。！？][」』）)]*")
_SHORTEST_SENTENCE = 40  # characters; what ends earlier may be "Photo by J. Doe."
_LONGEST_NAME = 6  # words, an article before it included


def _is_spelled_out(text: str, name: Named, rules: AgencyRules) -> bool:
    """Whether the brackets explain a name in a sentence: "… said Agence France-Presse (AFP)."."""
    if text[name.start - 1 : name.start] != "(":
        return False
    before = text[: name.start - 1].split()[-_LONGEST_NAME:]
    return any(
        rules.names.get(folded_name(" ".join(before[n:]))) == name.code for n in range(len(before))
    )


def agencies_in(
    phrase: str, rules: AgencyRules, language: str, *, strict: bool = False
) -> tuple[Named, ...]:
    """The agencies in a phrase of names such as "APA/sda/dpa".

    None if `strict` and a part of it is neither an agency nor a journalist's sign-off.
    """
    found: list[Named] = []
    whole = phrase.strip(_TRIM)
    if code := rules.names.get(folded_name(whole)):
        at = phrase.find(whole)
        return (Named(code, at, at + len(whole), ""),)
    start = 0
    for separator in [*_SEPARATOR.finditer(phrase), None]:
        end = separator.start() if separator else len(phrase)
        part = phrase[start:end]
        name = part.strip(_TRIM)
        at = start + part.find(name) if name else start
        code = _lookup(name, rules, language)
        joined = [] if code else _joined(name, at, rules, language)
        found += joined
        if code:
            found.append(Named(code, at, at + len(name), ""))
        elif (not joined) and (
            strict and name and not (_SIGN_OFF.fullmatch(part.strip()) or _SIGN_OFF.fullmatch(name))
        ):
            return ()
        start = separator.end() if separator else end
    return tuple(found)


def _joined(name: str, at: int, rules: AgencyRules, language: str) -> list[Named]:
    """The agencies of "TT-AFP", where each part of the name is one."""
    found: list[Named] = []
    for part in _JOINED.finditer(name) if "-" in name or "–" in name else ():
        code = _lookup(part[0], rules, language)
        if not code:
            return []
        found.append(Named(code, at + part.start(), at + part.end(), ""))
    return found


_JOINED = re.compile(r"[^–-]+")


def _apply(wording: Wording, text: str, rules: AgencyRules, language: str) -> Iterator[Named]:
    """The agencies in a [[credit]]'s wording, whichever they are."""
    match = wording.pattern.fullmatch(text[-_LONGEST:])
    if match:
        shift = max(0, len(text) - _LONGEST) + match.start("who")
        for name in agencies_in(match["who"], rules, language, strict=wording.strict):
            yield Named(name.code, name.start + shift, name.end + shift, wording.rule, wording.role)


def apply_own(
    own: Iterable[Wording], text: str, lower: str, *, every: bool = False
) -> Iterator[Named]:
    """The agencies whose own patterns find themselves; the first, or all if `every`."""
    for wording in own:
        if not wording.may_match(lower):
            continue
        if match := wording.found_in(text):
            yield Named(wording.code, *match.span("who"), wording.rule, matched=match[0])
            if not every:
                return


_OPENING = re.compile(r"[^(]{0,80}(?:\([^()\n]{2,30}\)\s[^()\n]{0,40})?\((?P<who>[^()\n]{2,40})\)")


def _dateline_brackets(text: str, rules: AgencyRules, language: str) -> Iterator[Named]:
    """Agencies in the brackets of "PLACE, date (AGENCY) —", whatever follows the brackets."""
    match = _OPENING.match(text)
    if match and _opens_like_dateline(text[: match.start("who") - 1], text[match.end() :]):
        shift = match.start("who")
        of_place = match["who"].strip(_TRIM) in rules.dated and not _DIGIT.search(text, 0, shift)
        for name in () if of_place else agencies_in(match["who"], rules, language):
            yield Named(name.code, name.start + shift, name.end + shift, "dateline-brackets")


_DIGIT = re.compile(r"\d")
_AFTER = re.compile(r"\s*[.।]?\s*(?:[-–—―‒:_=|]|[.।](?=\s)|\s(?P<next>\S))|[.।]\s")
# One word of it. Word by word, since one pattern for all of them takes time without end on prose.
_BEFORE = re.compile(
    r"\[?[^\W\d_](?:[\w.'’ʼ\[\]-]|[\u0300-\u036f\u0900-\u0dff])*|\d{1,4}(?:[./]\d{1,4})*[.م]?"
)


def _opens_like_dateline(before: str, after: str) -> bool:
    """Whether a place, and perhaps a date, stands before the brackets and a dash or sentence after."""
    words = [w for w in re.split(r"[\s,/()]+", before.rstrip(" -–—:")) if w]
    capital = bool(words) and not words[0][0].islower()
    small = sum(w[0].islower() and len(w) > 3 and not w[:3].isdigit() for w in words)
    dated = any(w[0].isdigit() for w in words)
    behind = _AFTER.match(after)
    return bool(
        capital
        and small <= 1 + dated
        and len(words) <= 9
        and all(map(_BEFORE.fullmatch, words))
        and behind
        and not (behind["next"] or "").islower()
    )


def _lookup(name: str, rules: AgencyRules, language: str) -> str:
    """The code of the agency with this name or acronym, also as "AFP in Paris" or "Reuters staff"."""
    if not name or len(name) > 80:
        return ""
    for candidate in _spellings(name):
        code = rules.names.get(folded_name(candidate))
        if code:
            return code
        for acronym in rules.acronyms.get(candidate, ()):
            if not acronym.languages or language == "*" or language in acronym.languages:
                return acronym.code
    return ""


def _spellings(name: str) -> Iterator[str]:
    yield name
    bare = name  # "de la agencia AFP" has two of them
    while article := _ARTICLE.match(bare):
        bare = bare[article.end() :].strip(_TRIM)
        yield bare
    if match := _IN_PLACE.fullmatch(name):
        yield match[1]
    if match := _AT_WORK.fullmatch(name):
        # "AP Sports Writer" and "Associated Press writer" part at different words.
        first = name.split()
        for count in range(len(match[1].split()), len(first)):
            yield _POSSESSIVE.sub("", " ".join(first[:count]))
    inner = re.fullmatch(r"([^()]{3,50})\([^()]{2,12}\)?", name)
    if inner:
        yield inner[1].strip()
    behind = _BEHIND_PERSON.fullmatch(name)
    if behind:
        yield behind[1]
