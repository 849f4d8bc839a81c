"""The machines of `transitions`, without what ours never have: callbacks, queues, and models that are kept."""

import logging
from typing import Any

from transitions import Event, EventData, Machine, Transition

logging.getLogger("transitions").setLevel(logging.WARNING)  # its debug calls cost 93 µs a trigger if heard


class Subject:
    """The throw-away model that `transitions` moves; identity is its only equality."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Leap(Transition):
    """A transition that only asks its guards and moves the model: our machines have no callbacks to look for."""

    def execute(self, event_data: Any) -> bool:
        """Move the model if the guards let it; say whether it did."""
        guard: Any
        for guard in self.conditions:
            if not guard.func(event_data):
                return False
        if self.dest:
            event_data.model.state = self.dest
        return True


class LeapEvent(Event):
    """An event that tries its transitions in their order and looks for no callbacks around them."""

    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        """Make the first of the transitions from the model's state that may be made; say whether there was one."""
        event = EventData(None, self, self.machine, model, args=args, kwargs=kwargs)
        for transition in self.transitions.get(model.state, ()):
            event.transition = transition
            if transition.execute(event):
                return True
        return False


class LeapMachine(Machine):
    """A machine of such transitions."""

    transition_cls = Leap
    event_cls = LeapEvent
