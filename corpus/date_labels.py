"""What the words beside a date say which date it is: "Published:", "zuletzt aktualisiert am", "更新".

In: a line of text and the dates found in it. Out: for each date "published", "modified" or None. The
words are those with which the press of each language labels its own stories.
"""

import re
from typing import Literal

from corpus.calendars import fold
from corpus.written_dates import Written

DateField = Literal["published", "modified"]


def told_fields(text: str, dates: tuple[Written, ...]) -> list[DateField | None]:
    """What the words before each date call it, or where none do, those right after it.

    A first date without such words is the publication's where the next one is told as a change's.
    """
    ends = [0, *(date.end for date in dates)]
    fields = [_before(text[ends[n] : date.start]) for n, date in enumerate(dates)]
    if fields[0] is None and any(after := [_after(text[date.end :]) for date in dates]):
        fields = after
    if fields[0] is None and "modified" in fields:
        fields[0] = "published"
    return fields


def label(text: str) -> DateField | None:
    """What a line that is nothing but a lead-in ("Published") calls the date in the next."""
    return _field(_LABEL.fullmatch(fold(text))) if len(text) <= _LONGEST_LABEL else None


def assumed_fields(text: str, dates: tuple[Written, ...]) -> list[DateField | None]:
    """What dates without lead-ins are: the first the publication's, a later one the change's.

    Two days with a dash between are the days of something that lasts.
    """
    if len(dates) == 1:
        return ["published"]
    first, second = dates[:2]
    lasting = _RANGE.fullmatch(text[first.end : second.start]) and first.days != second.days
    if lasting or len(dates) > 2:
        return [None] * len(dates)
    return ["published", "modified" if second.days > first.days else None]


_LONGEST_LABEL = 40
_RANGE = re.compile(r"\s*(?:[-–—~]|to|bis|au|al|do|по|until)\s*")


def _before(segment: str) -> DateField | None:
    folded = fold(_unglued(segment))
    return _field(_LED.search(folded) or (_CJK.search(folded) and _LED_CJK.search(folded)))


def _after(segment: str) -> DateField | None:
    return _field(_CJK.match(segment.lstrip(" (（")) and _LED_AFTER.match(fold(segment)))


def _field(match: re.Match[str] | None) -> DateField | None:
    if match is None:
        return None
    return "published" if match["published"] else "modified"


def _unglued(text: str) -> str:
    """The text with a bar where elements without white space between them have glued two words."""
    return _GLUED.sub(
        lambda m: f"{m[1]} | " if m[1].islower() and m[2].isupper() and m[3].islower() else m[1],
        text,
    )


_GLUED = re.compile(r"([^\W\d_])(?=([^\W\d_])([^\W\d_]))")

# ------------------------------------------------------------------------------------------- words

