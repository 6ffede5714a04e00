"""Lambda that relays commits from the table's stream to the bus."""

from functions.runtime.stream import StreamFunction

handler = StreamFunction("publish_events")
