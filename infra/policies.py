"""A deployment's own rules on approvals: checked when it is synthesized, told to its functions as text."""

import json
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ValidationError

from domain.model.policy import DeploymentPolicy

MAX_BYTES = 2048
"""All variables of a function share 4 KB.

Source:
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


@dataclass(frozen=True)
class PolicyOptions:
    """The rules of a deployment.

    Attributes:
        rules: As compact JSON.
        may_loosen: Whether a session's rules win over them.
    """

    rules: str = "[]"
    may_loosen: bool = False

    @classmethod
    def from_context(cls, rules: Any, *, may_loosen: bool) -> Self:
        """Return what the context says.

        Args:
            rules: Text with a JSON list, as the command line gives it, or that list, as cdk.json does; None for none.
            may_loosen: See the attribute.

        Raises:
            ValueError: there is no such rule; the text names it.
        """
        try:
            said = json.loads(rules) if isinstance(rules, str) else rules
            text = json.dumps([] if said is None else said, ensure_ascii=False, separators=(",", ":"))
            DeploymentPolicy.from_text(text)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(map(str, wrong["loc"][1:])) or "the whole"
            raise ValueError(f"The context value policies is no list of rules: {place}: {wrong['msg']}.") from None
        except ValueError as error:
            raise ValueError(f"The context value policies is no JSON: {error}.") from None
        if len(text.encode()) > MAX_BYTES:
            raise ValueError(
                f"The context value policies takes more than {MAX_BYTES} bytes: a function's variables hold no more."
            )
        return cls(rules=text, may_loosen=may_loosen)

    def settings(self) -> dict[str, str]:
        """Return the functions' settings of these choices, by field."""
        return {"policies": self.rules, "policies_may_loosen": str(self.may_loosen).lower()}
