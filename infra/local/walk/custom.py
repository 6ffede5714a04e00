"""A tool that the walking client declares for its session and carries out itself."""

from typing import Any

from clients.folder import Folder
from clients.tools.arguments import Arguments

DECLARED = {
    "name": "publish_site",
    "description": "Publish the site; call it when the user wants to see it online.",
    "parameters": {
        "type": "object",
        "properties": {"stage": {"type": "string", "enum": ["trial", "live"]}},
        "required": ["stage"],
        "additionalProperties": False,
    },
    "agents": ["coder"],
}
"""As the session is told of it."""
POLICIES = (
    {
        "request_type": "tool",
        "subject": "publish_*",
        "conditions": {"stage_eq": "live"},
        "action": "reject",
        "priority": 10,
        "reason": "nothing goes live from here",
    },
    {
        "request_type": "tool",
        "subject": "publish_*",
        "action": "ask",
        "reason": "others see what is published",
    },
)
"""What the session's own rules say of it."""


class PublishSite:
    """Publishes nothing, and says where."""

    name = "publish_site"
    narrowing = "publish less"

    def run(self, _folder: Folder, arguments: Arguments) -> dict[str, Any]:
        """Return `{url}`."""
        stage = arguments.text("stage")
        arguments.finish()
        return {"url": f"https://{stage}.example"}
