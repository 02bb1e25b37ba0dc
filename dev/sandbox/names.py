"""Names of invented people and of invented partner companies."""

from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

# Latin spelling after a colon where the display name cannot be typed into an address.
_GIVEN = {
    "german": "Jürgen Anke Jörg Käthe Stefan Sabine Uwe Heike Matthias Ute Sönke Birgit Holger Grit",
    "austrian": "Franz Resi Alois Leni Wolfgang Theresia Seppi Magdalena Korbinian Veronika Xaver Vroni",
    "english": "Oliver Amelia Harry Isla George Ava Noah Emily Jack Charlotte Niamh Seán",
    "turkish": "Mehmet Ayşe Çağlar Gül Emre Şebnem İbrahim Özlem Barış Tuğba Yiğit Nilüfer",
    "slavic": "Zoë-Božena Jiří Agnieszka Łukasz Katarína Dušan Željka Paweł Živa Miloš Olena Bohdan",
    "japanese": "美咲:Misaki 健太:Kenta 陽菜:Hina 大輔:Daisuke",
    "chinese": "偉:Wei 芳:Fang 浩然:Haoran 秀英:Xiuying",
    "korean": "지훈:Jihoon 서연:Seoyeon 민준:Minjun",
}
_FAMILY = {
    "german": "Müller Weiß Schröder Groß Krüger Lindemann Böhm Voß Hartwig Köhler Jansen Thürmer",
    "austrian": "Huber Gruber Hofstätter Moosbrugger Pichler Steinlechner Obermoser Zöchling Egger",
    "english": "Smith O'Connor Whitfield Hughes MacLeod Barrett Ashworth Pembroke Doyle Fairclough",
    "turkish": "Yılmaz Öztürk Şahin Çelik Koç Aydın Güneş Doğan Kılıç Aslan Bulut Erdoğdu",
    "slavic": "Nowak Dvořák Kovač Wiśniewska Horvat Jovanović Šimůnek Petrenko Zając Havlíček",
    "japanese": "田中:Tanaka 佐藤:Sato 鈴木:Suzuki",
    "chinese": "王:Wang 李:Li 陳:Chen",
    "korean": "김:Kim 박:Park 최:Choi",
}
_UNDECOMPOSED = str.maketrans({"ß": "ss", "ı": "i", "Ł": "L", "ł": "l", "đ": "d"})
PARTNERS = (
    ("Adatum Consulting", "adatum.example"),
    ("Fourth Coffee", "fourthcoffee.example"),
    ("Wingtip Toys", "wingtiptoys.example"),
    ("Tailspin Logistik", "tailspin.example"),
    ("Litware Software", "litware.example"),
    ("Proseware Werbeagentur", "proseware.example"),
    ("Lucerne Publishing", "lucernepublishing.example"),
    ("Trey Research", "treyresearch.example"),
    ("Margie's Reisen", "margies.example"),
    ("Alpine Ski House", "alpineskihouse.example"),
    ("Woodgrove Bank", "woodgrove.example"),
    ("Relecloud", "relecloud.example"),
    ("Coho Winery", "cohowinery.example"),
    ("Humongous Versicherung", "humongous.example"),
    ("Graphic Design Institut", "graphicdesign.example"),
    ("City Power & Light", "cpandl.example"),
    ("Blue Yonder Airlines", "blueyonder.example"),
    ("Bellows College", "bellows.example"),
    ("VanArsdel Werkzeugbau", "vanarsdel.example"),
    ("Consolidated Messenger", "consolidatedmessenger.example"),
    ("Munson's Pickles", "munsons.example"),
    ("Nod Publishers", "nodpublishers.example"),
    ("Southridge Video", "southridge.example"),
    ("The Phone Company", "phonecompany.example"),
    ("Wide World Importers", "wideworldimporters.example"),
    ("School of Fine Art", "fineart.example"),
    ("Liberty's Delightful Bakery", "libertysbakery.example"),
    ("Best For You Organics", "bestforyou.example"),
    ("First Up Consultants", "firstup.example"),
    ("Freemail", "freemail.example"),
)
DEPARTMENTS = ("Vertrieb", "Konstruktion", "Einkauf", "IT", "Personal", "Finanzen", "Produktion")


@dataclass(frozen=True, slots=True)
class Name:
    given: str
    family: str
    display: str
    mailbox: str


def _spellings(words: str) -> list[tuple[str, str]]:
    split = (word.partition(":") for word in words.split())
    return [(shown, latin or shown) for shown, _, latin in split]


def _ascii(text: str) -> str:
    plain = normalize("NFKD", text.translate(_UNDECOMPOSED)).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


@cache
def all_names() -> tuple[Name, ...]:
    """Every given name with every family name of the same tongue."""
    return tuple(
        Name(given, family, f"{given} {family}", f"{_ascii(latin_given)}.{_ascii(latin_family)}")
        for tongue in _GIVEN
        for given, latin_given in _spellings(_GIVEN[tongue])
        for family, latin_family in _spellings(_FAMILY[tongue])
    )


@cache
def partner_by_lot() -> tuple[int, ...]:
    """1,024 lots, dealt so that partner k is about half as frequent as partner k/2: a long tail."""
    weights = [1 / (rank + 1) for rank in range(len(PARTNERS))]
    scale = 1024 / sum(weights)
    lots = [
        rank for rank, weight in enumerate(weights) for _ in range(max(1, round(weight * scale)))
    ]
    return tuple((lots + [0] * 1024)[:1024])
