"""Mail: plain text and HTML, one thread per alert (RFC 5322, 3.6.4), by SMTP with STARTTLS or TLS and login."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from statusledger.channels.contract import VARIABLE, Channel, Event, Kind, Mail, Port, Settings, Words
from statusledger.channels.wording import body, title

IMPLICIT_TLS = 465
COLOURS = {"critical": "#8c1038", "warning": "#735600", "info": "#1a4796"}
GREEN = "#0b6b3f"


def _listed(value: Any) -> Any:
    """One address, several with commas between them, or a list."""
    if value == []:
        msg = "nobody is written to; write e.g. ops@example.com"
        raise ValueError(msg)
    return (value,) if isinstance(value, str) else value


def _addresses(text: str) -> str:
    if VARIABLE not in text and any("@" not in address for _, address in getaddresses([text])):
        msg = f'"{text}" is not a mail address; write e.g. ops@example.com'
        raise ValueError(msg)
    return text


Recipient = Annotated[Words, BeforeValidator(lambda text: _addresses(text) if isinstance(text, str) else text)]


class EmailSettings(Settings):
    """Who is written to, and the server that takes the mail."""

    to: Annotated[tuple[Recipient, ...], BeforeValidator(_listed)] = Field(
        description="Who is written to: an address, or a list of them.", examples=["ops@example.com"]
    )
    sender: Recipient = Field(
        "{{ ALERT_FROM_EMAIL | default('statusledger@localhost') }}", description="Who it comes from."
    )
    server: Words = Field("{{ SMTP_SERVER | default('localhost') }}", description="The name of the mail server.")
    port: Port = Field("{{ SMTP_PORT | default('587') }}", description="Its port.")
    user: Words = Field("{{ SMTP_USER | default('') }}", description="Who logs in; nobody does without one.")
    password: Words = Field("{{ SMTP_PASSWORD | default('') }}", description="The password of that user.")
    security: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto",
        description="`auto`: TLS from the start on port 465, else STARTTLS, which then must be there. `none` is for a "
        "server on this machine.",
    )
    secret: ClassVar[tuple[str, ...]] = ("password",)


def message(event: Event, settings: EmailSettings) -> Mail:
    """The mail; all that is written of one alert refers to the first mail of it."""
    port = int(settings.port)
    automatic = "tls" if port == IMPLICIT_TLS else "starttls"
    return Mail(
        content=_content(event, settings),
        host=settings.server,
        port=port,
        security=automatic if settings.security == "auto" else settings.security,
        user=settings.user,
        password=settings.password,
    )


def _content(event: Event, settings: EmailSettings) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(title(event).split())
    mail["From"] = _one(settings.sender, event.page.text)
    mail["To"] = [_one(text) for text in _each(settings.to)]
    mail["Date"] = format_datetime(datetime.fromtimestamp(event.at / 1000, UTC))
    domain = urlsplit(event.page.url).hostname or "localhost"
    mail["Message-ID"] = f"<{event.fingerprint}@{domain}>"
    if event.fingerprint != event.root:
        mail["In-Reply-To"] = mail["References"] = f"<{event.root}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Statusledger-Key"] = event.key
    mail.set_content(body(event) + "\n")
    mail.add_alternative(_html(event), subtype="html")
    return mail


def _each(texts: tuple[str, ...]) -> list[str]:
    """The addresses of a list whose entries may hold several."""
    return [address for _, address in getaddresses(list(texts))]


def _one(text: str, name: str = "") -> MailAddress:
    written, address = getaddresses([text])[0]
    return MailAddress(written or name, addr_spec=address)


def _html(event: Event) -> str:
    colour = GREEN if event.over else COLOURS[event.severity]
    sentence = html.escape(event.sentence)
    lines = sentence.replace("\n", "<br>\n")
    told = f"<pre>{sentence}</pre>" if event.kind is Kind.REPORT else f"<p>{lines}</p>"
    facts = "".join(
        f'<tr><th align="left" valign="top" style="padding:2px 12px 2px 0">{html.escape(label)}</th>'
        f'<td style="padding:2px 0">{html.escape(text)}</td></tr>\n'
        for label, text in event.facts
    )
    links = " &middot; ".join(f'<a href="{html.escape(link.url)}">{html.escape(link.text)}</a>' for link in event.links)
    return (
        '<!DOCTYPE html>\n<html lang="en"><body style="font-family:sans-serif;font-size:16px;line-height:1.4">\n'
        f'<h1 style="font-size:20px;border-left:4px solid {colour};padding-left:12px;color:{colour}">'
        f"{html.escape(title(event))}</h1>\n{told}\n<table>\n{facts}</table>\n<p>{links}</p>\n</body></html>\n"
    )


EMAIL = Channel("email", "A mail, by your own server.", EmailSettings, message)
