"""The proof of deletion as a page to print: what was deleted of a tenant, how much, when, on whose word."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from shared_code.core.proof import Found, Phase, Proof
from shared_code.core.text import Language, Text, message
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE
from shared_code.rendering.templates import asset, hash_of, template

_STYLE = "\n".join(map(asset, ("colours.css", "page.css", "table.css", "portal.css", "print.css")))
CONTENT_POLICY = (
    f"default-src 'none'; style-src '{hash_of(_STYLE)}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

KINDS: Mapping[str, Text] = {
    "tenant": Text(
        de="Eintrag des Mandanten mit Kontakten und Vereinbarungen",
        en="Entry of the tenant with contacts and agreements",
    ),
    "container reports": Text(
        de="Berichtsdateien und Vergleichsstände", en="Report files and what they are compared with"
    ),
    "table runs": Text(de="Läufe, Kennzahlen und Sperren", en="Runs, key figures and their locks"),
    "table links": Text(
        de="Links zu Berichten und ihre Nutzung", en="Links to reports and their uses"
    ),
    "table opens": Text(de="Protokoll der Öffnungen", en="Log of openings"),
    "table audit": Text(de="Protokoll der Eingriffe", en="Audit of what was done"),
    "table deliveries": Text(de="Versand der Übersichten", en="Deliveries of digests"),
    "table invitations": Text(de="Einladungen", en="Invitations"),
    "table tenants": Text(
        de="Ergebnisse der Bereitschaftsprüfung, Stand des delegierten Zugriffs",
        en="Results of readiness checks, state of delegated access",
    ),
    "container spool": Text(
        de="Zwischenstände unfertiger Läufe", en="Intermediate states of unfinished runs"
    ),
    "container dead-letters": Text(de="Unlesbare Nachrichten", en="Unreadable messages"),
}

_WORDS: Mapping[str, Text] = {
    "title": Text(de="Nachweis der Löschung", en="Proof of deletion"),
    "skip": PAGE["skip"],
    "other_language": PAGE["other_language"],
    "tenant": Text(de="Mandant", en="Tenant"),
    "number": Text(de="Nachweis Nr.", en="Proof no."),
    "begun": Text(de="Begonnen", en="Begun"),
    "closed": Text(de="Abgeschlossen", en="Completed"),
    "by": Text(de="Veranlasst durch (Objekt-ID)", en="Ordered by (object id)"),
    "kind": Text(de="Was gelöscht wurde", en="What was deleted"),
    "count": Text(de="Anzahl", en="Count"),
    "late": Text(de="davon Nachzügler", en="of these, latecomers"),
    "notes": Text(de="Erläuterung", en="Explanation"),
    "twice": Text(
        de="Mit Beginn der Löschung wurden alle Links ungültig und das Portal geschlossen. Gelöscht "
        "wurde zweimal: sofort, und noch einmal, nachdem alles, was zu Beginn noch lief, beendet war. "
        "Was dabei noch entstanden war, steht als Nachzügler in der Liste.",
        en="When the deletion began all links became invalid and the portal was closed. Everything was "
        "deleted twice: at once, and again after whatever was still running had ended. What had come "
        "in meanwhile is listed as latecomers.",
    ),
    "messages": Text(
        de="Nachrichten in Warteschlangen enthalten nur Kennungen und Zeitpunkte. Sie werden bei ihrer "
        "Zustellung verworfen, die letzte spätestens sieben Tage nach Abschluss.",
        en="Messages in queues hold identifiers and instants only. They are discarded on arrival, the "
        "last of them no later than seven days after completion.",
    ),
    "remains": Text(
        de="Gelöschte Dateien lassen sich im Speicherdienst noch für kurze Zeit wiederherstellen, "
        "üblicherweise sieben Tage lang; danach sind sie endgültig entfernt. Betriebsprotokolle enthalten "
        "nur Kennungen und Zeitpunkte und laufen nach üblicherweise 90 Tagen ab. Bereits versandte E-Mails "
        "liegen in den Postfächern von Absender und Empfängern.",
        en="Deleted files can be restored in the storage service for a short time, usually seven days; "
        "after that they are gone for good. Operational logs hold identifiers and instants only and "
        "expire, usually after 90 days. Mails that were sent are in the mailboxes of sender and "
        "recipients.",
    ),
    "kept": Text(
        de="Dauerhaft aufbewahrt wird allein dieser Nachweis. Er enthält Anzahlen und Zeitpunkte und "
        "nennt von Personen nur die Objekt-ID, auf deren Veranlassung gelöscht wurde.",
        en="Only this proof is kept for good. It holds counts and instants, and of people only the "
        "object id on whose order everything was deleted.",
    ),
    "scroll": PAGE["scroll"],
}
_UNFINISHED = Text(
    de="Die Löschung läuft noch. Dieses Blatt ist noch kein Nachweis.",
    en="The deletion is still going on. This page is no proof yet.",
)
_WRITTEN = Text(de="geschrieben {first} bis {last}", en="written {first} to {last}")
_WRITTEN_ONCE = Text(de="geschrieben am {first}", en="written on {first}")
_TOTAL = Text(de="{n} Einträge gelöscht", en="{n} entries deleted")


def proof_page(proof: Proof, language: Language, *, brand: str) -> str:
    voice = Voice(language, "UTC")
    other = next(each for each in Language if each is not language)
    return template("proof.html.j2").render(
        lang=language,
        other=other,
        other_address=f"/portal/{proof.tenant_id}/proof?lang={other}",
        brand=brand,
        style=Markup(_STYLE),  # noqa: S704 - our own file
        w={name: text[language] for name, text in _WORDS.items()},
        proof={
            "tenant": proof.tenant_id,
            "number": str(proof.number),
            "begun": f"{voice.moment(proof.begun)} UTC",
            "begun_by": proof.begun_by,
            "closed": f"{voice.moment(proof.closed)} UTC" if proof.closed else DASH,
        },
        state="" if proof.phase is Phase.CLOSED else _UNFINISHED[language],
        total=voice.say(message(_TOTAL, n=sum(_counts(proof).values()))),
        rows=[_row(kind, proof, voice) for kind in _counts(proof)],
    )


def _counts(proof: Proof) -> dict[str, int]:
    """By kind, in the order of their words; latecomers too."""
    nothing, found = Found(), proof.deleted.keys() | proof.late.keys()
    return {
        kind: proof.deleted.get(kind, nothing).count + proof.late.get(kind, nothing).count
        for kind in [*(k for k in KINDS if k in found), *sorted(found - KINDS.keys())]
    }


def _row(kind: str, proof: Proof, voice: Voice) -> dict[str, str]:
    founds = [each[kind] for each in (proof.deleted, proof.late) if kind in each]
    late = proof.late.get(kind, Found()).count
    return {
        "kind": KINDS[kind][voice.language] if kind in KINDS else kind,
        "count": voice.number(sum(f.count for f in founds)),
        "late": voice.number(late) if late else DASH,
        "written": _written(founds, voice),
    }


def _written(founds: Sequence[Found], voice: Voice) -> str:
    oldest = min((f.oldest for f in founds if f.oldest), default=None)
    newest = max((f.newest for f in founds if f.newest), default=None)
    if oldest is None or newest is None:
        return ""
    first, last = voice.date(oldest), voice.date(newest)
    return voice.say(message(_WRITTEN if first != last else _WRITTEN_ONCE, first=first, last=last))
