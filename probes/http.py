"""HTTP and HTTPS: one cold connection per request, an answer held against its assertions, redirects only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from probes.assertions import Validation
from probes.certificates import tls_context
from probes.contract import Context, Options, ProbeType, TargetError
from statusledger.model import Check, Observation

MEBIBYTE = 1_048_576


def _address(text: str) -> str:
    if "{{" in text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = f'"{text}" is not an address; write e.g. https://example.com/health'
        raise ValueError(msg)
    return text


class HttpOptions(Options):
    """What to ask for, and what makes the answer good."""

    url: Annotated[str, AfterValidator(_address)] = Field(description="Address, http:// or https://.")
    method: str = Field("GET", pattern="^[A-Z]+$", description="Request method.")
    headers: Mapping[str, str] = Field({}, description="Request headers; never sent to another origin.")
    body: str | None = Field(None, description="Request body, sent as UTF-8.")
    validation: Validation = Field(Validation(), description="What the answer must be.")
    max_redirects: int = Field(0, ge=0, le=10, description="How many redirects are followed; 0: a 3xx is the answer.")
    max_bytes: int = Field(MEBIBYTE, ge=0, description="How long the decoded body may be; a longer one fails.")
    ca_file: str | None = Field(None, description="Authorities (PEM file) to trust instead of the machine's.")


async def probe(check: Check, options: HttpOptions, context: Context) -> Observation:
    """Up when the last answer holds; its status, size and certificate are in the observation."""
    from probes.http_client import fetch  # noqa: PLC0415 - 400 ms that a run without an HTTP check never pays

    try:
        answer = await fetch(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()  # judging the answer takes time that is not the service's
    return context.judged(check, options.validation.failures(answer))


async def warm(options: HttpOptions) -> None:
    """Loads the client, the authorities and the languages of the assertions before any clock runs."""
    from probes.http_client import ALPN, rehearse  # noqa: PLC0415 - see probe

    await rehearse()
    if options.validation.json_:
        import jsonpath_rfc9535  # noqa: F401, PLC0415 - for its import alone
    if options.url.startswith("https"):
        tls_context(options.ca_file, ALPN)


HTTP = ProbeType(
    name="http",
    schemes=("http", "https"),
    options=HttpOptions,
    probe=probe,
    summary="Asks a web server and holds status, headers, body and size of the answer against assertions.",
    warm=warm,
)
