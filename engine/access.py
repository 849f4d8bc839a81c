"""Files of access: read strictly, put together for a campaign, and held against its bodies and the roles of its machines."""

from collections.abc import Iterable, Iterator, Mapping

from engine.access_schema import AccessDoc, ActorClassSpec, FlagSpec
from engine.campaign_schema import BodySpec, CampaignDoc
from engine.definition_schema import DefinitionDoc
from engine.errors import Problem
from engine.form_errors import read_form
from engine.source import Findings, invalid
from engine.strictyaml import Bounds, parse

BOUNDS = Bounds(256 * 1024, nodes=4_000)
"""Bytes and values of one file of access. PLACEHOLDER"""

NOTHING = AccessDoc.model_construct(schema_="access/1", classes={}, flags={}, closed=[])
"""The policy of whoever has none: nobody sees anything."""


def load_access(text: str | bytes, name: str) -> AccessDoc:
    """Read the file of access *name* from its content. Raises Invalid with every problem."""
    source = parse(text, name, BOUNDS)
    form = read_form(AccessDoc, source, {"schema": "access/1"})
    problems: list[Problem] = list(form.problems)
    if problems or form.doc is None:
        raise invalid(name, problems)
    return form.doc


def merged(ours: AccessDoc, own: AccessDoc | None) -> AccessDoc:
    """The policy of a campaign: *ours* with what its *own* file replaces and adds."""
    if own is None:
        return ours
    closed = list(dict.fromkeys([*ours.closed, *own.closed]))
    return ours.model_copy(
        update={"classes": ours.classes | own.classes, "flags": ours.flags | own.flags, "closed": closed}
    )


class Access:
    """The policy of one campaign, with what depends on its bodies worked out."""

    def __init__(self, doc: AccessDoc, bodies: Iterable[BodySpec]) -> None:
        self.doc = doc
        self._part = {body.code: body.part for body in bodies}
        self._held = {post for body in bodies for post in body.posts}
        self._classes: dict[tuple[str, str], list[str]] = {}
        self._flags: dict[str, list[FlagSpec]] = {}

    def classes(self, body: str, post: str) -> list[str]:
        """The classes to which the holder of *post* at *body* belongs; none for what no class names.

        Of those that see matters, classes that name the part take the place of those for any part.
        """
        key = (self._part.get(body, ""), post)
        if key not in self._classes:
            self._classes[key] = self._matching(*key)
        return self._classes[key]

    def _matching(self, part: str, post: str) -> list[str]:
        fitting = {
            code: spec
            for code, spec in self.doc.classes.items()
            if post in spec.posts and (not spec.parts or part in spec.parts)
        }
        special = any(spec.parts and spec.sees for spec in fitting.values())
        return [code for code, spec in fitting.items() if spec.parts or not spec.sees or not special]

    def specs(self, body: str, post: str) -> list[ActorClassSpec]:
        """The same, as they are written."""
        return [self.doc.classes[code] for code in self.classes(body, post)]

    def functions(self, spec: ActorClassSpec) -> Iterator[str]:
        """What a class may use, what it does for posts that nobody here has included."""
        yield from spec.functions
        for post, functions in spec.stands_in.items():
            if post not in self._held:
                yield from functions

    def is_closed(self, body: str) -> bool:
        """Say whether posts of *body* are stood in for by its own people only."""
        return self._part.get(body, "") in self.doc.closed

    def flags(self, kind: str) -> list[FlagSpec]:
        """The flags that make a matter of *kind* another body's as well."""
        found = self._flags.get(kind)
        if found is None:
            found = self._flags[kind] = [flag for flag in self.doc.flags.values() if kind in flag.kinds]
        return found

    def sees_kind(self, body: str, post: str, kind: str) -> bool:
        """Say whether the holder of *post* sees matters of *kind* to which *body* is a party."""
        return any(
            grant.see in ("all", "party") and (not grant.kinds or kind in grant.kinds)
            for spec in self.specs(body, post)
            for grant in spec.sees
        )

    def masks_kind(self, body: str, post: str, kind: str) -> bool:
        """Say whether the holder of *post* sees matters of *kind* to which *body* is a party only with personal facts hidden."""
        grants = [
            grant for spec in self.specs(body, post) for grant in spec.sees
            if grant.see in ("all", "party") and (not grant.kinds or kind in grant.kinds)
        ]  # fmt: skip
        return bool(grants) and all(grant.masked for grant in grants)


def check_access(doc: CampaignDoc, access: Access, definitions: Mapping[str, DefinitionDoc], found: Findings) -> None:
    """Report bodies whose matters nobody sees, and posts that a role lets act on what they do not see."""
    whole = any(
        grant.see == "all" and not grant.kinds
        for body in doc.bodies
        for post in body.posts
        for spec in access.specs(body.code, post)
        for grant in spec.sees
    )
    for position, body in enumerate(doc.bodies):
        seen = whole or any(
            grant.see == "party" for post in body.posts for spec in access.specs(body.code, post) for grant in spec.sees
        )
        if not seen:
            message = f"nobody sees the matters of '{body.code}': no post here does by the file of access"
            found.add(("bodies", position), "unseen_body", message, "give it a post of a class, or somebody `see: all`")
        for kind, role, post in _blind(body, access, definitions):
            message = f"'{body.code}.{post}' may act as '{role}' of '{kind}' and sees no '{kind}'"
            found.add(
                ("bodies", position, "posts"), "blind_role", message, "add the post to a class of the file of access"
            )


def _blind(body: BodySpec, access: Access, definitions: Mapping[str, DefinitionDoc]) -> Iterator[tuple[str, str, str]]:
    for kind, doc in definitions.items():
        for code, role in doc.roles.items():
            parts = [source.partition(":")[2] for source in role.of.split("|") if source.startswith("part:")]
            if "fact:" not in role.of and parts and body.part not in parts:
                continue
            for post in body.posts:
                if post in role.posts and not access.sees_kind(body.code, post, kind):
                    yield kind, code, post
