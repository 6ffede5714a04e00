"""What a client sets for its session beside the conversation."""

from domain.model.custom_tools import CustomTool
from domain.model.policy import Policy, Rule
from domain.model.value import JsonObject, Value


class SessionSettings(Value):
    """A session's own tools and rules.

    Attributes:
        tools: Declared when the session was created; they stay.
        policies: In the order given; the session's own tighten the deployment's.
    """

    tools: tuple[CustomTool, ...] = ()
    policies: tuple[Rule, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set, which is not stored."""
        return not self.tools and not self.policies

    def as_json(self) -> JsonObject:
        """Return the settings as they were given."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def policy(self) -> Policy:
        """The session's rules as a policy."""
        return Policy(rules=self.policies)
