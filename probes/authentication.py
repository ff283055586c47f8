"""Who an HTTP check says it is: basic, bearer, or a token that is fetched with client credentials (OAuth 2)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import quote_plus, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from probes.connecting import address
from probes.contract import Context, TargetError
from probes.headers import HeaderValue, header_value
from probes.trace import Trace

if TYPE_CHECKING:
    from probes.assertions.answer import Answer
    from probes.http import Request


class BasicAuth(BaseModel):
    """RFC 7617."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    username: str = Field(description="The name.")
    password: str = Field(description="The password, from a variable.")


class ClientCredentials(BaseModel):
    """RFC 6749 section 4.4."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    token_url: Annotated[
        str, AfterValidator(address("http", "https", port=False, example="https://login.example.com/oauth2/token"))
    ] = Field(description="Where the token is fetched, anew for every attempt; its time is not counted.")
    client_id: str = Field(description="The id of the client.")
    client_secret: str = Field(description="Its secret, from a variable.")
    scope: str | None = Field(None, description="What is asked for.")
    send_in: Literal["header", "body"] = Field("header", description="Where id and secret are sent.")


class Authentication(BaseModel):
    """One way to say who asks."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    basic: BasicAuth | None = Field(None, description="A name and a password.")
    bearer: HeaderValue | None = Field(None, description="A token, from a variable.")
    oauth2: ClientCredentials | None = Field(None, description="A token fetched with client credentials.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in ("basic", "bearer", "oauth2") if getattr(self, name) is not None]
        if len(ways) != 1:
            msg = f"says {' and '.join(ways) or 'nothing'}; write one of basic, bearer and oauth2"
            raise ValueError(msg)
        return self


async def authorization(options: Request, context: Context) -> Mapping[str, str]:
    """The header that says who asks, if any; what is in it is masked from then on."""
    auth = options.auth
    if auth is None:
        return {}
    if auth.basic is not None:
        return {"authorization": f"Basic {_pair(auth.basic.username, auth.basic.password, context)}"}
    token = auth.bearer if auth.bearer is not None else await _token(auth.oauth2, options, context)
    return {"authorization": f"Bearer {token}"}


def _pair(name: str, secret: str, context: Context) -> str:
    encoded = b64encode(f"{name}:{secret}".encode()).decode()
    context.hide(encoded)
    return encoded


async def _token(client: ClientCredentials | None, options: Request, context: Context) -> str:
    """A fresh token; TargetError, which names the token server, when there is none."""
    from probes.http import Request  # noqa: PLC0415 - that module needs this one first
    from probes.http_client import fetch, out_of_time  # noqa: PLC0415 - see probes.http

    if client is None:
        return ""
    form = {"grant_type": "client_credentials"} | ({"scope": client.scope} if client.scope else {})
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    if client.send_in == "header":
        pair = _pair(quote_plus(client.client_id), quote_plus(client.client_secret), context)
        headers["authorization"] = f"Basic {pair}"
    else:
        form |= {"client_id": client.client_id, "client_secret": client.client_secret}
    asked = Request.model_validate(
        {"url": client.token_url, "method": "POST", "headers": headers, "body": urlencode(form)}
        | options.model_dump(include={"ca_file", "client_certificate", "client_key", "verify", "proxy"})
    )
    apart = Trace()
    try:
        answer = await fetch(asked, replace(context, trace=apart))
    except TargetError as error:
        raise TargetError(error.code, f"the token server: {error.detail}") from error
    except asyncio.CancelledError:
        context.trace.fault = out_of_time(apart, "the token server")
        raise
    token = _handed_out(answer)
    context.hide(token)
    context.trace.restart()
    return token


def _handed_out(answer: Answer) -> str:
    """The token (RFC 6749 section 5.1); TargetError when there is none, or none that a header can hold."""
    if answer.status != 200:
        raise TargetError(f"status:{answer.status}", "the token server gave no token")
    token = answer.json.get("access_token") if isinstance(answer.json, dict) else None
    try:
        if isinstance(token, str) and header_value(token):
            return token
    except ValueError:
        pass
    raise TargetError("protocol", "the token server answered without an access_token that can be sent")
