"""The language of a text, by its script and its commonest words.

In: text. Out: a language code and how sure that is. Meant for news paragraphs; a text of few words, or
in a language not listed here, gets "" rather than a guess.
"""

import re
from collections import Counter
from itertools import chain

from corpus.tokens import line_words

# The commonest function words, as few as tell the languages apart.
_STOP_WORDS = {
    "en": "the of and to in is that for was on with as are by be it from has have his not at this",
    "de": "der die und das den von mit zu ist des auf für nicht im ein eine dem sich auch wird sind",
    "fr": "le la les de des et en un une du est que dans pour qui sur au pas par il avec plus ce",
    "es": "el la los de que y en un una del las por con para se no es su al lo como más este",
    "it": "il di che la e un per è del in della non sono una con le gli si dei alla più nel ha",
    "pt": "o de que e do da em um para com não uma os no se na por mais dos as ao foi é pela",
    "nl": "de het een van en in is dat op te voor met zijn die niet aan er ook bij naar door om",
    "sv": "och att det i en som på är av för med den till har inte de om ett han var från sig",
    "da": "og at det i en er på af til med for den har de ikke som der et han var fra sig også blev",
    "no": "og det i er på en at av til som for med har de ikke den et han var fra om seg også ble",
    "fi": "ja on ei että se oli myös hän mutta kun tai ovat jos kuin joka sen mukaan vuonna jo",
    "pl": "w i na się z nie do że to jest o jak po za od przez dla był oraz są które ma jego",
    "cs": "a v se na je že z do s o k i za by ve pro jsou to byl které jako podle od po také",
    "sk": "a v sa na je že z do s o k aj za by vo pre sú to bol ktoré ako podľa od po tiež",
    "hu": "a az és hogy nem is egy van ez volt meg de csak már el még mint ki szerint ha azt",
    "ro": "și de în la a cu pe că o din nu pentru care un este mai sunt fi fost după ale prin",
    "hr": "i u je na se da su za od s a o koji će kako iz što nije bi ne po te ili biti kao",
    "sl": "in je v na da se so za z ki pa ne bo s po tudi kot od bi še do pri o iz ter bil",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi sonra kadar ancak en ne ise göre olduğu",
    "lt": "ir kad į su iš yra už tai bet nuo po ne buvo dėl kaip metų taip apie jo apie prie jau",
    "lv": "un ir ka ar uz no par tas kas bet arī lai bija pēc gada pie vai tika nav kā tiek",
    "et": "ja on et ei see ka oli mis kui ning oma aga ta seda või välja pärast aasta kes",
    "id": "yang dan di dengan untuk ini dari itu pada tidak dalam akan adalah ke juga oleh telah",
    "vi": "và của là trong có được cho không với các một người những đã này để khi từ đến ở",
    "sw": "ya wa na kwa ni katika la za kuwa huo hiyo cha hii alisema pia lakini kama",
    "sq": "të e në dhe për një me që i nga është më së ka u se si nuk tij kjo",
    "ca": "el la de que i en els un una per amb del les és no al dels més com va ha",
    "ru": "и в не на что он с по как это из за от для его но к все так о было же",
    "uk": "і в на що не з у до за про це як від та його для але він є який після також",
    "bg": "на и в за се от да с по не че е са като си до то ще при това са след беше",
    "sr": "и у је на се да су за од о са који ће како из што није би не по те или као",
    "mk": "на и во за се од да со не дека ќе е што ги кој по го како или беше се",
    "fa": "در به از که این را با است برای آن یک خود شد بر تا می کرد هم شده",
    "ar": "في من على إلى أن عن مع هذا التي الذي كان بعد لا ما قال بين هذه ذلك كما",
    "ur": "کے کی میں کا اور ہے سے کو نے کہ پر یہ اس ہیں بھی تھا جو نہیں کر",
    "hi": "के की में है और का से को ने पर यह कि हैं एक भी इस नहीं कर लिए",
    "mr": "आहे आणि या च्या होते त्या मध्ये हे की ते असे केले आहेत तर",
}
# Scripts that one language of the news all but owns.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_TOLD_BY_SCRIPT = re.compile(
    f"[{''.join(p.pattern.strip('[]') for p in (*(p for _, p in _SCRIPTS), _HAN))}]"
)
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _code, _words in _STOP_WORDS.items():
    for _word in set(_words.split()):
        _LANGUAGES_OF[_word] = (*_LANGUAGES_OF.get(_word, ()), _code)
_NO_HITS = dict.fromkeys(_STOP_WORDS, 0)
# The script of the letters decides alone from this share on.
_SCRIPT_SHARE = 0.3
_JAPANESE_SHARE = 0.05
_SAMPLE = 2500
_SCRIPT_SAMPLE = 600


def detect_language(text: str) -> tuple[str, float]:
    """The language of the text and the confidence, 0 to 1; ("", 0.0) where nothing tells."""
    sample = text[:_SAMPLE]
    if not any(map(str.isalpha, sample)):
        return "", 0.0
    may_tell = not sample.isascii() and _TOLD_BY_SCRIPT.search(sample)
    by_script = _by_script(sample[:_SCRIPT_SAMPLE]) if may_tell else None
    return by_script or _by_words(sample)


def _by_script(sample: str) -> tuple[str, float] | None:
    letters = max(1, sum(map(str.isalpha, sample)))
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters
        if share >= (_JAPANESE_SHARE if code == "ja" else _SCRIPT_SHARE):
            return code, round(min(1.0, 0.9 + share / 10), 3)
    if len(_HAN.findall(sample)) / letters >= _SCRIPT_SHARE:
        return "zh", 0.95
    return None


def _by_words(sample: str) -> tuple[str, float]:
    lines = [line_words(line) for line in sample.split("\n")]
    hits = _NO_HITS.copy()
    common = Counter(filter(_LANGUAGES_OF.__contains__, chain.from_iterable(lines)))
    for word, times in common.items():
        for code in _LANGUAGES_OF[word]:
            hits[code] += times
    best = max(hits, key=hits.__getitem__)
    most = hits.pop(best)
    if most < max(3, 0.04 * sum(map(len, lines))):
        return "", 0.0
    return best, round(1 - 0.9 * max(hits.values()) / most, 3)


def count_words(text: str) -> int:
    """The words of a text; of Chinese, Japanese and Thai, which put no spaces, the characters."""
    return sum(_count(line) for line in text.split("\n") if line)


def _count(line: str) -> int:
    if not line.isascii() and _UNSPACED.search(line):
        unspaced = len(_UNSPACED.findall(line))
        return unspaced + len(_ANY_WORD.findall(_UNSPACED.sub(" ", line)))
    if _NOT_AS_KEYED in line:
        return len(_ANY_WORD.findall(line))
    words = len(line_words(line))
    # Apostrophes join two words of a key to one.
    return words - len(_JOINT.findall(line)) if words and ("'" in line or "’" in line) else words


_JOINT = re.compile(r"['’](?<=\w['’])(?=\w)")
# In lower case it is two characters.
_NOT_AS_KEYED = "İ"
_ANY_WORD = re.compile(r"\w+(?:['’]\w+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
