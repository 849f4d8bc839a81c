"""Whom an address belongs to, as far as anybody can tell who counts what comes from where."""

from functools import lru_cache
from ipaddress import IPv6Address

NETWORK = 64
"""Bits of an IPv6 address that one household or office has to itself; the rest it chooses as it likes (RFC 6177, 4291)."""


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """The address, or of IPv6 its network: else one caller would have as many places and tries as there are addresses in it."""
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    if found.is_loopback:
        return address
    beyond = 128 - NETWORK
    return f"{IPv6Address(int(found) >> beyond << beyond)}/{NETWORK}"
