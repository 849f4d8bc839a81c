"""What the channels file says of links: the address, the key and how long they are good, checked with the rest of it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from engine.ack_links import SHORTEST_KEY, Links
from engine.campaign import Campaign
from engine.source import Findings
from scheduler.channel_schema import LinksSpec
from scheduler.secrets_of_channels import fetched


@dataclass(frozen=True)
class LinkKey:
    """The base address of links, the key they are signed with, and their days."""

    base: str
    key: bytes = field(repr=False)
    days: int

    def links_of(self, campaign: Campaign) -> Links:
        """The links of one campaign of one database."""
        return Links(self.base, self.key, campaign.log, self.days)


def read_links(spec: LinksSpec | None, found: Findings) -> LinkKey | None:
    """Read the part ``links``; report a base that is no address, and a key that is missing or too short."""
    if spec is None:
        return None
    if not _is_base(spec.base):
        hint = "write https://host or https://host/path"
        found.add(("links", "base"), "url", f"not an address for links: {spec.base!r}", hint)
    try:
        key = fetched(spec.key).encode()
    except ValueError as error:
        found.add(("links", "key"), "secret", str(error))
        return None
    if len(key) < SHORTEST_KEY:
        found.add(("links", "key"), "secret", f"the key of links has fewer than {SHORTEST_KEY} characters")
        return None
    return LinkKey(spec.base, key, spec.days)


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        plain = text.isascii() and text.isprintable() and not set(text) & set(" <>\"'\\`{}|^")
        there = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return plain and there and not (parts.username or parts.query or parts.fragment)
