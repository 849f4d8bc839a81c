"""How much may be tried for one proof: what is too large is refused with what multiplies, and never hangs."""

from dataclasses import dataclass

from engine.expr_partly import Var

TRIES_A_SITUATION = 10
"""Statements and corrections that may be tried, on the average, for each situation that may be explored. PLACEHOLDER"""


@dataclass
class TooLarge(Exception):
    """More than the limit; *domains* says how many values each followed thing multiplies with.

    The limit is one of situations, or with *tries* one of the statements that were tried.
    """

    most: int
    domains: dict[Var, int]
    tries: bool = False


class Effort:
    """What has been tried so far, of *most*; *domains* are those of what is followed now."""

    def __init__(self, situations: int) -> None:
        self.most, self.spent = situations * TRIES_A_SITUATION, 0
        self.domains: dict[Var, int] = {}

    def spend(self, tries: int = 1) -> None:
        """Take down that so many more were tried. Raises TooLarge."""
        self.spent += tries
        if self.spent > self.most:
            raise TooLarge(self.most, self.domains, tries=True)
