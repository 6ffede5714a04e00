"""Settings of a session to their item."""

from domain.model.settings import SessionSettings
from domain.model.value import SessionKey
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import SETTINGS_SK, SettingsItem, session_pk


class SettingsMapper(BaseMapper[SessionSettings, SettingsItem]):
    """A session's settings to the one item of that session; what was not given is not stored."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def to_model(self, entity: SessionSettings) -> SettingsItem:
        """Return the item."""
        stored = entity.as_json()
        return SettingsItem(
            pk=session_pk(self._key),
            sk=SETTINGS_SK,
            tools=stored.get("tools") or None,
            policies=stored.get("policies") or None,
        )

    def to_entity(self, model: SettingsItem) -> SessionSettings:
        """Return the settings."""
        return SessionSettings.model_validate({"tools": model.tools or (), "policies": model.policies or ()})