# Before a date these say which date of the story it is.
_PUBLISHED = (
    "published|posted|publication date|date published|date posted|publish date|pub date|issued|"
    "veröffentlicht|erstveröffentlicht|erschienen|publiziert|erstellt|veröffentlichung|"
    "publié|publiée|mis en ligne|mise en ligne|paru|parue|date de publication|publication|créé|"
    "publicado|publicada|fecha de publicación|publicación|"
    "pubblicato|pubblicata|data di pubblicazione|pubblicazione|"
    "data de publicação|publicação|postado|"
    "gepubliceerd|geplaatst|publicatiedatum|verschenen|"
    "publicerad|publicerat|publicerades|offentliggjort|udgivet|publiceret|publisert|"
    "julkaistu|julkaistiin|"
    "opublikowano|opublikowany|publikacja|data publikacji|dodano|data dodania|"
    "publikováno|vydáno|zveřejněno|publikované|zverejnené|uverejnené|vydané|objavljeno|objavljen|"
    "megjelent|közzétéve|publikálva|megjelenés|létrehozva|"
    "publicat|publicată|data publicării|postat|"
    "опубликовано|опубликована|дата публикации|время публикации|публикация|размещено|"
    "опубліковано|дата публікації|розміщено|"
    "yayınlanma tarihi|yayınlanma|yayımlanma tarihi|yayımlanma|yayın tarihi|yayınlandı|giriş tarihi|"
    "giriş|eklenme tarihi|eklenme|oluşturulma|"
    "δημοσίευση|δημοσιεύθηκε|δημοσιεύτηκε|ημερομηνία δημοσίευσης|πρώτη δημοσίευση|αναρτήθηκε|"
    "نشر|نُشر|نشرت|نُشرت|نشر في|تاريخ النشر|تم النشر|تاريخ نشر|"
    "发布时间|發布時間|发布于|發佈時間|发布|發布|發佈|发表于|发表|發表|刊登|刊出|"
    "公開日時|公開日|公開|配信日時|配信|掲載|投稿日|投稿|"
    "기사입력|입력|등록|게재|발행|승인|"
    "публикувана|публикувано|објављено|paskelbta|publicēts|publicēta|avaldatud|publicat el|diterbitkan|"
    "dipublikasikan|đăng|xuất bản|פורסם|פורסמה|תאריך פרסום|انتشار|تاریخ انتشار|زمان انتشار|منتشر شده|"
    "प्रकाशित|प्रकाशन|প্রকাশ|প্রকাশিত|প্রকাশের সময়|เผยแพร่|เผยแพร่เมื่อ|วันที่เผยแพร่"
)
_MODIFIED = (
    "updated|modified|last updated|last modified|last update|update|edited|revised|"
    "aktualisiert|stand|geändert|aktualisierung|bearbeitet|überarbeitet|"
    "mis à jour|mise à jour|modifié|modifiée|actualisé|maj|"
    "actualizado|actualizada|actualización|modificado|modificada|"
    "aggiornato|aggiornata|aggiornamento|modificato|modifica|"
    "atualizado|atualizada|atualização|"
    "bijgewerkt|gewijzigd|aangepast|laatste update|"
    "uppdaterad|uppdaterat|ändrad|opdateret|redigeret|ændret|oppdatert|endret|"
    "päivitetty|muokattu|"
    "aktualizacja|zaktualizowano|zmodyfikowano|"
    "aktualizováno|upraveno|aktualizace|aktualizované|upravené|ažurirano|izmijenjeno|"
    "frissítve|frissült|módosítva|frissítés|"
    "actualizat|actualizată|ultima actualizare|"
    "обновлено|обновление|изменено|дата обновления|оновлено|оновлення|змінено|"
    "güncelleme tarihi|güncelleme|güncellendi|güncellenme tarihi|güncellenme|düzenleme|"
    "ενημέρωση|ενημερώθηκε|ανανέωση|"
    "تحديث|تم التحديث|تاريخ التحديث|محدث|"
    "更新时间|更新時間|更新于|更新日時|更新日|更新|修改|改訂|"
    "최종수정|수정|업데이트|"
    "обновена|обновено|ажурирано|atnaujinta|atjaunots|atjaunināts|uuendatud|actualitzat|actualitzada|diperbarui|"
    "cập nhật|עודכן|עדכון אחרון|به روزرسانی|بروزرسانی|آخرین به روزرسانی|अपडेट|अद्यतन|संशोधित|আপডেট|হালনাগাদ|"
    "ปรับปรุง|อัปเดต|อัพเดท|แก้ไข"
)
# What may stand before a lead-in.
_FORERUNNERS = (
    "last|first|originally|initially|most recently|also|was|this article was|this story was|article|"
    "this post was|story|date|time|zuletzt|zuerst|erstmals|letzte|letztmals|artikel|online|beitrag|"
    "article|dernière|dernier|última|último|ultima|ultimo|articolo|artículo|data|laatst|artikel|"
    "senast|sidst|sist|først|viimeksi|ostatnia|data|poslední|posledná|posljednje|utoljára|utolsó|"
    "последнее|последняя|дата|время|остання|останнє|son|haber|τελευταία|πρώτη|ημερομηνία|"
    "آخر|تاريخ|تم|وقت|最终|最終|最后|最後|初回|최종|기사"
)


def _words(alternatives: str) -> str:
    """The words as a regular expression for folded text, the longest first."""
    words = {re.escape(fold(word)) for word in alternatives.split("|")}
    return "|".join(sorted(words, key=len, reverse=True))


_FORERUN = rf"(?:(?:{_words(_FORERUNNERS)})\s?){{0,3}}"
_LEAD = rf"(?:(?P<published>{_words(_PUBLISHED)})|(?P<modified>{_words(_MODIFIED)}))"
_BREAK = r"[\s:：.,|·•–—\-(（/\[@]*"
_BY = r"(?:by|von|par|por|di|da|door|av|af|przez|autor)"
# The lead-in begins a clause; before the date may stand a preposition, or "by Jane Doe on".
_LED = re.compile(
    rf"(?:^|[|·•–—\-:：;,/()\[\]（）。.!?>»\d])\s*{_FORERUN}{_LEAD}(?![^\W\d_]){_BREAK}"
    rf"(?:(?:[^\W\d_]{{1,8}}['’.]?\s+){{0,2}}|{_BY}\s[^\d|·•:;]{{1,40}}){_BREAK}$"
)
# Scripts that put no space between words put none before a lead-in, and some write it after the date.
_LED_CJK = re.compile(rf"{_LEAD}{_BREAK}$")
_LED_AFTER = re.compile(rf"[\s(（]*{_LEAD}(?![^\W\d_])")
_LABEL = re.compile(rf"\s*{_FORERUN}{_LEAD}(?:\s[^\W\d_]{{1,4}})?\s*[:：.]?\s*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
