"""How the press of each language writes months, weekdays, zones, and which number of a date comes first.

In: words and codes. Out: numbers. Words are compared folded (`fold`): without case and accents, and
character by character, so that places in a folded text are places in the text. The Gregorian calendar
only; other years (1403, 2567, 113) are `corpus.eras`' to read.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from crawler.records import Record

# Twelve months, forms of one month with "/" between. Inflected languages: the form in dates first.
_MONTHS = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug "
    "september/sept/sep october/oct november/nov december/dec",
    "de": "januar/jänner/jän/jan februar/feber/feb märz/mär/mrz april/apr mai juni/jun juli/jul "
    "august/aug september/sept/sep oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv février/févr/fév mars avril/avr mai juin juillet/juil août "
    "septembre/sept octobre/oct novembre/nov décembre/déc",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
    "septiembre/setiembre/sept/sep/set octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/genn/gen febbraio/febbr/feb marzo/mar aprile/apr maggio/magg/mag giugno/giu "
    "luglio/lug agosto/ago settembre/sett/set ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago "
    "setembro/set outubro/out novembro/nov dezembro/dez",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug "
    "september/sept/sep oktober/okt november/nov december/dec",
    "sv": "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug "
    "september/sept/sep oktober/okt november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug "
    "september/sept/sep oktober/okt november/nov december/dec",
    "no": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug "
    "september/sept/sep oktober/okt november/nov desember/des",
    "fi": "tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis "
    "huhtikuuta/huhtikuu/huhti toukokuuta/toukokuu/touko kesäkuuta/kesäkuu/kesä "
    "heinäkuuta/heinäkuu/heinä elokuuta/elokuu/elo syyskuuta/syyskuu/syys lokakuuta/lokakuu/loka "
    "marraskuuta/marraskuu/marras joulukuuta/joulukuu/joulu",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj "
    "czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz "
    "października/październik/paź listopada/listopad/lis grudnia/grudzień/gru",
    "cs": "ledna/leden února/únor března/březen dubna/duben května/květen června/červen "
    "července/červenec srpna/srpen září/zář října/říjen/říj listopadu/listopad prosince/prosinec",
    "sk": "januára/január februára/február marca/marec apríla/apríl mája/máj júna/jún júla/júl "
    "augusta/august septembra/september októbra/október novembra/november decembra/december",
    "hr": "siječnja/siječanj veljače/veljača ožujka/ožujak travnja/travanj svibnja/svibanj "
    "lipnja/lipanj srpnja/srpanj kolovoza/kolovoz rujna/rujan listopada/listopad studenoga/studeni "
    "prosinca/prosinac",
    "hu": "január/jan február/febr/feb március/márc/már április/ápr május/máj június/jún július/júl "
    "augusztus/aug szeptember/szept/szep október/okt november/nov december/dec",
    "ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug "
    "septembrie/sept/sep octombrie/oct noiembrie/noi/nov decembrie/dec",
    "ru": "января/январь/янв февраля/февраль/февр/фев марта/март/мар апреля/апрель/апр мая/май "
    "июня/июнь/июн июля/июль/июл августа/август/авг сентября/сентябрь/сент/сен октября/октябрь/окт "
    "ноября/ноябрь/нояб/ноя декабря/декабрь/дек",
    "uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/кві травня/травень/тра "
    "червня/червень/чер липня/липень/лип серпня/серпень/сер вересня/вересень/вер жовтня/жовтень/жов "
    "листопада/листопад/лис грудня/грудень/гру",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu "
    "eylül/eyl ekim/eki kasım/kas aralık/ara",
    "el": "ιανουαρίου/ιανουάριος/γενάρη/ιαν φεβρουαρίου/φεβρουάριος/φλεβάρη/φεβ "
    "μαρτίου/μάρτιος/μάρτη/μαρ απριλίου/απρίλιος/απρίλη/απρ μαΐου/μάιος/μάη/μαι "
    "ιουνίου/ιούνιος/ιούνη/ιουν ιουλίου/ιούλιος/ιούλη/ιουλ αυγούστου/αύγουστος/αυγ "
    "σεπτεμβρίου/σεπτέμβριος/σεπτέμβρη/σεπτ/σεπ οκτωβρίου/οκτώβριος/οκτώβρη/οκτ "
    "νοεμβρίου/νοέμβριος/νοέμβρη/νοε δεκεμβρίου/δεκέμβριος/δεκέμβρη/δεκ",
    "ar": "يناير/جانفي/كانون_الثاني فبراير/فيفري/شباط مارس/آذار أبريل/إبريل/أفريل/نيسان "
    "مايو/ماي/أيار يونيو/يونيه/جوان/حزيران يوليو/يوليه/جويلية/تموز أغسطس/أوت/آب "
    "سبتمبر/شتنبر/أيلول أكتوبر/تشرين_الأول نوفمبر/نونبر/تشرين_الثاني ديسمبر/دجنبر/كانون_الأول",
    "ca": "gener/gen febrer/febr març abril/abr maig juny juliol/jul agost/ag setembre/set octubre/oct "
    "novembre/nov desembre/des",
    "sr": "januar/januara/jan/јануар/јануара februar/februara/feb/фебруар/фебруара "
    "mart/marta/март/марта april/aprila/apr/април/априла "
    "maj/maja/мај/маја jun/juna/јун/јуна "
    "jul/jula/јул/јула avgust/avgusta/avg/август/августа "
    "septembar/septembra/sep/септембар/септембра oktobar/oktobra/okt/октобар/октобра "
    "novembar/novembra/nov/новембар/новембра decembar/decembra/dec/децембар/децембра",
    "sl": "januar/januarja februar/februarja marec/marca april/aprila maj/maja junij/junija julij/julija "
    "avgust/avgusta september/septembra oktober/oktobra november/novembra december/decembra",
    "bg": "януари/ян февруари/фев март/мар април/апр май юни юли август/авг септември/сеп октомври/окт "
    "ноември/ное декември/дек",
    "mk": "јануари февруари март април мај јуни јули август септември октомври ноември декември",
    "lt": "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "lv": "janvāris/janvāra/janvārī februāris/februāra/februārī marts/marta/martā aprīlis/aprīļa/aprīlī "
    "maijs/maija/maijā jūnijs/jūnija/jūnijā jūlijs/jūlija/jūlijā augusts/augusta/augustā "
    "septembris/septembra/septembrī oktobris/oktobra/oktobrī novembris/novembra/novembrī "
    "decembris/decembra/decembrī",
    "et": "jaanuar/jaan veebruar/veebr märts aprill/apr mai juuni juuli august/aug september/sept "
    "oktoober/okt november/nov detsember/dets",
    "sq": "janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep "
    "oktober/okt november/nov desember/des",
    "sw": "januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba",
    "he": "ינואר/בינואר פברואר/בפברואר מרץ/במרץ/מרס/במרס אפריל/באפריל מאי/במאי יוני/ביוני יולי/ביולי "
    "אוגוסט/באוגוסט ספטמבר/בספטמבר אוקטובר/באוקטובר נובמבר/בנובמבר דצמבר/בדצמבר",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه/جولای اوت/آگوست سپتامبر اکتبر نوامبر دسامبر",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "hi": "जनवरी फरवरी/फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर/नवम्बर दिसंबर/दिसम्बर",
    "bn": "জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "th": "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. "
    "กรกฎาคม/ก.ค. สิงหาคม/ส.ค. กันยายน/ก.ย. ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค.",
    "vi": "tháng_1 tháng_2 tháng_3 tháng_4 tháng_5 tháng_6 tháng_7 tháng_8 tháng_9 tháng_10 "
    "tháng_11 tháng_12",
}
# Seven weekdays from Monday.
_WEEKDAYS = {
    "en": "monday/mon tuesday/tues/tue wednesday/wed thursday/thurs/thur/thu friday/fri saturday/sat "
    "sunday/sun",
    "de": "montag/mo dienstag/di mittwoch/mi donnerstag/do freitag/fr samstag/sonnabend/sa sonntag/so",
    "fr": "lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam dimanche/dim",
    "es": "lunes/lun martes/mar miércoles/mié jueves/jue viernes/vie sábado/sáb domingo/dom",
    "it": "lunedì/lun martedì/mar mercoledì/mer giovedì/gio venerdì/ven sabato/sab domenica/dom",
    "pt": "segunda-feira/segunda/seg terça-feira/terça/ter quarta-feira/quarta/qua "
    "quinta-feira/quinta/qui sexta-feira/sexta/sex sábado/sáb domingo/dom",
    "nl": "maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za zondag/zo",
    "sv": "måndag/mån tisdag/tis onsdag/ons torsdag/tors fredag/fre lördag/lör söndag/sön",
    "da": "mandag/man tirsdag/tir onsdag/ons torsdag/tor fredag/fre lørdag/lør søndag/søn",
    "fi": "maanantai/ma tiistai/ti keskiviikko/ke torstai/to perjantai/pe lauantai/la sunnuntai/su",
    "pl": "poniedziałek/pon wtorek/wto/wt środa/śro/śr czwartek/czw piątek/pią/pt sobota/sob "
    "niedziela/nie/niedz",
    "cs": "pondělí/po úterý/út středa/st čtvrtek/čt pátek/pá sobota/so neděle/ne",
    "hu": "hétfő kedd szerda csütörtök péntek szombat vasárnap",
    "ro": "luni marți/marţi miercuri joi vineri sâmbătă duminică",
    "ru": "понедельник/пн вторник/вт среда/ср четверг/чт пятница/пт суббота/сб воскресенье/вс",
    "uk": "понеділок/пн вівторок/вт середа/ср четвер/чт пʼятниця/п'ятниця/пт субота/сб неділя/нд",
    "tr": "pazartesi/pzt salı/sal çarşamba/çar perşembe/per cuma/cum cumartesi/cmt pazar/paz",
    "el": "δευτέρα/δευ τρίτη/τρι τετάρτη/τετ πέμπτη/πεμ παρασκευή/παρ σάββατο/σαβ κυριακή/κυρ",
    "ar": "الاثنين/الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "zh": "星期一/周一/週一 星期二/周二/週二 星期三/周三/週三 星期四/周四/週四 星期五/周五/週五 "
    "星期六/周六/週六 星期日/星期天/周日/週日",
    "ja": "月曜日/月曜/月 火曜日/火曜/火 水曜日/水曜/水 木曜日/木曜/木 金曜日/金曜/金 土曜日/土曜/土 "
    "日曜日/日曜/日",
    "ko": "월요일/월 화요일/화 수요일/수 목요일/목 금요일/금 토요일/토 일요일/일",
}


def fold(text: str) -> str:
    """The text without case and accents, its digits those of ASCII; as long as before."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    # Beyond the Arabic script the decomposition takes syllables and letters apart, not accents off.
    bare = unicodedata.normalize("NFD", char)[0] if char < "\u0700" else char
    # Marks that turn the direction of writing, and the vowel points of Arabic, stand between words.
    if unicodedata.category(bare) in ("Cf", "Mn"):
        return " "
    lower = "i" if bare == "ı" else bare.lower()
    return lower if len(lower) == 1 else bare


