"""What a visitor asks of a list: filters of the query string, each read strictly, with what is wrong beside its field."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from engine.errors import DubanError, Invalid
from web.console.refusals import in_words
from web.console.visit import Visit


class Asking:
    """The filters of one request. A filter that cannot be read is left out, and *errors* says so by its name."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.errors: dict[str, str] = {}

    @property
    def status(self) -> int:
        """The status code of the answer: something to mend, or not."""
        return 422 if self.errors else 200

    def text(self, name: str) -> str | None:
        """A text, or None if it was not asked."""
        return self.visit.asked(name) or None

    def choice(self, name: str, options: Collection[str]) -> str | None:
        """One of *options*, or None."""
        said = self.visit.asked(name)
        if said and said not in options:
            self.errors[name] = self.visit.t("没有这一项，请从所列各项中选择", "there is no such choice")
            return None
        return said or None

    def day(self, name: str) -> date | None:
        """A day, or None."""
        said = self.visit.asked(name)
        if not said:
            return None
        try:
            return date.fromisoformat(said)
        except ValueError:
            self.errors[name] = self.visit.t("请填日期，如 2010-12-05", "a day like 2010-12-05")
            return None

    def start(self, name: str) -> datetime | None:
        """The first instant of a day."""
        day = self.day(name)
        return None if day is None else self.midnight(day)

    def end(self, name: str) -> datetime | None:
        """The first instant after a day."""
        day = self.day(name)
        return None if day is None else self.midnight(day, after=1)

    def midnight(self, day: date, after: int = 0) -> datetime | None:
        """The first instant of *day* in the campaign's zone, or of a later one; None where no day is left."""
        try:
            return datetime.combine(day + timedelta(days=after), time.min, self.visit.campaign.zone).astimezone(UTC)
        except OverflowError:
            return None

    def refused(self, name: str, error: DubanError) -> None:
        """Say of the field *name* what the engine says of it."""
        words = in_words(error, self.visit.lang)
        told = [each for each in (words["message"], *words["reasons"]) if each]
        self.errors[name] = self.visit.t("；", "; ").join(told) or words["title"]

    def not_a_cursor(self, error: Invalid) -> None:
        """A place in a list that this list never gave out."""
        self.refused("cursor", error)
