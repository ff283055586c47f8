"""Everything else, by the library apprise: one address says the service and its secrets.

It speaks to the service itself, so all that is made here is a title and a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from statusledger.channels.contract import VARIABLE, Channel, Event, Notice, Settings, Words
from statusledger.channels.wording import body, title

EXTRA = "apprise"
LEVELS = {"critical": "failure", "warning": "warning", "info": "info"}
# the beginnings of addresses that mean the service, apprise's own ones and those that the service hands out
BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    "telegram": ("tgram://",),
    "discord": ("discord://", "https://discord.com/", "https://discordapp.com/"),
    "teams": ("msteams://", "workflows://", "https://"),
}


class AppriseSettings(Settings):
    """The service, as an address of apprise."""

    url: Words = Field(description="The address of the service, as apprise writes it.", examples=["{{ APPRISE_URL }}"])
    secret: ClassVar[tuple[str, ...]] = ("url",)


def _of_service(name: str) -> type[AppriseSettings]:
    """The settings of a type that takes the addresses of one service only."""

    def check(text: str) -> str:
        if VARIABLE not in text and not text.startswith(BEGINNINGS[name]):
            msg = f"the address of {name} begins with {' or '.join(BEGINNINGS[name])}"
            raise ValueError(msg)
        return text

    class ServiceSettings(AppriseSettings):
        """The service, as an address of apprise or as the service itself hands it out."""

        url: Annotated[Words, AfterValidator(check)] = Field(
            description="The address, as apprise writes it or as the service hands it out.",
            examples=[f"{{{{ {name.upper()}_URL }}}}"],
        )

    ServiceSettings.__name__ = ServiceSettings.__qualname__ = f"{name.title()}Settings"
    return ServiceSettings


def message(event: Event, settings: Any) -> Notice:
    """Title and text."""
    level = "success" if event.over else LEVELS[event.severity]
    return Notice(settings.url, title(event), body(event), level)


APPRISE = Channel("apprise", "Any service that apprise knows.", AppriseSettings, message, extra=EXTRA)
TELEGRAM = Channel("telegram", "A message in Telegram.", _of_service("telegram"), message, extra=EXTRA)
DISCORD = Channel("discord", "A message in Discord.", _of_service("discord"), message, extra=EXTRA)
TEAMS = Channel("teams", "A message in Microsoft Teams.", _of_service("teams"), message, extra=EXTRA)