def _table(forms: dict[str, str]) -> dict[str, dict[int, set[str]]]:
    """Each folded name's numbers, and the languages in which it has them."""
    found: dict[str, dict[int, set[str]]] = {}
    for language, line in forms.items():
        for number, names in enumerate(line.split(), 1):
            for name in names.split("/"):
                by_number = found.setdefault(fold(name.replace("_", " ")), {})
                by_number.setdefault(number, set()).add(language)
    return found


_MONTH_OF = _table(_MONTHS)
_WEEKDAY_OF = _table(_WEEKDAYS)


def names_pattern(names: dict[str, dict[int, set[str]]]) -> str:
    """A regular expression for any of the names, longest first."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


MONTH = names_pattern(_MONTH_OF)
WEEKDAY = names_pattern(_WEEKDAY_OF)


def month_number(name: str, language: str) -> int | None:
    """The month that the folded name stands for, 1 to 12.

    None where languages disagree ("listopada" is October in Zagreb and November in Warsaw) and this
    one, if known, does not settle it.
    """
    return _number(_MONTH_OF[name], language)


def _number(meanings: dict[int, set[str]], language: str) -> int | None:
    if len(meanings) == 1:
        return next(iter(meanings))
    return next((n for n, languages in meanings.items() if language in languages), None)


def fits_weekday(day: str, name: str) -> bool:
    """Whether the ISO day can fall on the weekday of this folded name, in any language that has it."""
    return date.fromisoformat(day).isoweekday() in _WEEKDAY_OF[name]


# -------------------------------------------------------------------------------- orders of numbers


class Usage(Record):
    """By which conventions a page writes: its language ("de") and its host's last label ("uk")."""

    language: str = ""
    domain: str = ""


