"""Which acts of a definition send, receive and return which hand-over, worked out once."""

from dataclasses import dataclass

from engine.definition_schema import HandoverSpec
from engine.machine import Compiled


@dataclass(frozen=True, slots=True)
class HandoverAct:
    """What a trigger means for one hand-over."""

    code: str
    spec: HandoverSpec
    sends: bool
    receives: bool
    returns: bool


class HandoverActs:
    """The hand-overs of a definition by trigger, and where each may still be received."""

    def __init__(self, compiled: Compiled) -> None:
        self._by_trigger: dict[str, list[HandoverAct]] = {}
        self._places: dict[str, frozenset[str]] = {}
        for code, spec in compiled.doc.handovers.items():
            for trigger in dict.fromkeys((*spec.sent_on, *spec.received_on, *spec.returned_on)):
                act = HandoverAct(
                    code, spec, trigger in spec.sent_on, trigger in spec.received_on, trigger in spec.returned_on
                )
                self._by_trigger.setdefault(trigger, []).append(act)
            receiving = set(spec.received_on)
            self._places[code] = frozenset(
                leaf for leaf, triggers in compiled.arrows.items() if not receiving.isdisjoint(triggers)
            )

    def of(self, trigger: str) -> list[HandoverAct]:
        """What *trigger* means for hand-overs."""
        return self._by_trigger.get(trigger, [])

    def receivable(self, code: str, leaf: str) -> bool:
        """Say whether the hand-over can still be received in the state *leaf*."""
        return leaf in self._places[code]
