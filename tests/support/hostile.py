"""What hostile or broken clients send."""

IDS = (
    "",
    " ",
    "..",
    "../s1",
    "a/b",
    "a.b",
    "a#b",
    "a\0b",
    "a\n",
    "\u0661",  # ARABIC-INDIC DIGIT ONE: a digit to str.isdigit, none to the contract
    "\u00e9",
    "%2e%2e",
    "x" * 65,
    "LOG#1",
    "\ud800",
)
"""None of them is an id: `[A-Za-z0-9_-]{1,64}`."""

FORGED_KEYS = ("#", "a#SESSION#b", "a\0b", "USER#a", "a b", "a/b", "a.b", "é", "a\n", "~", "")
"""Parts of keys with separators and other things in them that would reach further, if they were let in."""

STRANGE_CALL_IDS = (
    *("", "-", "--", "9", "9-", "-0", "9--0", "9-0-", "9-0-1"),
    *("09-0", "9-00", "9-01", "+9-0", "-9-0", "9-+0", "9-1000", "9-100", f"{10**12}-0", "9" * 60 + "-0"),
    *(" 9-0", "9-0 ", "9 -0", "9-0\n", "9-0\0", "9_0-0", "9.0-0", "9e1-0", "0x9-0"),
    *("9-0#x", "9-0#CALL#01", "LOG#000000000009#CALL#00", "9-%", "9-~", "9\u20110", "9\u20130"),
    *("\u0669-\u0660", "\uff19-\uff10", "\u00b2-0", "\u4e5d-0"),
)
"""None of them is a call's id, close as some may look."""

NO_JSON_OBJECTS = {
    "an array": "[]",
    "a string": '"x"',
    "a number": "1",
    "a boolean": "true",
    "null": "null",
    "NaN": '{"content": NaN}',
    "Infinity": '{"content": Infinity}',
    "minus Infinity": '{"content": -Infinity}',
    "cut off": '{"content": "x"',
    "something behind": '{"content": "x"}}',
    "single quotes": "{'content': 'x'}",
    "a comma too many": '{"content": "x",}',
    "a comment": '{"content": "x"} // y',
    "blank": "  ",
    "a byte order mark": '\ufeff{"content": "x"}',
    "an escaped lone surrogate": '{"content": "\\ud800"}',
    "a lone surrogate": '{"content": "\ud800"}',
    "a raw control character": '{"content": "\x01"}',
    "5000 levels": '{"content": ' + "[" * 5000 + "]" * 5000 + "}",
    "a number of 5000 digits": '{"content": ' + "9" * 5000 + "}",
    "a form": "content=x&agent=ask",
}
"""Bodies that are not one JSON object in UTF-8."""

SUBJECTS = (
    *("a", "A", "a ", " a", "a\0", "a\n", "a\r\n", "a\t", "\0a", "a\0\0"),
    *("a#b", "a#SESSION#b", "USER#a", "#", "##", "a/b", "a|b", "a//b", "../a", "a%23b", "a%2Fb", "a:b", "a\\b"),
    *("\u00e9", "e\u0301", "\uff41", "\u0430", "\u212b", "\u00c5", "A\u030a", "\u200ba", "a\u200d", "\ufb01", "fi"),
    *("\u0131", "i", "I", "\u0130", "\u1e9e", "\u00df", "ss", "\U0001f600", "\u202ea", "a\ufe0f"),
    *("x" * 100_000, "x" * 99_999, "x" * 100_001, "true", "null", "0", "{}", "[]", "anonymous", "*", "' OR 1=1 --"),
)
"""Subjects that one careless step, trimming, folding, splitting or cutting, would take for one another."""