# English is written with either number first; these countries write it with the day first...
_DAY_FIRST_COUNTRIES = (
    "uk ie au nz in pk lk bd np za ng ke gh tz ug zw zm bw na mt cy sg my hk jm tt bb"
)
# ... and these domains are used by nobody but Americans.
_MONTH_FIRST_DOMAINS = "us gov mil edu"
# Languages in which 05/03/2024 is read in one way only.
_DAY_FIRST_LANGUAGES = (
    "de fr es it pt nl da sv no nb nn fi pl cs sk sl hr sr bs mk bg ro ru uk be tr el ar he fa "
    "ca gl eu et lv is sq hi mr bn ta te gu pa ur id vi"
)


def day_first(usage: Usage) -> bool | None:
    """Whether 05/03/2024 is the 5th of March on such a page; None where either is possible."""
    american = usage.domain in _MONTH_FIRST_DOMAINS.split()
    if usage.language in _DAY_FIRST_LANGUAGES.split():
        return None if american else True
    if usage.domain in _DAY_FIRST_COUNTRIES.split():
        return True
    return False if american and usage.language == "en" else None


# ------------------------------------------------------------------------------------------- zones

# Minutes ahead of UTC; a second figure is the offset in summer of a name for the whole year.
_ZONES = {
    "Z": (0,), "UTC": (0,), "GMT": (0,), "MSK": (180,), "МСК": (180,), "TRT": (180,), "TSİ": (180,),
    "TSI": (180,), "EAT": (180,), "SAST": (120,), "CAT": (120,), "WAT": (60,), "PKT": (300,),
    "IST": (330,), "NPT": (345,), "WIB": (420,), "WITA": (480,), "WIT": (540,), "ICT": (420,),
    "SGT": (480,), "HKT": (480,), "MYT": (480,), "PHT": (480,), "PHST": (480,), "JST": (540,),
    "KST": (540,), "AWST": (480,), "ACST": (570,), "AEST": (600,), "AEDT": (660,), "NZST": (720,),
    "NZDT": (780,), "BRT": (-180,), "ART": (-180,), "HST": (-600,),
    "ET": (-300, -240), "CT": (-360, -300), "MT": (-420, -360), "PT": (-480, -420),
}  # fmt: skip
# Names that hold for one half of the year. Writers forget to change them, so in the wrong half they
# may mean either, and say nothing.
_SUMMER_IN_AMERICA = {
    "EST": (-300, False), "EDT": (-240, True), "CST": (-360, False), "CDT": (-300, True),
    "MST": (-420, False), "MDT": (-360, True), "PST": (-480, False), "PDT": (-420, True),
}  # fmt: skip
_SUMMER_IN_EUROPE = {
    "WET": (0, False), "WEST": (60, True), "BST": (60, True), "CET": (60, False), "CEST": (120, True),
    "MEZ": (60, False), "MESZ": (120, True), "EET": (120, False), "EEST": (180, True),
}  # fmt: skip
# What these names mean elsewhere is another zone.
_NOT_IN = {
    "IST": ("il", "ie"), "PST": ("ph",), "CST": ("cn", "tw", "cu"), "EST": ("au",),
    "MST": ("my", "mm"), "BST": ("bd",),
}  # fmt: skip
ZONE = "|".join(
    sorted({*_ZONES, *_SUMMER_IN_AMERICA, *_SUMMER_IN_EUROPE}, key=lambda name: (-len(name), name))
)


