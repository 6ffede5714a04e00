"""What a command sees of the person's environment."""

import re
from collections.abc import Mapping

# As whole words of a name: TOKEN in NPM_TOKEN, KEY in OPENAI_API_KEY, but not in KEYBOARD.
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:\w*TOKENS?|\w*SECRETS?|\w*PASSWORDS?|PASSWD|PASSPHRASE|\w*CREDENTIALS?|\w*KEYS?|PAT|AUTH|COOKIES?|JWT)"
    r"(?:_|$)",
    re.IGNORECASE,
)
_OURS = "AGENT_RUNTIME_"
_NOT_SECRET = frozenset({"SSH_AUTH_SOCK"})  # a place, not a secret: git needs it
# A password inside an address, and a signed token whatever it is called.
_SECRET_VALUE = re.compile(r"://[^/\s:@]*:[^@\s/]+@|\beyJ[\w-]{10,}\.[\w-]+\.")
_QUIET = {"PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0", "TERM": "dumb"}
"""Nobody is there to page through output or to answer a prompt."""


def for_commands(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what is, or looks like, a secret; ours never gets through.

    >>> sorted(for_commands({"PATH": "/bin", "NPM_TOKEN": "x", "DB": "pg://me:pw@host/db", "AGENT_RUNTIME_URL": "u"}))
    ['GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'PAGER', 'PATH', 'TERM']
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith(_OURS)
        and (name in _NOT_SECRET or not _SECRET_NAME.search(name))
        and not _SECRET_VALUE.search(value)
    }
    return {**kept, **_QUIET}
