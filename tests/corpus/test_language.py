"""Which language a text is in, and how many words it has."""

import pytest

from corpus.language import count_words, detect_language

TEXTS = {
    "en": "The council said on Monday that the bridge is open and that it will not be closed for the winter.",
    "de": "Der Rat hat am Montag mitgeteilt, dass die Brücke offen ist und im Winter nicht geschlossen wird.",
    "fr": "Le conseil a dit lundi que le pont est ouvert et qu'il ne sera pas fermé pour la saison.",
    "es": "El consejo dijo el lunes que el puente está abierto y que no se cerrará por las obras.",
    "it": "Il consiglio ha detto che il ponte è aperto e che non sarà chiuso per la durata dei lavori.",
    "pt": "O conselho disse que a ponte está aberta e que não será fechada por causa das obras no inverno.",
    "nl": "De raad zei maandag dat de brug open is en dat het niet de bedoeling is om die te sluiten.",
    "pl": "Rada podała w poniedziałek, że most jest otwarty i nie będzie zamknięty na zimę, bo nie.",
    "ru": "Совет сообщил, что мост открыт и что его не закроют на зиму, как это было в прошлом году.",
    "uk": "Рада повідомила, що міст відкрито і що його не закриють на зиму, як це було у минулому році.",
    "tr": "Meclis köprünün açık olduğunu ve kış için kapanmayacağını söyledi, bu da çok önemli bir karar.",
    "ar": "قال المجلس إن الجسر مفتوح في كل الأيام من هذا الشهر على أن يبقى ذلك بعد الشتاء",
    "zh": "市议会星期一表示，大桥已经开通，冬季也不会关闭。",
    "ja": "市議会は月曜日に、橋は開いており冬も閉鎖しないと述べた。",
    "ko": "시의회는 월요일에 다리가 열려 있고 겨울에도 닫지 않을 것이라고 말했다.",
    "el": "Το συμβούλιο είπε τη Δευτέρα ότι η γέφυρα είναι ανοιχτή.",
    "he": "המועצה אמרה ביום שני כי הגשר פתוח",
}


@pytest.mark.parametrize("code", TEXTS)
def test_the_language_of_a_paragraph_is_told(code: str) -> None:
    found, confidence = detect_language(TEXTS[code] * 2)
    assert found == code
    assert 0 < confidence <= 1


def test_too_little_text_gives_no_language_rather_than_a_guess() -> None:
    for text in ("", "2026 – 11", "Bridge", "Qwx zzt plk"):
        assert detect_language(text) == ("", 0.0)


def test_words_are_counted_and_characters_where_there_are_no_spaces() -> None:
    assert count_words("The mayor's bridge, re-opened.") == 5
    assert count_words("Brücke über den Fluß") == 4
    assert count_words("rock'n'roll, ‘twas ’’ the dogs’ L’Équipe") == 5
    assert count_words("İstanbul'da bir gün") == 3
    assert count_words("大桥开通 today") == 5
    assert count_words(" … ") == 0