def zone_offset(name: str, day: str, usage: Usage) -> str:
    """The offset from UTC ("+01:00") that the zone's name stands for on this ISO day; "" if unsure."""
    name = name.upper()
    if usage.domain in _NOT_IN.get(name, ()):
        return ""
    if name in _ZONES:
        offsets = _ZONES[name]
        return offset(offsets[-1] if len(offsets) == 1 or _american_summer(day) else offsets[0])
    halves, summer = (
        (_SUMMER_IN_AMERICA, _american_summer(day))
        if name in _SUMMER_IN_AMERICA
        else (_SUMMER_IN_EUROPE, _european_summer(day))
    )
    minutes, in_summer = halves[name]
    return offset(minutes) if in_summer == summer else ""


def offset(minutes: int) -> str:
    """So many minutes ahead of UTC, as RFC 3339 writes it."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _american_summer(day: str) -> bool:
    """From the second Sunday of March to the first of November, as since 2007."""
    at = date.fromisoformat(day)
    return _sunday(at.year, 3, 8) <= at < _sunday(at.year, 11, 1)


def _european_summer(day: str) -> bool:
    """From the last Sunday of March to the last of October, as since 1996."""
    at = date.fromisoformat(day)
    return _sunday(at.year, 3, 25) <= at < _sunday(at.year, 10, 25)


def _sunday(year: int, month: int, day: int) -> date:
    """The first Sunday that is not before this day."""
    at = date(year, month, day)
    return at + timedelta(days=7 - at.isoweekday())
