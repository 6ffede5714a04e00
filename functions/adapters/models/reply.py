"""A provider's answer in the domain's words."""

from collections.abc import Sequence

from domain.model.llm import ModelAnswer, ModelRequest, RequestedCall
from domain.model.message import Usage
from functions.adapters.models.dialogue import cleaned, json_object_in
from functions.adapters.models.failures import failure

CUT_OFF = "\n\n[The answer ends here: the model came to its limit of tokens.]"


def reply(
    request: ModelRequest, *, model: str, text: str, calls: Sequence[RequestedCall], usage: Usage, is_cut: bool
) -> ModelAnswer:
    """Return the answer, made safe to store and to carry out.

    Args:
        request: What was asked; an answer that must fit a schema is reduced to its JSON.
        model: Name of the model.
        text: As the provider gave it.
        calls: In the model's order.
        usage: As the provider counted.
        is_cut: Whether the model came to its limit before it had finished. A text then says so; of calls, the last
            one is the one cut off, and what is left of its arguments is not passed on.

    Raises:
        ModelFailure: the model had no room for any answer.
    """
    if is_cut and calls:
        calls = (*calls[:-1], calls[-1].model_copy(update={"arguments": None}))
    elif is_cut and text.strip():
        text += CUT_OFF
    elif is_cut:
        raise failure("context_window", "The conversation left the model no room to answer.")
    if request.response_schema is not None:
        text = json_object_in(text)
    return ModelAnswer(text=cleaned(text), calls=tuple(calls), usage=usage, model=model)
