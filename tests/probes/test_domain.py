"""Domains against a strict RDAP server on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from one_check import PATIENT_MS, TIMEOUT_MS, Deed, free_port, observation, observed, peer, reset, says, silence
from pydantic import ValidationError
from rdap_server import Registry, domain, registry

from probes.domain import DOMAIN, DomainOptions, rdap

NAME = "example.com"
AN_HOUR = 1 / 24


@pytest.fixture
def served(monkeypatch):
    """A registry in which one domain is registered for 90 days, and no list that was read before."""
    monkeypatch.setattr(rdap, "_lists", {})
    with registry() as told:
        told.domains[NAME] = domain(NAME, 90 + AN_HOUR)
        yield told


def ask(served: Registry, base: str = "rdap", name: str = NAME, **options: Any):
    """What a check of the domain says that asks this registry."""
    return observation(DOMAIN, {"url": f"domain://{name}", "rdap_server": served.base(base), **options})


@pytest.mark.parametrize(
    ("days", "status", "told"),
    [
        pytest.param(90 + AN_HOUR, "up", None, id="long"),
        pytest.param(30 + AN_HOUR, "up", None, id="just enough"),
        pytest.param(
            30 - AN_HOUR, "degraded", "days_left: expected at least 30 days, found 29 days, until", id="warns"
        ),
        pytest.param(7 + AN_HOUR, "degraded", "expected at least 30 days, found 7 days, until", id="still warns"),
        pytest.param(7 - AN_HOUR, "down", "days_left: expected at least 7 days, found 6 days, until", id="fails"),
        pytest.param(-AN_HOUR, "down", "expected at least 7 days, found -1 days, until", id="expired"),
        pytest.param(None, "down", "days_left: expected an expiration in the answer, found none", id="not said"),
    ],
)
def test_how_long_it_is_registered(served, days, status, told):
    """Whole days, rounded down, against the two thresholds; a missing date fails with that as the reason."""
    served.domains[NAME] = domain(NAME, days)

    got = ask(served)

    assert (got.status, got.code) == (status, None if status == "up" else "assertion")
    assert told is None or told in got.detail
    assert got.captured == ({} if days is None else {"days_left": days // 1})
    assert got.http_status == 200


def test_the_thresholds_can_be_set(served):
    """With 90 days left, 100 warn and 95 fail."""
    assert ask(served, warn_days=100).status == "degraded"
    assert ask(served, warn_days=100, fail_days=95).status == "down"


def test_the_first_of_several_expirations_counts(served):
    """And other events do not."""
    several = domain(NAME, 90 + AN_HOUR)
    several["events"] += [{**one, "eventAction": "expiration"} for one in domain(NAME, 40 + AN_HOUR)["events"][-1:]]
    served.domains[NAME] = several

    assert ask(served).captured == {"days_left": 40}


@pytest.mark.parametrize(
    ("statuses", "options", "status", "told"),
    [
        pytest.param(["client transfer prohibited"], {}, "up", None, id="a lock"),
        pytest.param(["Client Hold"], {}, "down", 'expected not "client hold", found "Client Hold"', id="hold"),
        pytest.param(["pending delete"], {}, "down", 'expected not "pending delete"', id="pending delete"),
        pytest.param(["redemption period"], {}, "down", 'expected not "redemption period"', id="redemption period"),
        pytest.param(["server hold"], {"not_contains": ["inactive"]}, "up", None, id="other unwanted states"),
        pytest.param(
            [], {"contains_all": ["client transfer prohibited"], "severity": "degraded"},
            "degraded", 'status: expected "client transfer prohibited", found no status', id="a lock that is missing",
        ),
    ],
)  # fmt: skip
def test_states(served, statuses, options, status, told):
    """A domain that its registry holds back is as good as gone."""
    served.domains[NAME] = domain(NAME, 90, statuses)

    got = ask(served, validation={"status": options} if options else {})

    assert got.status == status
    assert told is None or told in got.detail


def test_a_domain_that_nobody_registered(served):
    """404 is an answer about the domain."""
    got = ask(served, name="nobody.com")

    assert (got.status, got.code) == ("down", "assertion")
    assert got.detail == "registered: expected a registered domain, found 404, no such domain"


def test_redirects_are_followed(served):
    """Registries send on to registrars."""
    assert ask(served, "moved").captured == {"days_left": 90}


UNDATED = domain(NAME, 90)
UNDATED["events"][-1]["eventDate"] = "2099-01-01T00:00:00"


@pytest.mark.parametrize(
    ("base", "content", "told"),
    [
        pytest.param("limited", None, "status:429", id="limited"),
        pytest.param("broken", None, "status:500", id="broken"),
        pytest.param("rdap", "<html>", "did not answer with JSON", id="no JSON"),
        pytest.param("rdap", [], "not an RDAP domain", id="no object"),
        pytest.param("rdap", {"objectClassName": "entity"}, "asked for the domain example.com", id="no domain"),
        pytest.param("rdap", domain("example.org", 90), 'told of "EXAMPLE.ORG"', id="another domain"),
        pytest.param("rdap", UNDATED, "has no offset from UTC", id="a date without an offset"),
        pytest.param("rdap", domain(NAME, events=["soon"]), "not an RDAP domain", id="no events"),
    ],
)
def test_a_registry_that_does_not_say_makes_it_unknown(served, base, content, told):
    """What its server does wrong says nothing about the domain."""
    served.domains[NAME] = content

    got = ask(served, base)

    assert (got.status, got.code) == ("unknown", "not_permitted")
    assert told in got.detail


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        pytest.param(silence, "did not answer in time", id="silence"),
        pytest.param(reset, "reset, the connection was closed", id="reset"),
        pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol, the answer is not HTTP", id="no HTTP"),
    ],
)
def test_a_server_that_fails_makes_it_unknown(deed: Deed, told):
    """Nothing was learned about the domain, and the detail says why."""

    async def ask_it():
        async with peer(deed) as port:
            options = {"url": f"domain://{NAME}", "rdap_server": f"http://127.0.0.1:{port}/"}
            return await observed(DOMAIN, options, timeout_ms=TIMEOUT_MS if deed is silence else PATIENT_MS)

    got = asyncio.run(ask_it())

    assert (got.status, got.code) == ("unknown", "not_permitted")
    assert told in got.detail


def test_a_server_that_is_not_there_makes_it_unknown():
    """The same for one that refuses the connection; an address that may not be asked stays what it is."""
    options = {"url": f"domain://{NAME}", "rdap_server": f"http://127.0.0.1:{free_port()}/"}

    refused = observation(DOMAIN, options)
    blocked = observation(DOMAIN, options, allow=())

    assert (refused.status, refused.code, "refused, " in refused.detail) == ("unknown", "not_permitted", True)
    assert blocked.code == "blocked_address"


# --- the list of servers ------------------------------------------------------------------------


def found(served: Registry, name: str = NAME):
    """What the check of a domain says that looks its server up."""
    return observation(DOMAIN, {"url": f"domain://{name}", "bootstrap": served.bootstrap})


def test_the_longest_match_is_asked(served):
    """RFC 9224 section 4: the entry with the most labels, of whole labels only."""
    served.services = [
        [["net", "uk"], [served.base("broken")]],
        [["co.uk", "org.uk"], [served.base()]],
        [["o.uk", "shop.example.co.uk"], [served.base("limited")]],
    ]
    served.domains["example.co.uk"] = domain("example.co.uk", 60 + AN_HOUR)

    assert found(served, "example.co.uk").captured == {"days_left": 60}
    assert served.asked == ["/dns.json", "/rdap/domain/example.co.uk"]


def test_https_is_preferred(served):
    """RFC 9224 section 3: of several addresses the one with TLS, which this server does not speak."""
    served.services = [[["com"], [served.base(), served.base().replace("http:", "https:")]]]

    assert "tls_protocol" in found(served).detail


def test_the_list_is_read_once(served):
    """A day long: it is large, and the same for everyone. Its time is not the registry's."""
    served.services = [[["com"], [served.base()]]]

    states = [found(served).status for _ in range(3)]

    assert states == ["up"] * 3
    assert served.asked == ["/dns.json", *["/rdap/domain/example.com"] * 3]


