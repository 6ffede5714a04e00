"""What the domain needs of a language model."""

from typing import Protocol

from domain.model.llm import ModelAnswer, ModelRequest


class ModelClient(Protocol):
    """A language model.

    Attributes:
        name: Of the model, as facts and prices know it.
    """

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the model's answer; one attempt.

        Raises:
            ModelFailure: no answer; says whether another attempt can succeed.
        """
        ...
