"""What a file may name: the ids of checks.yml, and those that history still knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from statusledger.written.wording import did_you_mean

EVERYTHING = "*"
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Names:
    """Ids by what they are. `former` leads from an earlier id of a component to the one it has now.

    `past` are components that history knows and checks.yml does not any more: an old incident may still name them.
    """

    components: Collection[str]
    groups: Collection[str] = ()
    services: Collection[str] = ()
    former: Mapping[str, str] = field(default_factory=dict)
    past: Collection[str] = frozenset()

    def current(self, name: str) -> str:
        """The id that it has now."""
        return self.former.get(name, name)

    def no_component(self, name: str) -> str | None:
        """That there is no such component, and which one may be meant; None if there is."""
        if name in self.components or name in self.former or name in self.past:
            return None
        if name in self.groups or name in self.services:
            kind = "group" if name in self.groups else "service"
            return f"'{name}' is a {kind}; name the components that were affected"
        return f"no component '{name}'{_meant(name, self.components)}"

    def no_subject(self, name: str) -> str | None:
        """That maintenance can name no such thing; None if it can."""
        if name == EVERYTHING or name in self.groups or name in self.services:
            return None
        if self.no_component(name) is None:
            return None
        known = dict.fromkeys((*self.components, *self.groups, *self.services))
        return f"no component, group or service '{name}'{_meant(name, known)}"

    def subjects(self) -> Iterator[str]:
        """Everything that a file may name."""
        yield from (*self.components, *self.groups, *self.services)


def _meant(name: str, known: Collection[str]) -> str:
    there_are = f"; known here: {', '.join(sorted(known))}" if 0 < len(known) <= SHOWN else "; see checks.yml"
    return did_you_mean(name, known) or there_are