@pytest.mark.parametrize(
    ("services", "told"),
    [
        pytest.param([], "no RDAP server is known for example.com; name one with rdap_server", id="empty"),
        pytest.param([[["org"], ["http://127.0.0.1/"]]], "no RDAP server is known", id="no such top-level domain"),
        pytest.param("nonsense", "not a list of RDAP servers (RFC 9224)", id="no list"),
        pytest.param([["com"]], "not a list of RDAP servers (RFC 9224)", id="no pairs"),
    ],
)
def test_a_list_without_the_server_makes_it_unknown(served, services, told):
    """With what to do where there is something to do."""
    served.services = services

    got = found(served)

    assert (got.status, got.code) == ("unknown", "not_permitted")
    assert told in got.detail


def test_a_list_that_is_no_list_is_read_again(served):
    """Nonsense is not kept for a day."""
    served.services = "nonsense"
    first = found(served).status
    served.services = [[["com"], [served.base()]]]

    assert (first, found(served).status) == ("unknown", "up")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "https://example.com"}, "is not a domain", id="scheme"),
        pytest.param({"url": "domain://example"}, "is not a domain", id="one label"),
        pytest.param({"url": "domain://example.com/path"}, "is not a domain", id="path"),
        pytest.param({"url": "domain://b\u00fccher.example"}, "other scripts in ASCII", id="no ASCII"),
        pytest.param({"url": "domain://example.com", "fail_days": 40}, "a warning has to come first", id="thresholds"),
        pytest.param({"url": "domain://example.com", "rdap_server": "rdap.org"}, "not an address", id="server"),
        pytest.param({"url": "domain://example.com", "validation": {"status": {}}}, "asserts nothing", id="nothing"),
    ],
)
def test_options_that_are_wrong(options, message):
    """Found with the configuration, with what to write instead."""
    with pytest.raises(ValidationError, match=message):
        DomainOptions.model_validate(options)


def test_the_domain_is_the_host():
    """Capital letters mean the same domain."""
    assert DomainOptions.model_validate({"url": "domain://Example.COM"}).host == "example.com"
