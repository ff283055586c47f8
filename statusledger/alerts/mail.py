"""A mail to a server, and what became of it."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.utils import parseaddr
from typing import Any

from statusledger.channels.contract import Mail, Outcome

LOG = logging.getLogger("statusledger")
SMTP_REFUSED = 500


def mailed(mail: Mail, timeout_seconds: float, tls: ssl.SSLContext) -> Outcome:
    """What the server made of it."""
    handed_over = False
    try:
        with _connected(mail, timeout_seconds, tls) as server:
            if mail.security == "starttls":
                server.starttls(context=tls)
            if mail.user:
                server.login(mail.user, mail.password)
            handed_over = True
            refused = server.send_message(mail.content)
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        return _refused(error)
    except smtplib.SMTPException as error:
        return Outcome("reset", str(error), doubtful=handed_over)
    except ssl.SSLError as error:
        return Outcome("tls_untrusted", str(error))
    except TimeoutError as error:
        return Outcome("deadline", str(error), doubtful=handed_over)
    except OSError as error:
        return Outcome("refused", str(error), doubtful=handed_over)
    for recipient, (code, said) in refused.items():
        LOG.warning("a mail went to others, but %s was refused: %d %s", recipient, code, said.decode(errors="replace"))
    return Outcome()


def _connected(mail: Mail, timeout_seconds: float, tls: ssl.SSLContext) -> smtplib.SMTP:
    name = parseaddr(str(mail.content["From"]))[1].rpartition("@")[2] or "localhost"
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, name, timeout=timeout_seconds, context=tls)
    return smtplib.SMTP(mail.host, mail.port, name, timeout=timeout_seconds)


def _refused(error: Any) -> Outcome:
    """What the server said no with; 4yz passes (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        said = f"{error}; write security: tls, or none for a server on this machine"
        return Outcome("tls_protocol", said, permanent=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        told = "; ".join(f"{name}: {said.decode(errors='replace')}" for name, (_, said) in error.recipients.items())
        return Outcome(f"status:{min(codes)}", told, permanent=min(codes) >= SMTP_REFUSED)
    said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
    return Outcome(f"status:{error.smtp_code}", said, permanent=error.smtp_code >= SMTP_REFUSED)
