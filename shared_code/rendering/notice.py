"""Notices: pages of one sentence, in the reader's language, that say nothing about anybody."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from shared_code.core.text import Language, Text
from shared_code.rendering.templates import icon

_STYLE = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f6f8;color:#1a2027;"
    'font:16px/1.5 "Segoe UI",system-ui,sans-serif}'
    "main{max-width:34rem;margin:1rem;padding:2rem;background:#fff;border:1px solid #d5dbe2;"
    "border-top:5px solid #0f4c6b;border-radius:10px}h1{font-size:1.4rem;margin:0 0 .5rem}"
    "p{margin:0}p+p{margin-top:1.2rem}a{color:#0f4c6b}"
    "nav a{display:inline-block;margin:0 .6rem .5rem 0;padding:.5rem .9rem;border:1px solid #b8c1cc;border-radius:6px;"
    "text-decoration:none}nav{margin:1.4rem 0 -.5rem}"
    "@media(prefers-color-scheme:dark){body{background:#12161b;color:#e7ebef}"
    "main{background:#1b2027;border-color:#333c46}a{color:#8cc4e6}nav a{border-color:#4a5562}}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """`links` are labels by address, or by a name that the caller gives an address for."""

    title: Text
    text: Text
    links: tuple[tuple[str, Text], ...] = ()


_AGAIN = Text(de="Noch einmal anmelden", en="Sign in again")
_OTHER = Text(de="Mit einem anderen Konto anmelden", en="Sign in with another account")

NO_ACCESS = Notice(
    Text(de="Keine Berechtigung", en="No access"),
    Text(
        de="Sie sind angemeldet, dürfen diese Seite aber nicht sehen. Bitten Sie Ihren Admin um die "
        "App-Rolle „Reports.Reader“ in der Unternehmensanwendung dieses Dienstes, und melden Sie sich "
        "dann noch einmal an.",
        en="You are signed in but may not see this page. Ask your admin for the app role "
        "“Reports.Reader” in the enterprise application of this service, then sign in again.",
    ),
    (("/signin?account=other", _OTHER), ("/signout", Text(de="Abmelden", en="Sign out"))),
)
SIGN_IN_FAILED = Notice(
    Text(de="Anmeldung nicht abgeschlossen", en="Sign-in not completed"),
    Text(
        de="Die Anmeldung wurde abgebrochen, ist abgelaufen oder gehört zu einem anderen Browser.",
        en="The sign-in was cancelled, has expired or belongs to another browser.",
    ),
    (("/signin", _AGAIN),),
)
UNAVAILABLE = Notice(
    Text(de="Anmeldung derzeit nicht möglich", en="Sign-in is not possible right now"),
    Text(
        de="Microsoft Entra ID antwortet nicht. Versuchen Sie es in einigen Minuten noch einmal.",
        en="Microsoft Entra ID does not answer. Try again in a few minutes.",
    ),
    (("/signin", _AGAIN),),
)
BROKEN = Notice(
    Text(de="Das hat nicht geklappt", en="That did not work"),
    Text(
        de="Der Fehler liegt bei uns und ist vermerkt. Versuchen Sie es in einigen Minuten noch einmal.",
        en="The error is ours and has been noted. Try again in a few minutes.",
    ),
)
SIGNED_OUT = Notice(
    Text(de="Sie sind abgemeldet", en="You are signed out"),
    Text(
        de="In diesem Browser ist das Portal wieder geschlossen. Bei Microsoft bleiben Sie angemeldet, bis Sie sich auch dort abmelden.",
        en="The portal is closed again in this browser. You stay signed in at Microsoft until you sign out there too.",
    ),
    (
        ("/signin", _AGAIN),
        ("entra", Text(de="Auch bei Microsoft abmelden", en="Sign out at Microsoft too")),
    ),
)


def page(
    notice: Notice, accept_language: str | None, addresses: Mapping[str, str] | None = None
) -> str:
    german = (accept_language or "de").strip().lower().startswith("de")
    language = Language.DE if german else Language.EN
    given = addresses or {}
    links = Markup("").join(
        Markup('<a href="{}">{}</a>').format(given.get(address, address), label[language])
        for address, label in notice.links
    )
    return Markup(
        '<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="{icon}">'
        "<title>{title}</title><style>{style}</style></head>"
        "<body><main><h1>{title}</h1><p>{text}</p>{nav}</main></body></html>"
    ).format(
        language=language,
        title=notice.title[language],
        text=notice.text[language],
        icon=icon(),
        style=Markup(_STYLE),  # noqa: S704 - our own
        nav=Markup("<nav>{}</nav>").format(links) if links else "",
    )
