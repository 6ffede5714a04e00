"""Which web pages a browser lets use the API: none, unless the deployment names their origins."""

from collections.abc import Collection, Mapping

EXPOSED = ("Idempotent-Replayed", "Location", "Retry-After", "X-Correlation-Id")
"""Headers of an answer, of those that the contract has, that a browser keeps from pages until it is told otherwise."""

ALLOWED = ("Authorization", "Content-Type", "Idempotency-Key", "X-Correlation-Id")
"""Headers of a request that the contract has; a page may send no other."""


def allowed_origins(text: str) -> frozenset[str]:
    """Return the origins in a setting.

    >>> sorted(allowed_origins("https://a.example,https://b.example"))
    ['https://a.example', 'https://b.example']
    >>> allowed_origins("")
    frozenset()
    """
    return frozenset(text.split(",")) - {""}


def cors_headers(allowed: Collection[str], origin: str | None) -> Mapping[str, str]:
    """Return the headers that let the page at `origin` read an answer.

    Credentials are never allowed: a token is sent by the page itself, never by the browser on its own.

    Args:
        allowed: Exact origins; none switches cross-origin requests off.
        origin: The request's own word, None when it has none.

    Returns:
        Nothing when there are no origins; otherwise `Vary`, and the rest only for an origin that is allowed.

    >>> cors_headers({"https://a.example"}, "https://evil.example")
    {'Vary': 'Origin'}
    """
    if not allowed:
        return {}
    if origin is None or origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(EXPOSED),
    }
