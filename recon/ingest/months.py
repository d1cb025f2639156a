"""Month names as exports write them: a fixed table of the main European languages, full and abbreviated.

Every name means one month in all of the languages here. Croatian is left out, whose `srpanj` and `listopad` are July
and October while Czech `srpen` and `listopad` are August and November.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_NAMES: Final = (
    # English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Finnish, Polish, Czech, Hungarian,
    # Romanian, Turkish, Russian
    "january jan januar jänner jän janvier janv enero ene gennaio gen janeiro januari tammikuu tammikuuta stycznia"
    " styczeń sty leden ledna január ianuarie ian ocak oca январь января янв",
    "february feb februar februari février févr fév febrero febbraio febb fevereiro fev helmikuu helmikuuta lutego"
    " luty lut únor února úno február febr februarie şubat şub февраль февраля фев",
    "march mar märz mär mrz mars marzo março maart mrt marts maaliskuu maaliskuuta marca marzec březen března bře"
    " március márc martie mart март марта мар",
    "april apr avril avr abril abr aprile huhtikuu huhtikuuta kwietnia kwiecień kwi duben dubna dub április ápr"
    " aprilie nisan nis апрель апреля апр",
    "may mai mayo maggio mag maio mei maj toukokuu toukokuuta maja květen května kvě május máj mayıs май мая",
    "june jun juni juin junio giugno giu junho kesäkuu kesäkuuta czerwca czerwiec cze červen června június jún iunie"
    " iun haziran haz июнь июня июн",
    "july jul juli juillet juil julio luglio lug julho heinäkuu heinäkuuta lipca lipiec lip červenec července július"
    " júl iulie iul temmuz tem июль июля июл",
    "august aug août aoû agosto ago augustus augusti elokuu elokuuta sierpnia sierpień sie srpen srpna srp augusztus"
    " ağustos ağu август августа авг",
    "september sep sept septembre septiembre set settembre setembro syyskuu syyskuuta września wrzesień wrz září"
    " szeptember szept septembrie eylül eyl сентябрь сентября сен сент",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuu lokakuuta października październik paź"
    " říjen října říj október octombrie ekim eki октябрь октября окт",
    "november nov novembre noviembre novembro marraskuu marraskuuta listopada listopad lis listopadu noiembrie noi"
    " kasım kas ноябрь ноября ноя нояб",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des joulukuu joulukuuta grudnia"
    " grudzień gru prosinec prosince pro decembrie aralık ara декабрь декабря дек",
)


def _key(name: str) -> str:
    """One form for a name however it is cased or composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


_MONTHS: Final = {_key(name): month for month, names in enumerate(_NAMES, 1) for name in names.split()}


def month_number(name: str) -> int | None:
    """1 to 12 for a month's name or abbreviation without its point, in any case; None for any other word."""
    return _MONTHS.get(_key(name))
