"""Text encodings as a model names them."""

import codecs

from clients.folder import looks_binary
from clients.tools.outcome import ToolRefused

# For host names (their time grows with the square of the length) and for Python literals, not for files.
_NOT_FOR_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_WITH_ZERO_BYTES = ("utf-16", "utf-32")


def decoded(content: bytes, encoding: str) -> str:
    """Return the text that a file holds.

    Raises:
        ToolRefused: no such encoding, or the content is no text in it.
    """
    codec = _named(encoding)
    if not codec.startswith(_WITH_ZERO_BYTES) and looks_binary(content):
        raise ToolRefused("This is a binary file; only text can be read.")
    try:
        return content.decode(codec)
    except UnicodeError as error:
        raise ToolRefused(f"The file is not text in {encoding}: it is binary, or needs another `encoding`.") from error
    except LookupError as error:  # from bytes to bytes, say
        raise _unknown(encoding) from error


def encoded(text: str, encoding: str) -> bytes:
    """Return the bytes of a text.

    Raises:
        ToolRefused: no such encoding, or it lacks one of the characters.
    """
    codec = _named(encoding)
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        raise ToolRefused(
            f"Character {error.start + 1} of the content does not exist in {encoding}; name another `encoding`."
        ) from error
    except (LookupError, UnicodeError) as error:
        raise _unknown(encoding) from error


def _named(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:  # no such codec, or a name that cannot be one
        raise _unknown(encoding) from error
    if name in _NOT_FOR_FILES:
        raise _unknown(encoding)
    return name


def _unknown(encoding: str) -> ToolRefused:
    return ToolRefused(f"`{encoding}` is not a known text encoding.")
