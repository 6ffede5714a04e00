"""The base of every mapper between what the domain knows and what is stored."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

Entity = TypeVar("Entity")
Stored = TypeVar("Stored")


class BaseMapper(ABC, Generic[Entity, Stored]):
    """Maps without loss: `to_entity(to_model(entity)) == entity`, nested values and absent ones included."""

    @abstractmethod
    def to_model(self, entity: Entity) -> Stored:
        """Return the stored form of `entity`."""

    @abstractmethod
    def to_entity(self, model: Stored) -> Entity:
        """Return the entity stored as `model`."""
