"""Addresses of contacts: what each type of channel can reach, checked when a contact is set."""

import re

from engine.errors import Invalid
from scheduler.channels import Channel
from scheduler.mail import real_address
from scheduler.robots import Robot
from scheduler.smtp import SmtpChannel
from scheduler.turn import channels_of
from workflows.workspace import Workspace

MOBILE = re.compile(r"(\+?86)?1[3-9][0-9]{9}")
"""A mobile number of the mainland: eleven digits that begin with 13 to 19."""

MEMBER = re.compile(r"(?=.*[^0-9])[A-Za-z0-9._@-]{1,64}")
"""The id of a member of a group, which is not all digits: those are a mobile number or a slip. PLACEHOLDER"""


def refuse_unusable(workspace: Workspace, channel: str, address: str) -> None:
    """Raise Invalid for a channel that is not there, or an address that its kind of channel cannot reach."""
    ways = channels_of(workspace)
    if channel not in ways:
        raise Invalid(f"no channel {channel!r}; there are: {', '.join(sorted(ways))}", "no_channel")
    wanted = flaw(getattr(ways[channel], "inner", ways[channel]), address)
    if wanted:
        raise Invalid(f"not an address for the channel {channel!r}: {address!r}; write {wanted}", "address")


def flaw(channel: Channel, address: str) -> str:
    """What *channel* wants instead of *address*; empty if it can use it."""
    if isinstance(channel, SmtpChannel) and real_address(address) is None:
        return "user@host"
    if isinstance(channel, Robot) and not (MOBILE.fullmatch(address) or MEMBER.fullmatch(address)):
        return "a mobile number (13800000000) or a member's id of the group"
    return ""
