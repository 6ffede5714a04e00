"""Facts about calls of a model."""

from domain.model.events.base import Category, Fact


class LlmRequestCompleted(Fact):
    """A model answered.

    Attributes:
        purpose: `route` or `answer`.
        attempt: How many tries it took, from 1.
        duration_ms: Wall clock over all tries.
        cost_micro_usd: At list price, in millionths of a US dollar; None when the model's price is not known.
        instead_of: The deployment's first model, when that could not answer and this one stood in; else None.
        instead_status: Why it could not, in the words of `ModelFailure`.
    """

    category = Category.LLM
    purpose: str
    model: str
    input_tokens: int
    output_tokens: int
    duration_ms: int
    attempt: int
    cost_micro_usd: int | None = None
    instead_of: str | None = None
    instead_status: str | None = None


class LlmRequestFailed(Fact):
    """A model did not answer, whatever was tried.

    Attributes:
        status: The last failure, in the words of `ModelFailure`.
        instead_of: The deployment's first model, when the one that stood in for it failed too; else None.
        instead_status: Why the first could not answer.
    """

    category = Category.LLM
    priority = 90
    purpose: str
    model: str
    status: str
    duration_ms: int
    attempt: int
    instead_of: str | None = None
    instead_status: str | None = None


class ModelCircuitOpened(Fact):
    """This session's call was the last of too many failures: no worker calls the model until it has recovered.

    Workers that come to the same end at the same moment each say so.
    """

    category = Category.LLM
    priority = 90
    model: str


class ModelCircuitClosed(Fact):
    """This session's call found the model recovered: every worker calls it again."""

    category = Category.LLM
    model: str
